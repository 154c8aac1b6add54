import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Entry, Promotion, PromotionsApi } from './api';
import { PromotionsPage } from './PromotionsPage';
import { promotionsApiRef } from './ref';
import { extentOf, refOf, short } from './words';

const [OLD, NEW] = ['1a'.repeat(20), '2b'.repeat(20)];
const GIT = 'https://gitea.example';
const REQUEST = `${GIT}/idp/promotions/pulls/3`;

const promotion = (id: string, changes: Partial<Promotion> = {}): Promotion => ({
  id,
  url: `${GIT}/idp/promotions/src/branch/main/records/${id}.yaml`,
  state: 'done',
  from: { name: 'laptop', domain: 'laptop.localhost', commit: NEW },
  to: { name: 'staging' },
  by: 'Jane Doe',
  begun: '2026-11-26T13:45:10Z',
  finished: '2026-11-26T13:46:02Z',
  platform: [],
  repositories: [],
  images: [],
  services: [],
  models: [],
  difference: [],
  checks: [],
  ...changes,
});

const FULL = promotion('b', {
  approval: { by: 'Ada', at: '2026-11-26T13:45:40Z', url: REQUEST },
  platform: [
    { repository: 'idp/platform', before: OLD, after: NEW, url: `${GIT}/idp/platform/compare/${OLD}...${NEW}` },
    { repository: 'idp/templates', before: OLD, after: OLD },
  ],
  repositories: [
    { name: 'ml/iris', isNew: true, moves: [{ repository: 'ml/iris', ref: 'refs/heads/main', after: NEW, url: `${GIT}/ml/iris/commit/${NEW}` }] },
    { name: 'ml/wine', isNew: false, moves: [{ repository: 'ml/wine', ref: 'refs/tags/v1', before: OLD }] },
  ],
  images: [{ name: 'ml-runtime', digest: `sha256:${'c3'.repeat(32)}` }],
  services: ['iris-api', 'stranger'],
  models: [{ name: 'iris', versions: [{ version: '2', sha256: 'f00' }], aliases: [{ alias: 'candidate', version: '2' }, { alias: 'old', version: '1' }] }],
  difference: ['1 application changes'],
  checks: [{ name: 'healthy', passed: true, detail: '12 applications' }, { name: 'answers', passed: false }],
});

const entity = (kind: string, name: string, annotations: Record<string, string>) => ({ apiVersion: 'v1', kind, metadata: { name, annotations } });

async function show(page: PromotionsApi['page']) {
  const getEntities = jest.fn(async ({ filter }: any) => ({
    items:
      filter.kind === 'Component'
        ? [entity('Component', 'iris-service', { 'argocd/app-name': 'iris-api' })]
        : [entity('Resource', 'iris-model', { 'idp.dev/mlflow-model': 'iris' })],
  }));
  const apis: any = [[promotionsApiRef, { page }], [catalogApiRef, { getEntities }]];
  await renderInTestApp(
    <TestApiProvider apis={apis}>
      <PromotionsPage />
    </TestApiProvider>,
    { config: { organization: { name: 'staging' } } },
  );
}
const showing = (...promotions: Entry[]) => show(async () => ({ promotions }));

