import { Entity, getCompoundEntityRef } from '@backstage/catalog-model';
import { Link } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import useAsync from 'react-use/esm/useAsync';
import { Promotion } from './api';
import { Lines, Part } from './Part';
import { short } from './words';

const APPLICATION = 'argocd/app-name';
const MODEL = 'idp.dev/mlflow-model';

/** The deployments that came or changed, each with its page in the catalogue. */
export function Services({ names }: { names: string[] }) {
  const pages = usePages('Component', undefined, APPLICATION, names);
  return (
    <Part title="Services" of={names}>
      <Lines label="Services" lines={names.map(name => <Named key={name} name={name} page={pages.get(name)} />)} />
    </Part>
  );
}

/** The models that came, each with its versions and what they are called. */
export function Models({ models }: { models: Promotion['models'] }) {
  const names = models.map(({ name }) => name);
  const pages = usePages('Resource', 'ai-model', MODEL, names);
  return (
    <Part title="Models" of={models}>
      <Lines
        label="Models"
        lines={models.map(({ name, versions, aliases }) => (
          <div key={name}>
            <Named name={name} page={pages.get(name)} />
            {versions.map(({ version, sha256 }) => {
              const called = aliases.filter(alias => alias.version === version).map(({ alias }) => alias);
              return (
                <div key={version} style={{ paddingLeft: 16 }}>
                  version {version}
                  {called.length > 0 && `, ${called.join(', ')}`}: <code title={sha256}>{short(sha256)}</code>
                </div>
              );
            })}
            {aliases
              .filter(({ version }) => !versions.some(known => known.version === version))
              .map(({ alias, version }) => (
                <div key={alias} style={{ paddingLeft: 16 }}>
                  {alias}: version {version}, which was there
                </div>
              ))}
          </div>
        ))}
      />
    </Part>
  );
}

/** A link where there is a page, else the words alone. */
function Named({ name, page }: { name: string; page?: string }) {
  return page ? <Link to={page} underline="always">{name}</Link> : <>{name}</>;
}

/** Pages of the entities that stand for these names. What the catalogue does not know, or cannot say now, has none. */
function usePages(kind: string, type: string | undefined, annotation: string, names: string[]): Map<string, string> {
  const catalog = useApi(catalogApiRef);
  const { value } = useAsync(async () => {
    if (names.length === 0) return [];
    const filter = { kind, ...(type && { 'spec.type': type }), [`metadata.annotations.${annotation}`]: names };
    return (await catalog.getEntities({ filter, fields: ['kind', 'metadata'] })).items;
  }, [catalog, kind, type, annotation, names.join()]);
  return new Map((value ?? []).map(entity => [entity.metadata.annotations?.[annotation] ?? '', pageOf(entity)]));
}

function pageOf(entity: Entity): string {
  const { kind, namespace, name } = getCompoundEntityRef(entity);
  return `/catalog/${namespace}/${kind.toLowerCase()}/${name}`;
}
