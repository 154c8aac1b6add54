import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import { catalogApiRef, EntityProvider } from '@backstage/plugin-catalog-react';
import { screen, within } from '@testing-library/react';
import { LineageTab } from './LineageTab';

const entity = (kind: string, name: string, type: string, relations: [string, string][]) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { name },
  spec: { type },
  relations: relations.map(([relation, targetRef]) => ({ type: relation, targetRef })),
});
const model = entity('Resource', 'pump', 'ai-model', [
  ['dependsOn', 'resource:default/readings'],
  ['dependencyOf', 'component:default/pump-api'],
]);
const OTHERS: Record<string, object> = {
  'resource:default/readings': entity('Resource', 'readings', 'dataset', [['dependencyOf', 'resource:default/pump']]),
  'component:default/pump-api': entity('Component', 'pump-api', 'model-server', [['dependsOn', 'resource:default/pump']]),
};

const show = (shown: ReturnType<typeof entity>, getEntitiesByRefs: any) =>
  renderInTestApp(
    <TestApiProvider apis={[[catalogApiRef, { getEntitiesByRefs }]]}>
      <EntityProvider entity={shown}>
        <LineageTab />
      </EntityProvider>
    </TestApiProvider>,
  );

const found = async ({ entityRefs }: { entityRefs: string[] }) => ({ items: entityRefs.map(ref => OTHERS[ref]) });

describe('LineageTab', () => {
  it('shows a picture of links, and the same in words', async () => {
    await show(model, found);
    const picture = within(await screen.findByRole('group', { name: 'Lineage of pump' }));
    expect(picture.getByRole('link', { name: 'readings, data set' })).toHaveAttribute(
      'href',
      '/catalog/default/resource/readings/lineage',
    );
    expect(picture.getByRole('link', { name: 'pump, model' })).toHaveAttribute('aria-current', 'true');
    const sources = within(screen.getByRole('table', { name: 'What it comes from' }));
    expect(sources.getByRole('link', { name: 'readings' })).toBeInTheDocument();
    const users = within(screen.getByRole('table', { name: 'What depends on it' }));
    expect(users.getByRole('rowheader', { name: 'pump-api' })).toBeInTheDocument();
  });

  it('says how lineage is told where none is known', async () => {
    await show(entity('Component', 'alone', 'service', []), found);
    expect(await screen.findByText('Nothing is known of where this comes from')).toBeInTheDocument();
  });

  it('says so when the catalogue does not answer', async () => {
    await show(model, () => Promise.reject(new Error('the catalogue is away')));
    expect((await screen.findAllByText(/the catalogue is away/)).length).toBeGreaterThan(0);
  });
});
