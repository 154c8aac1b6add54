import { CATALOG_FILTER_EXISTS, EntityFilterQuery, GetEntitiesRequest } from '@backstage/catalog-client';
import { APPLICATION, DOCS, MODEL, WORKFLOW } from './lists';
import { PLATFORM_SYSTEM } from './model';

/** As many as a card shows before it stops being an overview. */
export const LIMIT = 6;
/** The overview looks at no more entities than these; the catalogue has them all. */
export const MOST_ENTITIES = 500;
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

/** Everything that the overview has a list for, in one question; of some owners, or of all. */
export function overviewQuery(owners?: string[]): GetEntitiesRequest {
  const annotated = (name: string) => ({ [`metadata.annotations.${name}`]: CATALOG_FILTER_EXISTS });
  const wanted = [
    { kind: 'System' },
    { kind: ['Component', 'Resource'], ...annotated(WORKFLOW) },
    { kind: 'Resource', ...annotated(MODEL) },
    { kind: 'Component', ...annotated(APPLICATION) },
    annotated(DOCS),
  ];
  const filter: EntityFilterQuery = wanted.map(each =>
    owners ? { ...each, 'relations.ownedBy': owners } : each,
  );
  return {
    filter,
    fields: [
      'kind',
      'metadata.name',
      'metadata.namespace',
      'metadata.title',
      'metadata.description',
      'metadata.annotations',
      'spec.type',
    ],
    limit: MOST_ENTITIES,
    order: { field: 'metadata.name', order: 'asc' },
  };
}
