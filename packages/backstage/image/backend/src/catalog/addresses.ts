import { Entity } from '@backstage/catalog-model';

/** `idp://HOST`: a host of whichever platform shows it. Repositories name addresses so, and can move. */
const ADDRESS = /\bidp:\/\/([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)(?![-\w@]|[.:]\w)/g;

/** A text with the addresses of this platform; `pattern` is one of them, with `{host}` in its place. */
export function resolved(text: string, pattern: string): string {
  return text.replace(ADDRESS, (_, host) => pattern.replace('{host}', host));
}

/** An entity whose links and API description lead to this platform. */
export function withAddresses(entity: Entity, pattern: string): Entity {
  const { metadata, spec } = entity;
  const definition = spec?.definition;
  return {
    ...entity,
    metadata: {
      ...metadata,
      ...(metadata.links && { links: metadata.links.map(link => ({ ...link, url: resolved(link.url, pattern) })) }),
    },
    ...(typeof definition === 'string' && { spec: { ...spec, definition: resolved(definition, pattern) } }),
  };
}
