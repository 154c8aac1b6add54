import { useState } from 'react';
import { Link, Progress } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import Button from '@material-ui/core/Button';
import Grid from '@material-ui/core/Grid';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import Typography from '@material-ui/core/Typography';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import useInterval from 'react-use/esm/useInterval';
import { Status } from '../ui/Status';
import { Trouble } from '../ui/Trouble';
import { WideTable } from '../ui/WideTable';
import { Application } from './api';
import { Summary } from './DeploymentCard';
import { History } from './History';
import { APPLICATION_ANNOTATION, argocdApiRef } from './plugin';

const EVERY_5_SECONDS = 5_000;

/** What is deployed, of which parts, what was before, and the way back. */
export function DeploymentTab() {
  const { entity } = useEntity();
  const argocd = useApi(argocdApiRef);
  const name = entity.metadata.annotations![APPLICATION_ANNOTATION];
  const { value, error, loading, retry } = useAsyncRetry(() => argocd.getApplication(name), [argocd, name]);
  useInterval(retry, EVERY_5_SECONDS);
  if (error) {
    return (
      <EntityInfoCard title="Deployment">
        <Trouble error={error} retry={retry} />
      </EntityInfoCard>
    );
  }
  if (!value) return loading ? <Progress /> : null;
  return <Shown application={value} changed={retry} />;
}

function Shown({ application, changed }: { application: Application; changed: () => void }) {
  const argocd = useApi(argocdApiRef);
  const { name, url, mayChange, mayNot } = application;
  const [said, setSaid] = useState<string>();
  const [failed, setFailed] = useState<Error>();
  const refresh = async () => {
    try {
      await argocd.refresh(name);
      setFailed(undefined);
      setSaid('Argo CD compares with Git now.');
      changed();
    } catch (error) {
      setFailed(error as Error);
    }
  };
  return (
    <Grid container spacing={3}>
      <Grid item xs={12}>
        <EntityInfoCard
          title="Deployment"
          headerActions={
            <Button variant="outlined" size="small" disabled={!mayChange} onClick={refresh}>
              Refresh
            </Button>
          }
          footerActions={url && <Link to={url}>Application {name} in Argo CD</Link>}
        >
          <Summary application={application} />
          {said && !failed && <Typography role="status">{said}</Typography>}
          {failed && <Trouble error={failed} />}
          {mayNot && (
            <Typography color="textSecondary" style={{ marginTop: 16 }}>
              You cannot refresh it or roll it back: {mayNot}.
            </Typography>
          )}
        </EntityInfoCard>
      </Grid>
      <Grid item xs={12}>
        <History application={application} changed={changed} />
      </Grid>
      <Grid item xs={12}>
        <Resources resources={application.resources} />
      </Grid>
    </Grid>
  );
}

function Resources({ resources }: Pick<Application, 'resources'>) {
  return (
    <EntityInfoCard title="What it is made of">
      <WideTable label="What it is made of">
        <TableHead>
          <TableRow>
            {['Kind', 'Name', 'Git and cluster', 'Health'].map(title => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {resources.map(({ kind, name, sync, health, message }) => (
            <TableRow key={`${kind} ${name}`}>
              <TableCell>{kind}</TableCell>
              <TableCell>{name}</TableCell>
              <TableCell>{sync && <Status word={sync} />}</TableCell>
              <TableCell title={message}>{health && <Status word={health} />}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </WideTable>
    </EntityInfoCard>
  );
}
