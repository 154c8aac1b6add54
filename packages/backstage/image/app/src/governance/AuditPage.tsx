import { useState } from 'react';
import { Content, Header, Link, Page, Progress, Table } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import Button from '@material-ui/core/Button';
import Typography from '@material-ui/core/Typography';
import useAsync from 'react-use/esm/useAsync';
import { Trouble } from '../ui/Trouble';
import { ModelSummary } from './api';
import { AuditView } from './AuditView';
import { governanceApiRef } from './ref';

/** Every model with what is in production and by whose hand; one of them in full. */
export function AuditPage() {
  const governance = useApi(governanceApiRef);
  const { value, error, loading } = useAsync(() => governance.models(), [governance]);
  const [chosen, setChosen] = useState<string>();
  return (
    <Page themeId="tool">
      <Header title="Audit" subtitle="Which model is in production, who approved it, and on what evidence" />
      <Content>
        {loading && <Progress />}
        {error && <Trouble error={error} />}
        {value && value.models.length === 0 && (
          <Typography>There is no model yet: the golden path “Training pipeline” makes one.</Typography>
        )}
        {value && value.models.length > 0 && <Models models={value.models} choose={setChosen} />}
        {chosen && <AuditView key={chosen} model={chosen} />}
      </Content>
    </Page>
  );
}

const nameOf = (ref: string) => ref.split('/').pop();

function Models({ models, choose }: { models: ModelSummary[]; choose: (name: string) => void }) {
  return (
    <Table<ModelSummary & { id: string }>
      title={`Models (${models.length})`}
      data={models.map(model => ({ ...model, id: model.name }))}
      options={{ pageSize: 10, paging: models.length > 10, search: models.length > 5, draggable: false }}
      columns={[
        { title: 'Model', field: 'name', render: row => <Link to={entityPath(row.entityRef)}>{row.name}</Link> },
        { title: 'Owner', field: 'owner', render: row => nameOf(row.owner) },
        { title: 'Newest', field: 'newest', render: row => row.newest ?? 'none yet' },
        { title: 'In production', field: 'production', render: row => row.production ?? 'nothing' },
        { title: 'Since', field: 'since', render: row => (row.since ? new Date(row.since).toLocaleString() : '') },
        { title: 'Promoted by', field: 'by', render: row => (row.by ? nameOf(row.by) : '') },
        {
          title: 'Record',
          sorting: false,
          render: row => (
            <Button size="small" variant="outlined" onClick={() => choose(row.name)}>
              Audit record of {row.name}
            </Button>
          ),
        },
      ]}
    />
  );
}

function entityPath(ref: string): string {
  const [kind, rest] = ref.split(':');
  return `/catalog/${rest.split('/')[0]}/${kind}/${rest.split('/')[1]}`;
}
