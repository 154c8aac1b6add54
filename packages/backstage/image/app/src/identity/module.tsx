import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { SignInPageBlueprint } from '@backstage/plugin-app-react';
import { giteaAuthApi } from './api';

const signInPage = SignInPageBlueprint.make({
  params: { loader: () => import('./SignInPage').then(module => module.SignInPage) },
});

/** Sign-in through Gitea; there is no guest. */
export const identityModule = createFrontendModule({
  pluginId: 'app',
  extensions: [giteaAuthApi, signInPage],
});
