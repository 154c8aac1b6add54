import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { identityApiRef } from '@backstage/core-plugin-api';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HomeApi } from './api';
import { HomePage } from './HomePage';
import { homeApiRef } from './live';

jest.mock('@backstage/plugin-search', () => ({ HomePageSearchBar: () => null }));

const entity = (kind: string, name: string, annotations: Record<string, string> = {}) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { name, annotations },
});
const pipeline = (name: string) =>
  entity('Component', name, { 'idp.dev/workflow-template': name, 'backstage.io/kubernetes-namespace': `ml-${name}` });
const ENTITIES = [
  pipeline('pump'),
  entity('Resource', 'pump', { 'idp.dev/mlflow-model': 'pump' }),
  entity('Component', 'pump-api', { 'argocd/app-name': 'pump-api' }),
];

const LIVE: HomeApi = {
  pipelines: async () => [
    { namespace: 'ml-pump', template: 'pump', last: { name: 'pump-1', phase: 'Failed', finishedAt: '2026-11-01T00:00:00Z' } },
  ],
  models: async () => [
    {
      name: 'pump',
      url: 'https://mlflow.idp.localhost:8443/#/models/pump',
      latest: { version: '2', aliases: ['production'], metrics: { accuracy: 0.93333 } },
    },
  ],
  deliveries: async () => [{ name: 'pump-api', sync: 'Synced', health: 'Healthy' }],
  governed: async () => ({ versions: {} }),
  docs: async () => [],
};

async function show(home: Partial<HomeApi>, entities: object[] = ENTITIES) {
  const getEntities = jest.fn(async ({ filter }: any) => ({ items: Array.isArray(filter) ? entities : [] }));
  const identity = {
    getBackstageIdentity: async () => ({
      userEntityRef: 'user:default/data-scientist',
      ownershipEntityRefs: ['group:default/ml-team'],
    }),
  };
  const apis: any = [
    [catalogApiRef, { getEntities, getEntityByRef: async () => undefined }],
    [identityApiRef, identity],
    [homeApiRef, { ...LIVE, ...home }],
  ];
  await renderInTestApp(
    <TestApiProvider apis={apis}>
      <HomePage />
    </TestApiProvider>,
  );
  return { getEntities };
}

describe('HomePage', () => {
  it('shows what a team has, and first what needs attention', async () => {
    await show({});
    const attention = await screen.findByRole('list', { name: 'Needs attention' });
    expect(await within(attention).findByText('The last run failed')).toBeInTheDocument();
    expect(within(attention).getByRole('link', { name: 'pump' })).toHaveAttribute(
      'href',
      '/catalog/default/component/pump/pipeline',
    );
    const models = screen.getByRole('table', { name: 'Models' });
    expect(await within(models).findByText('accuracy 0.933')).toBeInTheDocument();
    expect(within(models).getByText('production')).toBeInTheDocument();
    expect(await within(screen.getByRole('table', { name: 'Services' })).findByText('Healthy')).toBeInTheDocument();
    expect(within(screen.getByRole('table', { name: 'Pipelines' })).getByText('Failed')).toBeInTheDocument();
  });

  it('keeps working when a system does not answer, and says what it does not know', async () => {
    await show({ models: () => Promise.reject(new Error('MLflow does not answer: connection refused.')) });
    expect(await screen.findByText(/The versions cannot be shown: MLflow does not answer/)).toBeInTheDocument();
    expect(screen.getByText('Could not be looked at: models.')).toBeInTheDocument();
    expect(await within(screen.getByRole('table', { name: 'Services' })).findByText('Healthy')).toBeInTheDocument();
  });

  it('asks for everybody’s on demand', async () => {
    const { getEntities } = await show({});
    const asked = () => JSON.stringify(getEntities.mock.calls.filter(([{ filter }]) => Array.isArray(filter)).at(-1));
    await waitFor(() => expect(asked()).toContain('ml-team'));
    await userEvent.click(screen.getByRole('button', { name: 'Everybody' }));
    expect(screen.getByRole('button', { name: 'Everybody' })).toHaveAttribute('aria-pressed', 'true');
    await waitFor(() => expect(asked()).not.toContain('ml-team'));
  });

  it('pages long lists', async () => {
    await show({}, Array.from({ length: 12 }, (_, index) => pipeline(`p${index}`)));
    const table = await screen.findByRole('table', { name: 'Pipelines' });
    expect(within(table).getAllByRole('row')).toHaveLength(11);
    expect(screen.getByRole('link', { name: /Show all 12: pipelines/ })).toBeInTheDocument();
  });
});
