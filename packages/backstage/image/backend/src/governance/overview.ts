import { BackstageCredentials } from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { Governance } from './governance';
import { promotionFrom, promotionPath } from './record';

/** As many models as are listed; a platform with more is looked through by search. */
const MOST = 500;

/** Every model of the catalogue with its version in production, and by whose hand it is there. */
export async function overviewOf(governance: Governance, catalog: CatalogService, credentials: BackstageCredentials) {
  const { mlflow, gitea, repository } = governance.systems;
  const filter = { kind: 'Resource', 'spec.type': 'ai-model' };
  const [{ items }, registered, decided] = await Promise.all([
    catalog.getEntities({ filter, limit: MOST }, { credentials }),
    mlflow.models(),
    gitea.listFolder(repository, 'models'),
  ]);
  const rows = items.map(async entity => {
    const name = entity.metadata.annotations?.['idp.dev/mlflow-model'] ?? entity.metadata.name;
    const model = registered.find(one => one.name === name);
    const production = model && governance.productionOf(model);
    const kept = production && decided.includes(name) ? await gitea.readFile(repository, promotionPath(name)) : undefined;
    const promotion = kept && promotionFrom(kept.text);
    return {
      name,
      entityRef: stringifyEntityRef(entity),
      owner: String(entity.spec?.owner ?? ''),
      newest: model?.latest_versions?.map(({ version }) => Number(version)).sort((a, b) => b - a)[0]?.toString(),
      production,
      ...(promotion && promotion.version === production && { since: promotion.at, by: promotion.by }),
    };
  });
  return { models: (await Promise.all(rows)).sort((one, other) => one.name.localeCompare(other.name)) };
}
