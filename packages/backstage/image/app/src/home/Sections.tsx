import { Link } from '@backstage/core-components';
import { headline, shown } from '../ml/model';
import { Ago } from '../ui/Ago';
import { Status } from '../ui/Status';
import { lastRun, tabPath } from './attention';
import { annotation, APPLICATION, MODEL, repositoryOf } from './lists';
import { Live } from './live';
import { docsPath, kindOf } from './model';
import { Overview } from './Overview';

/** What a team has, list by list, with what each system says of it. */
export function Sections({ live, everything }: { live: Live; everything: boolean }) {
  const { lists, totals, pipelines, models, deliveries, docs } = live;
  const catalogue = (filters: string) =>
    `/catalog?filters%5Buser%5D=${everything ? 'all' : 'owned'}&${filters.replace(/(\w+)=/g, 'filters%5B$1%5D=')}`;
  const changes = docs.value ?? [];
  const changed = changes.flatMap(
    ({ repository }) => lists?.docs.find(entity => repositoryOf(entity) === repository) ?? [],
  );

  return (
    <>
      <Overview
        title="Pipelines"
        heads={['Last run', 'When']}
        entities={lists?.pipelines}
        total={totals?.pipelines}
        path={entity => tabPath(entity, 'pipeline')}
        all={catalogue('kind=component&type=ml-pipeline')}
        empty="No pipeline yet: start one from a golden path."
        trouble={{ who: 'The last runs', error: pipelines.error }}
        cells={entity => {
          const last = lastRun(entity, pipelines.value);
          if (!last) return [pipelines.value ? 'none yet' : '', ''];
          return [<Status word={last.phase} />, <Ago time={last.finishedAt ?? last.startedAt} />];
        }}
      />
      <Overview
        title="Models"
        heads={['Version', 'Stage', 'Metric']}
        entities={lists?.models}
        total={totals?.models}
        path={entity => tabPath(entity, 'model')}
        all={catalogue('kind=resource&type=ai-model')}
        empty="No model yet: a training pipeline registers one."
        trouble={{ who: 'The versions', error: models.error }}
        cells={entity => {
          const found = models.value?.find(({ name }) => name === annotation(entity, MODEL));
          if (!found?.latest) return [models.value ? 'none yet' : '', '', ''];
          const { version, aliases, metrics } = found.latest;
          const metric = headline(metrics);
          return [
            <Link to={found.url}>{version}</Link>,
            aliases.join(', ') || 'none',
            metric && `${metric.name} ${shown(metric.value)}`,
          ];
        }}
      />
      <Overview
        title="Services"
        heads={['Health', 'In Git', 'Deployed']}
        entities={lists?.services}
        total={totals?.services}
        path={entity => tabPath(entity, 'deployment')}
        all={catalogue('kind=component')}
        empty="No service yet: put a model behind one with a golden path."
        trouble={{ who: 'Health', error: deliveries.error }}
        cells={entity => {
          const found = deliveries.value?.find(({ name }) => name === annotation(entity, APPLICATION));
          if (!found) return [deliveries.value ? 'not deployed' : '', '', ''];
          return [<Status word={found.health} />, found.sync, <Ago time={found.deployedAt} />];
        }}
      />
      <Overview
        title="Systems"
        heads={['What it is']}
        entities={lists?.systems}
        total={totals?.systems}
        all={catalogue('kind=system')}
        empty="No system is in the catalogue yet."
        cells={entity => [entity.metadata.description ?? kindOf(entity)]}
      />
      <Overview
        title="Documentation"
        heads={['Changed', 'What']}
        entities={lists && (changed.length > 0 ? changed : lists.docs)}
        total={totals?.docs}
        path={docsPath}
        all="/docs"
        empty="No entry has documentation yet."
        trouble={{ who: 'The latest changes', error: docs.error }}
        cells={entity => {
          const change = changes.find(({ repository }) => repository === repositoryOf(entity));
          return [<Ago time={change?.changedAt} />, change && <Link to={change.url}>{change.message}</Link>];
        }}
      />
    </>
  );
}
