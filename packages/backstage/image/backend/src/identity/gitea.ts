import { oidcAuthenticator, OidcAuthResult } from '@backstage/plugin-auth-backend-module-oidc-provider';
import {
  OAuthAuthenticatorResult,
  ProfileTransform,
  SignInResolver,
} from '@backstage/plugin-auth-node';

type OidcContext = ReturnType<typeof oidcAuthenticator.initialize>;

/**
 * The OIDC authenticator, except that it asks Gitea for its endpoints when somebody signs in, and
 * asks again after a failure. The original asks once at start and stays broken if Gitea was late.
 */
export const patientOidcAuthenticator: typeof oidcAuthenticator = {
  ...oidcAuthenticator,
  initialize: options => retryingContext(() => oidcAuthenticator.initialize(options)),
};

/** A context whose `promise` is created on first use and forgotten when it fails. */
export function retryingContext(create: () => OidcContext): OidcContext {
  let current: OidcContext | undefined;
  return {
    initializedPrompt: 'auto',
    searchParams: {},
    get promise() {
      if (!current) {
        const attempt = create();
        current = attempt;
        attempt.promise.catch(() => {
          if (current === attempt) current = undefined;
        });
      }
      return current.promise;
    },
  };
}

/** What the portal shows about the signed-in user: name, address and picture as Gitea has them. */
export const giteaProfile: ProfileTransform<OAuthAuthenticatorResult<OidcAuthResult>> = async ({
  fullProfile: { userinfo },
}) => ({
  profile: {
    displayName: userinfo.name || userinfo.preferred_username,
    email: userinfo.email,
    picture: userinfo.picture,
  },
});

/** The Gitea login is the name of the User entity; whoever has no entity stays outside. */
export const signInByGiteaLogin: SignInResolver<OAuthAuthenticatorResult<OidcAuthResult>> = async (
  { result },
  context,
) => {
  const login = result.fullProfile.userinfo.preferred_username;
  if (!login) {
    throw new Error('Gitea sent no preferred_username: the sign-in needs the scope "profile"');
  }
  return context.signInWithCatalogUser({ entityRef: { name: login } });
};
