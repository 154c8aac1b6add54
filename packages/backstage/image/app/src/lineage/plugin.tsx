import { createFrontendPlugin } from '@backstage/frontend-plugin-api';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';

const KINDS = ['component', 'api', 'resource', 'system'];

const lineage = EntityContentBlueprint.make({
  name: 'lineage',
  params: {
    path: '/lineage',
    title: 'Lineage',
    filter: { kind: { $in: KINDS } },
    loader: () => import('./LineageTab').then(module => <module.LineageTab />),
  },
});

/** From any entry back to its data, and on to whoever uses it. */
export const lineagePlugin = createFrontendPlugin({
  pluginId: 'lineage',
  title: 'Lineage',
  extensions: [lineage],
});