describe('PromotionsPage', () => {
  it('lists promotions in a line each, the newest open', async () => {
    await showing(FULL, promotion('a', { from: { name: 'other' } }));
    const items = within(await screen.findByRole('list', { name: 'Promotions' })).getAllByRole('button', { name: /→ staging/ });
    expect(items.map(item => item.getAttribute('aria-expanded'))).toEqual(['true', 'false']);
    expect(items[0]).toHaveTextContent(/Done.*laptop → staging.*Jane Doe.*3 repositories, 1 image, 2 services, 1 model, 1 check not passed/);
    expect(items[1]).toHaveTextContent(/other → staging.*nothing changed/);
    expect(screen.getByRole('heading', { name: 'Promotion b' })).toBeInTheDocument();
    expect(screen.queryByRole('heading', { name: 'Promotion a' })).not.toBeInTheDocument();
  });

  it('opens the others with the keyboard', async () => {
    await showing(FULL, promotion('a', { from: { name: 'other' } }));
    const closed = await screen.findByRole('button', { name: /other → staging/ });
    closed.focus();
    await userEvent.keyboard('{Enter}');
    expect(await screen.findByRole('heading', { name: 'Promotion a' })).toBeInTheDocument();
    expect(closed).toHaveAttribute('aria-expanded', 'true');
  });

  it('leads to commits, entities, the approval and the record', async () => {
    await showing(FULL);
    const link = (name: string | RegExp) => screen.findByRole('link', { name });
    expect(await link(/1a1a1a1a1a → 2b2b2b2b2b/)).toHaveAttribute('href', `${GIT}/idp/platform/compare/${OLD}...${NEW}`);
    expect(await link(/^2b2b2b2b2b/)).toHaveAttribute('href', `${GIT}/ml/iris/commit/${NEW}`);
    expect(await link('iris-api')).toHaveAttribute('href', '/catalog/default/component/iris-service');
    expect(await link('iris')).toHaveAttribute('href', '/catalog/default/resource/iris-model');
    expect(await link(/Approval in Gitea/)).toHaveAttribute('href', REQUEST);
    expect(await link(/Record in Git/)).toHaveAttribute('href', FULL.url);
    expect(screen.getByText('stranger').closest('a')).toBeNull();
    const commits = screen.getByRole('table', { name: 'Commits of b' });
    expect(within(commits).getAllByRole('row')).toHaveLength(4);
    expect(within(commits).getByText(/ml\/iris/)).toHaveTextContent('ml/iris (new)');
    expect(within(commits).getByText(/removed/)).toHaveTextContent('removed, was 1a1a1a1a1a');
  });

  it('tells the rest: images, models, difference, checks', async () => {
    await showing(FULL);
    const list = (name: string) => screen.findByRole('list', { name });
    expect(await list('Images')).toHaveTextContent('ml-runtime sha256:c3c3c3c3c3c3');
    expect(screen.getByRole('button', { name: 'Copy digest of ml-runtime' })).toBeInTheDocument();
    expect(await list('Models')).toHaveTextContent(/version 2, candidate: f00.*old: version 1, which was there/);
    expect(await list('Difference')).toHaveTextContent('1 application changes');
    expect(await list('Checks')).toHaveTextContent(/Passed.*healthy: 12 applications.*Not passed.*answers/);
  });

  it('says who rolled one back', async () => {
    await showing(promotion('a', { state: 'rolled-back', rolledBack: { by: 'Eva', at: '2026-11-27T09:00:00Z' } }));
    expect(await screen.findByText(/by Eva/)).toBeInTheDocument();
    expect(screen.getAllByText('Rolled back')).toHaveLength(2);
  });

  it('leads to the request that waits', async () => {
    await showing(promotion('a', { state: 'waiting', request: REQUEST, finished: undefined }));
    expect(await screen.findByRole('link', { name: /its request in Gitea/ })).toHaveAttribute('href', REQUEST);
    expect(screen.getByText('Waiting for approval')).toBeInTheDocument();
  });

  it('gives the command that continues one', async () => {
    await showing(promotion('a', { state: 'begun', finished: undefined }));
    expect(await screen.findByText('idp promote --from laptop --to staging')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Copy the command' })).toBeInTheDocument();
  });

  it('shows that a record cannot be read, and the others', async () => {
    await showing({ id: 'c', url: `${GIT}/c`, broken: 'state is none of done' }, FULL);
    expect(await screen.findByText(/cannot be read: state is none of done/)).toBeInTheDocument();
    expect(screen.getByText('c')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: /laptop → staging/ })).toBeInTheDocument();
  });

  it('loads older ones', async () => {
    const page = jest.fn(async (before?: string) =>
      before ? { promotions: [promotion('a', { from: { name: 'older' } })] } : { promotions: [FULL], next: 'b' },
    );
    await show(page);
    await userEvent.click(await screen.findByRole('button', { name: 'Load older promotions (1 so far)' }));
    expect(await screen.findByRole('button', { name: /older → staging/ })).toBeInTheDocument();
    expect(page).toHaveBeenLastCalledWith('b');
    expect(screen.queryByRole('button', { name: /Load older/ })).not.toBeInTheDocument();
  });

  it('says what promotions are where there is none', async () => {
    await showing();
    expect(await screen.findByText('idp promote --from NAME --to staging')).toBeInTheDocument();
    expect(screen.getByText(/Nothing was promoted to this platform yet/)).toBeInTheDocument();
  });

  it('says so when Gitea does not answer, and asks again', async () => {
    const page = jest.fn<Promise<any>, []>(() => Promise.reject(new Error('Gitea does not answer: ECONNREFUSED')));
    await show(page);
    expect(await screen.findByRole('alert')).toHaveTextContent('Gitea does not answer');
    page.mockResolvedValue({ promotions: [FULL] });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.queryByRole('alert')).not.toBeInTheDocument());
    expect(await screen.findByRole('button', { name: /laptop → staging/ })).toBeInTheDocument();
  });
});

describe('words', () => {
  it('counts what came', () => {
    expect(extentOf(promotion('a'))).toBe('nothing changed');
    expect(extentOf(promotion('a', { services: ['x'], repositories: [{ name: 'ml/x', isNew: true, moves: [] }] }))).toBe('1 repository, 1 service');
  });

  it.each([
    ['refs/heads/main', 'main'],
    ['refs/heads/a/b', 'a/b'],
    ['refs/tags/v1', 'tag v1'],
  ])('calls %s %s', (ref, words) => {
    expect(refOf(ref)).toBe(words);
  });

  it.each([
    ['sha256:0123456789abcdef', 'sha256:0123456789ab'],
    ['0123456789abcdef', '0123456789'],
  ])('shortens %s to %s', (hash, words) => {
    expect(short(hash)).toBe(words);
  });
});
