import { useMemo } from 'react';
import { createApiRef, useApi } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import useAsync, { AsyncState } from 'react-use/esm/useAsync';
import { Delivery, DocsChange, Governed, HomeApi, Model, Pipeline } from './api';
import { attention, candidates, Matter } from './attention';
import { annotation, APPLICATION, Lists, MODEL, pipelineRef, repositoryOf, sortOut } from './lists';
import { MOST_ENTITIES, overviewQuery } from './queries';

export const homeApiRef = createApiRef<HomeApi>({ id: 'plugin.home.service' });

export type Live = {
  lists: Lists | undefined;
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

/** What Argo CD brings: services, and the pipelines that it deploys. */
const delivered = ({ services, pipelines }: Lists) =>
  [...services, ...pipelines].filter(entity => annotation(entity, APPLICATION));

/** The overview of what `owners` answer for, or of everything; each system is asked on its own. */
export function useLive(owners: string[] | undefined, everything: boolean): Live {
  const catalog = useApi(catalogApiRef);
  const home = useApi(homeApiRef);
  const catalogue = useAsync(async () => {
    if (!everything && !owners) return undefined;
    return (await catalog.getEntities(overviewQuery(everything ? undefined : owners))).items;
  }, [catalog, owners, everything]);
  const lists = useMemo(() => catalogue.value && sortOut(catalogue.value), [catalogue.value]);
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
    async () => lists && home.docs(lists.docs.map(entity => repositoryOf(entity)!)),
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
    more: catalogue.value?.length === MOST_ENTITIES,
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

async function decisions(home: HomeApi, models: Model[]) {
  const names = candidates(models).map(({ name }) => name);
  const answers = await Promise.allSettled(names.map(name => home.governed(name)));
  const found = new Map<string, Governed>();
  answers.forEach((answer, index) => {
    if (answer.status === 'fulfilled') found.set(names[index], answer.value);
  });
  return { found, missing: found.size < names.length };
}
