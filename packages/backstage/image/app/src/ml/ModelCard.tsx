import { getCompoundEntityRef } from '@backstage/catalog-model';
import { Link, Progress } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import Grid from '@material-ui/core/Grid';
import Typography from '@material-ui/core/Typography';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import { Ago } from '../ui/Ago';
import { Fact } from '../ui/Fact';
import { Trouble } from '../ui/Trouble';
import { Version } from './api';
import { headline, inProduction, MODEL_ANNOTATION, shown } from './model';
import { mlApiRef } from './plugin';

/** The newest version and the one in production, each with the metric that stands for the rest. */
export function ModelCard() {
  const { entity } = useEntity();
  const ml = useApi(mlApiRef);
  const name = entity.metadata.annotations![MODEL_ANNOTATION];
  const { value, error, loading, retry } = useAsyncRetry(() => ml.getModel(name), [ml, name]);
  const { kind, namespace, name: own } = getCompoundEntityRef(entity);
  const tab = `/catalog/${namespace}/${kind.toLowerCase()}/${own}/model`;
  const [latest] = value?.versions ?? [];
  return (
    <EntityInfoCard title="Model" footerActions={<Link to={tab}>All about {name}</Link>}>
      {loading && !value && <Progress />}
      {error && <Trouble error={error} retry={retry} />}
      {value && !latest && <Typography color="textSecondary">No version yet.</Typography>}
      {latest && !error && (
        <Grid container spacing={2}>
          <Fact title="Newest version">
            <InShort version={latest} tab={tab} />
          </Fact>
          <Fact title="Registered">
            <Ago time={latest.createdAt} />
          </Fact>
          <Fact title="In production">
            <Production versions={value!.versions} tab={tab} />
          </Fact>
          <Fact title="Versions">{value!.versions.length}</Fact>
        </Grid>
      )}
    </EntityInfoCard>
  );
}

function Production({ versions, tab }: { versions: Version[]; tab: string }) {
  const version = inProduction(versions);
  return version ? <InShort version={version} tab={tab} /> : <>none</>;
}

function InShort({ version: { version, metrics }, tab }: { version: Version; tab: string }) {
  const metric = headline(metrics);
  return (
    <>
      <Link to={`${tab}?version=${version}`}>Version {version}</Link>
      {metric && <div>{`${metric.name} ${shown(metric.value)}`}</div>}
    </>
  );
}
