import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { NavContentBlueprint } from '@backstage/plugin-app-react';
import { Navigation } from './Navigation';

const navigation = NavContentBlueprint.make({ params: { component: Navigation } });

/** The side bar, in the order in which people look for things. */
export const navModule = createFrontendModule({ pluginId: 'app', extensions: [navigation] });
