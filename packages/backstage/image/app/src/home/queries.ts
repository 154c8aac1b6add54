import { CATALOG_FILTER_EXISTS, GetEntitiesRequest, QueryEntitiesInitialRequest } from '@backstage/catalog-client';
import { MOST } from './api';
import { ANNOTATIONS, APPLICATION, DOCS, Lists, MODEL, WORKFLOW } from './lists';
import { PLATFORM_SYSTEM } from './model';

/** More golden paths than a platform has, and more tools; the catalogue has whatever is beyond. */
const MOST_OFFERED = 30;
const NAMES = ['kind', 'metadata.name', 'metadata.namespace', 'metadata.title', 'metadata.description'];

export const templatesQuery: GetEntitiesRequest = {
  filter: { kind: 'Template' },
  fields: [...NAMES, 'spec.type'],
  limit: MOST_OFFERED,
  order: { field: 'metadata.title', order: 'asc' },
};

export const toolsQuery: GetEntitiesRequest = {
  filter: { kind: 'Component', 'spec.system': PLATFORM_SYSTEM },
  fields: [...NAMES, 'metadata.links', 'spec.type', 'spec.system'],
  limit: MOST_OFFERED,
};

const annotationOf = (name: string) => `metadata.annotations.${name}`;
const annotated = (name: string) => ({ [annotationOf(name)]: CATALOG_FILTER_EXISTS });

/** What belongs into each list. */
const WANTED: Record<keyof Lists, Pick<QueryEntitiesInitialRequest, 'filter' | 'query'>> = {
  systems: { filter: { kind: 'System' } },
  pipelines: { filter: { kind: ['Component', 'Resource'], ...annotated(WORKFLOW) } },
  models: { filter: { kind: 'Resource', ...annotated(MODEL) } },
  services: {
    filter: { kind: 'Component', ...annotated(APPLICATION) },
    query: { 'metadata.annotations.idp.dev/workflow-template': { $exists: false } },
  },
  docs: { filter: annotated(DOCS) },
};

/** One bounded question for each list, of some owners or of all; the answer says how many there are. */
export function listQueries(owners?: string[]): [keyof Lists, QueryEntitiesInitialRequest][] {
  return (Object.keys(WANTED) as (keyof Lists)[]).map(list => {
    const { filter, query } = WANTED[list];
    return [
      list,
      {
        filter: owners ? { ...filter, 'relations.ownedBy': owners } : filter,
        ...(query && { query }),
        fields: [...NAMES, 'spec.type', ...ANNOTATIONS.map(annotationOf)],
        limit: MOST,
        orderFields: { field: 'metadata.name', order: 'asc' },
      },
    ];
  });
}
