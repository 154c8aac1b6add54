import { identityApiRef, useApi } from '@backstage/core-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import useAsync from 'react-use/esm/useAsync';
import { greeting } from './model';

/** A greeting for the signed-in user; empty until it is known who that is. */
export function useGreeting(): string {
  const identity = useApi(identityApiRef);
  const catalog = useApi(catalogApiRef);
  const { value = '' } = useAsync(async () => {
    const { userEntityRef } = await identity.getBackstageIdentity();
    const user = await catalog.getEntityByRef(userEntityRef);
    return greeting(user, userEntityRef, new Date().getHours());
  }, [identity, catalog]);
  return value;
}

/** The user and the groups that the user speaks for. */
export function useGroups(): string[] | undefined {
  const identity = useApi(identityApiRef);
  return useAsync(async () => (await identity.getBackstageIdentity()).ownershipEntityRefs, [identity]).value;
}
