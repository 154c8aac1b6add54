// Loads what the portal loads at its start, so that V8's compile cache in the image holds it. No
// database is there: plugins get as far as that, and what then fails is not of interest.
const { flushCompileCache } = require('node:module');

const SECONDS = 30;

Object.assign(process.env, {
  LOG_LEVEL: 'none',
  PLATFORM_NAME: 'none',
  PORTAL_URL: 'https://portal.invalid',
  GITEA_URL: 'https://gitea.invalid',
  GITEA_HOST: 'gitea.invalid',
  USERS_ORGANIZATION: 'none',
  PGHOST: '127.0.0.1',
  PGPORT: '1',
  APP_CONFIG_backend_listen: '"127.0.0.1:0"',
  APP_CONFIG_auth_session_secret: '"none"',
  APP_CONFIG_auth_providers_oidc_production_clientId: '"none"',
  APP_CONFIG_auth_providers_oidc_production_clientSecret: '"none"',
  APP_CONFIG_integrations_gitea: JSON.stringify([{ host: 'gitea.invalid' }]),
});
// Whatever gives up does so without taking the rest along.
const exit = process.exit;
process.exit = () => {};
process.removeAllListeners('unhandledRejection');
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

require('./backend');
setTimeout(() => {
  flushCompileCache();
  exit(0);
}, SECONDS * 1000);
