import { createApiRef } from '@backstage/frontend-plugin-api';
import { GovernanceApi } from './api';

export const governanceApiRef = createApiRef<GovernanceApi>({ id: 'plugin.governance.service' });
