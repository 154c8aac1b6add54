// Loads everything that the portal loads at its start, so that V8's compile cache in the image holds
// it. There is no configuration and no database here; what then fails is not of interest.
const module_ = require('node:module');

process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});
require('./backend');
setTimeout(() => {
  module_.flushCompileCache();
  process.exit(0);
}, 20_000);
