import { createBackendModule } from '@backstage/backend-plugin-api';
import { authProvidersExtensionPoint, createOAuthProviderFactory } from '@backstage/plugin-auth-node';
import { giteaProfile, patientOidcAuthenticator, signInByGiteaLogin } from './gitea';

/** Sign-in with Gitea as the OIDC provider; there is no other way in. */
export default createBackendModule({
  pluginId: 'auth',
  moduleId: 'gitea-sign-in',
  register({ registerInit }) {
    registerInit({
      deps: { providers: authProvidersExtensionPoint },
      async init({ providers }) {
        providers.registerProvider({
          providerId: 'oidc',
          factory: createOAuthProviderFactory({
            authenticator: patientOidcAuthenticator,
            profileTransform: giteaProfile,
            signInResolver: signInByGiteaLogin,
          }),
        });
      },
    });
  },
});
