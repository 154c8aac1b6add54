import { OAuth2 } from '@backstage/core-app-api';
import {
  ApiRef,
  BackstageIdentityApi,
  configApiRef,
  createApiRef,
  discoveryApiRef,
  oauthRequestApiRef,
  ProfileInfoApi,
  SessionApi,
} from '@backstage/core-plugin-api';
import { ApiBlueprint } from '@backstage/frontend-plugin-api';

/** The session of whoever is signed in through Gitea. */
export const giteaAuthApiRef: ApiRef<ProfileInfoApi & BackstageIdentityApi & SessionApi> = createApiRef({
  id: 'auth.gitea',
});

export const giteaAuthApi = ApiBlueprint.make({
  name: 'gitea-auth',
  params: defineParams =>
    defineParams({
      api: giteaAuthApiRef,
      deps: { configApi: configApiRef, discoveryApi: discoveryApiRef, oauthRequestApi: oauthRequestApiRef },
      factory: ({ configApi, discoveryApi, oauthRequestApi }) =>
        OAuth2.create({
          configApi,
          discoveryApi,
          oauthRequestApi,
          environment: configApi.getOptionalString('auth.environment'),
          provider: { id: 'oidc', title: 'Gitea', icon: () => null },
          defaultScopes: ['openid', 'profile', 'email'],
        }),
    }),
});
