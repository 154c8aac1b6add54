import { CATALOG_FILTER_EXISTS, GetEntitiesRequest } from '@backstage/catalog-client';
import { PLATFORM_SYSTEM } from './model';

/** As many as a card shows before it stops being an overview. */
export const LIMIT = 6;
const FIELDS = ['kind', 'metadata', 'spec.type', 'spec.system'];

export const templatesQuery: GetEntitiesRequest = {
  filter: { kind: 'Template' },
  fields: FIELDS,
  limit: LIMIT,
  order: { field: 'metadata.title', order: 'asc' },
};

export const toolsQuery: GetEntitiesRequest = {
  filter: { kind: 'Component', 'spec.system': PLATFORM_SYSTEM },
  fields: FIELDS,
};

export const docsQuery: GetEntitiesRequest = {
  filter: { 'metadata.annotations.backstage.io/techdocs-ref': CATALOG_FILTER_EXISTS },
  fields: [...FIELDS, 'relations'],
  order: { field: 'metadata.name', order: 'asc' },
};

/** What a user answers for, alone or with a group. */
export function mineQuery(ownership: string[]): GetEntitiesRequest {
  return {
    filter: { kind: ['System', 'Component', 'API', 'Resource'], 'relations.ownedBy': ownership },
    fields: FIELDS,
    limit: LIMIT,
    order: { field: 'metadata.name', order: 'asc' },
  };
}
