import { createApp } from '@backstage/frontend-defaults';
import { argocdPlugin } from './argocd/plugin';
import { brandModule } from './brand/module';
import { governancePlugin } from './governance/plugin';
import { homePlugin } from './home/plugin';
import { identityModule } from './identity/module';
import { lineagePlugin } from './lineage/plugin';
import { mlPlugin } from './ml/plugin';
import { navModule } from './nav/module';
import { pipelinesPlugin } from './pipelines/plugin';
import { promotionsPlugin } from './promotions/plugin';
import { scorecardPlugin } from './scorecard/plugin';
import { settingsModule } from './settings/module';

/**
 * The portal. Plugins from packages are found by themselves (`app.packages: all`): adding one
 * means adding its package. What is listed here is our own.
 */
export default createApp({
  features: [
    identityModule,
    brandModule,
    navModule,
    settingsModule,
    homePlugin,
    argocdPlugin,
    mlPlugin,
    governancePlugin,
    lineagePlugin,
    pipelinesPlugin,
    promotionsPlugin,
    scorecardPlugin,
  ],
});
