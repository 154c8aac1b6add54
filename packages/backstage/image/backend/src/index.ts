import { createBackend } from '@backstage/backend-defaults';

const backend = createBackend();

backend.add(import('./http/proxyGuard'));

// The pages themselves, and who may see and do what in them.
backend.add(import('@backstage/plugin-app-backend'));
backend.add(import('@backstage/plugin-user-settings-backend'));
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('./identity/module'));
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(import('./permission/module'));

// Catalogue: seeded locations plus every repository of the users' organisation in Gitea.
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(import('@backstage/plugin-catalog-backend-module-gitea'));
backend.add(import('@backstage/plugin-catalog-backend-module-logs'));
backend.add(import('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'));
backend.add(import('./catalog/module'));

// Golden paths, with the platform's own steps.
backend.add(import('@backstage/plugin-scaffolder-backend'));
backend.add(import('@backstage/plugin-scaffolder-backend-module-gitea'));
backend.add(import('./scaffolder/module'));

// Documentation, built before anybody asks for it, so that search knows it.
backend.add(import('@backstage/plugin-techdocs-backend'));
backend.add(import('./docs/module'));

// Search over entities, documentation, models and experiments, in PostgreSQL.
backend.add(import('@backstage/plugin-search-backend'));
backend.add(import('@backstage/plugin-search-backend-module-pg'));
backend.add(import('@backstage/plugin-search-backend-module-catalog'));
backend.add(import('@backstage/plugin-search-backend-module-techdocs'));
backend.add(import('./ml/search'));

// What runs: pods by the Kubernetes plugin, delivery by Argo CD.
backend.add(import('@backstage/plugin-kubernetes-backend'));
backend.add(import('./argocd/plugin'));
backend.add(import('./pipelines/plugin'));

// Experiments and models, what is decided about them, and what an entity lacks.
backend.add(import('./ml/plugin'));
backend.add(import('./governance/plugin'));
backend.add(import('./scorecard/plugin'));

// What came from other platforms.
backend.add(import('./promotions/plugin'));

// What the home page tells that no other plugin knows.
backend.add(import('./home/plugin'));

backend.start();
