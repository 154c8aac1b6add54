import { ReactNode } from 'react';
import { Entity, getCompoundEntityRef } from '@backstage/catalog-model';
import { Link } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { catalogApiRef, EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import Grid from '@material-ui/core/Grid';
import useAsync from 'react-use/esm/useAsync';
import { GovernancePanel } from '../governance/GovernancePanel';
import { Fact } from '../ui/Fact';
import { Version } from './api';
import { EvidenceCards } from './Evidence';
import { commitPage, gitServer, headline, shown } from './model';

/** Everything about one version: where it came from, how good it is, what explains it. */
export function VersionPanel({ model, version }: { model: string; version: Version }) {
  return (
    <Grid container spacing={3}>
      <Grid item xs={12}>
        <EntityInfoCard title={`Version ${version.version}`}>
          <Grid container spacing={2}>
            <Origin version={version} />
            <Fact title="Metrics" wide>
              {metricsInWords(version.metrics)}
            </Fact>
          </Grid>
        </EntityInfoCard>
      </Grid>
      <Grid item xs={12}>
        <GovernancePanel model={model} version={version.version} />
      </Grid>
      <EvidenceCards model={model} version={version.version} />
    </Grid>
  );
}

/** The code, the data and the run that a version came from, each with a way there. */
function Origin({ version: { tags, runId, runUrl } }: { version: Version }) {
  const { entity } = useEntity();
  const catalog = useApi(catalogApiRef);
  const repository = tags['code.repository'] || undefined;
  const dataset = tags['data.name'] || undefined;
  const pipeline = repository?.split('/')[1];
  // What the catalogue does not know, or cannot say now, is shown without a link.
  const known = useAsync(async () => {
    const refs = [dataset && `resource:default/${dataset}`, pipeline && `component:default/${pipeline}`];
    const entityRefs = refs.filter((ref): ref is string => Boolean(ref));
    return entityRefs.length > 0 ? (await catalog.getEntitiesByRefs({ entityRefs })).items : [];
  }, [catalog, dataset, pipeline]);
  const entities = (known.value ?? []).filter((found): found is Entity => Boolean(found));
  const data = entities.find(({ kind }) => kind === 'Resource');
  const steps = entities.find(({ kind }) => kind === 'Component');
  const server = gitServer(entity);
  const commit = tags['code.commit'] || undefined;
  const dataVersion = tags['data.version'] || undefined;
  const run = tags['pipeline.run'] || undefined;
  return (
    <>
      <Fact title="Code">{repository && <To page={server && `${server}/${repository}`}>{repository}</To>}</Fact>
      <Fact title="Code commit">
        {commit && (
          <To page={commitPage(server, repository, commit)}>
            <code title={commit}>{commit.slice(0, 10)}</code>
          </To>
        )}
      </Fact>
      <Fact title="Data set">{dataset && <To page={data && pageOf(data)}>{dataset}</To>}</Fact>
      <Fact title="Data version">
        {dataVersion && (
          <To page={data && commitPage(gitServer(data), `ml/${dataset}`, dataVersion)}>
            <code>{dataVersion}</code>
          </To>
        )}
      </Fact>
      <Fact title="Pipeline run">{run && <To page={steps && `${pageOf(steps)}/pipeline`}>{run}</To>}</Fact>
      <Fact title="MLflow run">{runId && <To page={runUrl}>{runId.slice(0, 10)}</To>}</Fact>
    </>
  );
}

/** A link where there is a page, else the words alone. */
function To({ page, children }: { page?: string; children: ReactNode }) {
  return page ? <Link to={page}>{children}</Link> : <>{children}</>;
}

function pageOf(entity: Entity): string {
  const { kind, namespace, name } = getCompoundEntityRef(entity);
  return `/catalog/${namespace}/${kind.toLowerCase()}/${name}`;
}

function metricsInWords(metrics: Record<string, number>): string {
  const first = headline(metrics)?.name;
  const names = Object.keys(metrics).sort((one, other) => Number(other === first) - Number(one === first));
  return names.map(name => `${name} ${shown(metrics[name])}`).join(', ');
}
