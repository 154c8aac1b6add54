import { attention, candidates } from './attention';
import { repositoryOf } from './lists';

const entity = (kind: string, name: string, annotations: Record<string, string> = {}) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: {
    name,
    annotations: {
      'backstage.io/managed-by-location': `url:https://gitea.idp.localhost:8443/ml/${name}/src/branch/main/catalog-info.yaml`,
      ...annotations,
    },
  },
});

const pump = entity('Component', 'pump', {
  'argocd/app-name': 'pump',
  'backstage.io/kubernetes-namespace': 'ml-pump',
  'backstage.io/techdocs-ref': 'dir:.',
  'idp.dev/workflow-template': 'pump',
});
const model = entity('Resource', 'pump', { 'idp.dev/mlflow-model': 'pump' });
const service = entity('Component', 'pump-api', { 'argocd/app-name': 'pump-api', 'idp.dev/mlflow-model': 'pump' });
const lists = { pipelines: [pump], models: [model], services: [service] };

const versioned = (aliases: string[]) => [
  { name: 'pump', url: '', latest: { version: '3', aliases, metrics: {}, createdAt: '2026-11-23T17:00:00Z' } },
];

describe('lists', () => {
  it('knows the repository behind an entity', () => {
    expect(repositoryOf(pump)).toBe('ml/pump');
    expect(repositoryOf(entity('Component', 'x', { 'backstage.io/managed-by-location': 'file:/x' }))).toBeUndefined();
  });
});

describe('what needs attention', () => {
  it('is nothing where everything is well', () => {
    const live = {
      pipelines: [{ namespace: 'ml-pump', template: 'pump', last: { name: 'pump-1', phase: 'Succeeded' } }],
      deliveries: [{ name: 'pump', sync: 'Synced', health: 'Healthy' }],
      models: versioned(['production']),
    };
    expect(attention(lists, live)).toEqual([]);
    expect(candidates(live.models)).toEqual([]);
  });

  it('is what failed, what is degraded and what waits for somebody, with the way there', () => {
    const models = versioned([]);
    const checks = [
      { id: 'gates', title: 'Gates', ok: true, reason: 'passed' },
      { id: 'card', title: 'Model card', ok: false, reason: 'Limitations is empty' },
    ];
    const found = attention(lists, {
      pipelines: [{ namespace: 'ml-pump', template: 'pump', last: { name: 'pump-2', phase: 'Failed' } }],
      deliveries: [{ name: 'pump-api', sync: 'Synced', health: 'Degraded' }],
      models,
      governed: new Map([['pump', { versions: { '3': { state: 'unapproved', checks } } }]]),
    });
    expect(candidates(models)).toEqual(models);
    expect(found.map(({ word }) => word)).toEqual(['Degraded', 'Failed', 'Undecided']);
    expect(found.map(({ to, what }) => [to, what])).toEqual([
      ['/catalog/default/component/pump-api/deployment', 'The application is degraded'],
      ['/catalog/default/component/pump/pipeline', 'The last run failed'],
      ['/catalog/default/resource/pump/model', 'Version 3: Model card – Limitations is empty'],
    ]);
  });

  it('is an approval once every check is passed', () => {
    const governed = new Map([['pump', { versions: { '3': { state: 'unapproved', checks: [] } } }]]);
    expect(attention(lists, { models: versioned(['candidate']), governed })[0].what).toBe('Version 3 waits for approval');
  });

  it('asks about a bounded number of models', () => {
    const many = Array.from({ length: 50 }, () => versioned([])[0]);
    expect(candidates(many)).toHaveLength(20);
  });
});
