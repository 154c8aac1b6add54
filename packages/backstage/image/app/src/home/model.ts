import { Entity, isUserEntity, parseEntityRef } from '@backstage/catalog-model';

/** The system that the platform's own parts belong to. */
export const PLATFORM_SYSTEM = 'developer-platform';

/** What an entity is, in the catalogue's own words: its type, or its kind where there is none. */
export const kindOf = ({ kind, spec }: Entity) => (spec?.type as string | undefined) ?? kind.toLowerCase();

export const titleOf = ({ metadata }: Entity) => metadata.title ?? metadata.name;

/** Pages with the source of something, which are not what one works with. */
const SOURCE = '/src/branch/';

/** The platform's parts that have a page of their own, other than the portal at `origin`. */
export function toolsAmong(components: Entity[], origin: string): { entity: Entity; url: string }[] {
  return components
    .filter(({ spec }) => spec?.system === PLATFORM_SYSTEM)
    .flatMap(entity => {
      const page = entity.metadata.links?.find(({ url }) => !url.includes(SOURCE));
      return page && !page.url.startsWith(origin) ? [{ entity, url: page.url }] : [];
    })
    .sort((one, other) => titleOf(one.entity).localeCompare(titleOf(other.entity)));
}

/** How to greet: by name, or by login where no name is known. */
export function greeting(user: Entity | undefined, ref: string, hour: number): string {
  const shown = user && isUserEntity(user) ? user.spec.profile?.displayName : undefined;
  const name = shown ?? parseEntityRef(ref).name;
  if (hour < 5 || hour >= 18) return `Good evening, ${name}`;
  return hour < 12 ? `Good morning, ${name}` : `Good afternoon, ${name}`;
}

const path = ({ kind, metadata: { namespace = 'default', name } }: Entity) =>
  `${namespace}/${kind.toLowerCase()}/${name}`;

export const entityPath = (entity: Entity) => `/catalog/${path(entity)}`;
export const docsPath = (entity: Entity) => `/docs/${path(entity)}`;
export const templatePath = ({ metadata: { namespace = 'default', name } }: Entity) =>
  `/create/templates/${namespace}/${name}`;
