import { getCompoundEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/core-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import { scorecardApiRef } from './plugin';

/** The scorecard of the entity whose page this is. */
export function useScorecard() {
  const { entity } = useEntity();
  const scorecards = useApi(scorecardApiRef);
  return useAsyncRetry(
    () => scorecards.of(getCompoundEntityRef(entity)),
    [scorecards, stringifyEntityRef(entity)],
  );
}
