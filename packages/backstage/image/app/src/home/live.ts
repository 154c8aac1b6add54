import { useMemo } from 'react';
import { createApiRef, useApi } from '@backstage/frontend-plugin-api';
import { CatalogApi } from '@backstage/catalog-client';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import useAsync, { AsyncState } from 'react-use/esm/useAsync';
import { Delivery, DocsChange, Governed, HomeApi, Model, Pipeline } from './api';
import { attention, candidates, Matter } from './attention';
import { annotation, APPLICATION, Lists, MODEL, pipelineRef, repositoryOf, Totals } from './lists';
import { listQueries } from './queries';

export const homeApiRef = createApiRef<HomeApi>({ id: 'plugin.home.service' });

export type Live = {
  lists: Lists | undefined;
  totals: Totals | undefined;
  /** Whether there are more entities than were looked at. */
  more: boolean;
  catalogue: AsyncState<unknown>;
  pipelines: AsyncState<Pipeline[] | undefined>;
  models: AsyncState<Model[] | undefined>;
  deliveries: AsyncState<Delivery[] | undefined>;
  docs: AsyncState<DocsChange[] | undefined>;
  matters: Matter[];
  loading: boolean;
  unknown: string[];
};

/** Lists that are looked through, for what needs attention and for what changed last. */
const LOOKED_AT = ['pipelines', 'models', 'services', 'docs'] as const;

/** What Argo CD brings: services, and the pipelines that it deploys. */
const delivered = ({ services, pipelines }: Lists) =>
  [...services, ...pipelines].filter(entity => annotation(entity, APPLICATION));

/** The overview of what `owners` answer for, or of everything; each system is asked on its own. */
export function useLive(owners: string[] | undefined, everything: boolean): Live {
  const catalog = useApi(catalogApiRef);
  const home = useApi(homeApiRef);
  const catalogue = useAsync(async () => {
    if (!everything && !owners) return undefined;
    return overview(catalog, everything ? undefined : owners);
  }, [catalog, owners, everything]);
  const lists = catalogue.value?.lists;
  const totals = catalogue.value?.totals;
  const pipelines = useAsync(
    async () => lists && home.pipelines(lists.pipelines.map(entity => pipelineRef(entity)!)),
    [home, lists],
  );
  const models = useAsync(
    async () => lists && home.models(lists.models.map(entity => annotation(entity, MODEL)!)),
    [home, lists],
  );
  const deliveries = useAsync(
    async () => lists && home.deliveries(delivered(lists).map(entity => annotation(entity, APPLICATION)!)),
    [home, lists],
  );
  const docs = useAsync(
    async () => lists && home.docs(lists.docs.flatMap(entity => repositoryOf(entity) ?? [])),
    [home, lists],
  );
  const governed = useAsync(async () => models.value && decisions(home, models.value), [home, models.value]);
  const matters = useMemo(
    () =>
      lists
        ? attention(lists, {
            pipelines: pipelines.value,
            models: models.value,
            deliveries: deliveries.value,
            governed: governed.value?.found,
          })
        : [],
    [lists, pipelines.value, models.value, deliveries.value, governed.value],
  );
  const unknown = [
    pipelines.error && 'pipelines',
    models.error && 'models',
    deliveries.error && 'deployments',
    governed.value?.missing && 'approvals',
  ].filter(word => typeof word === 'string');
  return {
    lists,
    totals,
    more: LOOKED_AT.some(list => lists && totals && totals[list] > lists[list].length),
    catalogue,
    pipelines,
    models,
    deliveries,
    docs,
    matters,
    loading: !lists || [pipelines, models, deliveries, governed].some(({ loading }) => loading),
    unknown,
  };
}

/** All lists at once: none waits for another. */
async function overview(catalog: CatalogApi, owners: string[] | undefined): Promise<{ lists: Lists; totals: Totals }> {
  const asked = listQueries(owners).map(async ([list, query]) => [list, await catalog.queryEntities(query)] as const);
  const answers = await Promise.all(asked);
  return {
    lists: Object.fromEntries(answers.map(([list, { items }]) => [list, items])) as Lists,
    totals: Object.fromEntries(answers.map(([list, { totalItems }]) => [list, totalItems])) as Totals,
  };
}

/** Each question about a version has Git, MLflow and the cluster asked, so they come a few at a time. */
const AT_ONCE = 5;

/** Of each, the newest version only: what came before is decided, or overtaken. */
async function decisions(home: HomeApi, models: Model[]) {
  const asked = candidates(models);
  const found = new Map<string, Governed>();
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const few = asked.slice(at, at + AT_ONCE);
    const answers = await Promise.allSettled(few.map(({ name, latest }) => home.governed(name, latest!.version)));
    answers.forEach((answer, index) => {
      if (answer.status === 'fulfilled') found.set(few[index].name, answer.value);
    });
  }
  return { found, missing: found.size < asked.length };
}
