import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { identityApiRef } from '@backstage/core-plugin-api';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HomeApi } from './api';
import { HomePage } from './HomePage';
import { homeApiRef } from './live';
import { listQueries } from './queries';

jest.mock('@backstage/plugin-search', () => ({ HomePageSearchBar: () => null }));

const entity = (kind: string, name: string, annotations: Record<string, string> = {}) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { name, annotations },
});
const pipeline = (name: string) =>
  entity('Component', name, { 'idp.dev/workflow-template': name, 'backstage.io/kubernetes-namespace': `ml-${name}` });
const TEMPLATES = Array.from({ length: 8 }, (_, index) => entity('Template', `path-${index}`));
const LISTS: Record<string, object[]> = {
  pipelines: [pipeline('pump')],
  models: [entity('Resource', 'pump', { 'idp.dev/mlflow-model': 'pump' })],
  services: [entity('Component', 'pump-api', { 'argocd/app-name': 'pump-api' })],
};

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

/** Which list a question is for. */
const keysOf = (filter: any) => Object.keys(filter).filter(key => key !== 'relations.ownedBy').join();
const listOf = ({ filter }: any) => listQueries().find(([, wanted]) => keysOf(wanted.filter) === keysOf(filter))![0];

async function show(home: Partial<HomeApi>, lists = LISTS, total?: number) {
  const getEntities = jest.fn(async ({ filter, limit }: any) => ({
    items: filter.kind === 'Template' ? TEMPLATES.slice(0, limit) : [],
  }));
  const queryEntities = jest.fn(async (request: any) => {
    const items = lists[listOf(request)] ?? [];
    return { items: items.slice(0, request.limit), totalItems: total ?? items.length, pageInfo: {} };
  });
  const identity = {
    getBackstageIdentity: async () => ({
      userEntityRef: 'user:default/data-scientist',
      ownershipEntityRefs: ['group:default/ml-team'],
    }),
  };
  const apis: any = [
    [catalogApiRef, { getEntities, queryEntities, getEntityByRef: async () => undefined }],
    [identityApiRef, identity],
    [homeApiRef, { ...LIVE, ...home }],
  ];
  await renderInTestApp(
    <TestApiProvider apis={apis}>
      <HomePage />
    </TestApiProvider>,
  );
  return { queryEntities };
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
    expect(await within(models).findByText('accuracy 0.9333')).toBeInTheDocument();
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
    const { queryEntities } = await show({});
    const asked = () => JSON.stringify(queryEntities.mock.calls.at(-1));
    await waitFor(() => expect(asked()).toContain('ml-team'));
    await userEvent.click(screen.getByRole('button', { name: 'Everybody' }));
    expect(screen.getByRole('button', { name: 'Everybody' })).toHaveAttribute('aria-pressed', 'true');
    await waitFor(() => expect(asked()).not.toContain('ml-team'));
  });

  it('pages long lists', async () => {
    await show({}, { pipelines: Array.from({ length: 12 }, (_, index) => pipeline(`p${index}`)) });
    const table = await screen.findByRole('table', { name: 'Pipelines' });
    expect(within(table).getAllByRole('row')).toHaveLength(11);
    expect(screen.getByRole('link', { name: /Show all 12: pipelines/ })).toBeInTheDocument();
    expect(screen.queryByText(/looked at here/)).not.toBeInTheDocument();
  });

  it('asks a bounded number of questions, however much a team has, and says so', async () => {
    const pipelines = jest.fn(async (_: string[]) => []);
    const { queryEntities } = await show({ pipelines }, { pipelines: Array.from({ length: 400 }, (_, index) => pipeline(`p${index}`)) });
    expect(await screen.findByText(/Of each list the first 100 entries are looked at here/)).toBeInTheDocument();
    expect(screen.getByRole('link', { name: /Show all 400: pipelines/ })).toBeInTheDocument();
    expect(queryEntities).toHaveBeenCalledTimes(5);
    await waitFor(() => expect(pipelines).toHaveBeenCalledTimes(1));
    expect(pipelines.mock.calls[0][0]).toHaveLength(100);
  });

  it('leads to every golden path', async () => {
    await show({});
    const links = await screen.findAllByText(/^path-\d$/);
    expect(links.map(link => link.getAttribute('href'))).toEqual(
      TEMPLATES.map(({ metadata }) => `/create/templates/default/${metadata.name}`),
    );
  });
});
