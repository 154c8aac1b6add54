import { MOST } from './api';
import { listQueries, templatesQuery, toolsQuery } from './queries';

describe('what the home page asks the catalogue', () => {
  it.each([undefined, ['group:default/ml-team']])('is bounded, with owners %j', owners => {
    const asked = listQueries(owners);
    expect(asked.map(([list]) => list)).toEqual(['systems', 'pipelines', 'models', 'services', 'docs']);
    for (const [, query] of asked) {
      expect(query.limit).toBe(MOST);
      expect((query.filter as any)['relations.ownedBy']).toEqual(owners);
      expect(query.fields).not.toContain('metadata');
      expect(query.fields).not.toContain('metadata.annotations');
    }
    for (const query of [templatesQuery, toolsQuery]) expect(query.limit).toBeLessThanOrEqual(MOST);
  });

  it('has room for every golden path', () => {
    expect(templatesQuery.limit).toBeGreaterThanOrEqual(20);
  });

  it('takes no pipeline for a service', () => {
    const [, services] = listQueries().find(([list]) => list === 'services')!;
    expect(services.query).toEqual({ 'metadata.annotations.idp.dev/workflow-template': { $exists: false } });
  });
});
