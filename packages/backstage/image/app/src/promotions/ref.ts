import { createApiRef } from '@backstage/frontend-plugin-api';
import { PromotionsApi } from './api';

export const promotionsApiRef = createApiRef<PromotionsApi>({ id: 'plugin.promotions.service' });
