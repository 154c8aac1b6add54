import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { fireEvent, screen, within } from '@testing-library/react';
import { Application, ArgocdApi } from './api';
import { DeploymentTab } from './DeploymentTab';
import { argocdApiRef } from './plugin';

const entity = {
  apiVersion: 'v1',
  kind: 'Component',
  metadata: { name: 'pump', annotations: { 'argocd/app-name': 'pump' } },
};

const NOW = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
const BEFORE = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb';

const application = (changes: Partial<Application> = {}): Application => ({
  name: 'pump',
  sync: 'Synced',
  health: 'Healthy',
  messages: [],
  revision: NOW,
  images: [`idp.local/ml-runtime@sha256:${'c'.repeat(64)}`],
  resources: [{ kind: 'Deployment', name: 'pump', sync: 'Synced', health: 'Healthy' }],
  history: [
    { id: 2, revision: NOW, deployedAt: '2026-11-20T10:00:00Z', url: 'https://git/2' },
    { id: 1, revision: BEFORE, deployedAt: '2026-11-19T10:00:00Z', url: 'https://git/1' },
  ],
  url: 'https://argocd/applications/argocd/pump',
  mayChange: true,
  ...changes,
});

const show = (changes: Partial<ArgocdApi> = {}) => {
  const api: ArgocdApi = {
    getApplication: async () => application(),
    refresh: async () => {},
    rollBack: async () => ({ commit: 'dddddddddddddddd', url: 'https://git/3' }),
    ...changes,
  };
  return renderInTestApp(
    <TestApiProvider apis={[[argocdApiRef, api]]}>
      <EntityProvider entity={entity}>
        <DeploymentTab />
      </EntityProvider>
    </TestApiProvider>,
  );
};

describe('DeploymentTab', () => {
  it('shows what is deployed, of what, and what was before', async () => {
    await show();
    expect(await screen.findByText('idp.local/ml-runtime@cccccccccccc')).toBeInTheDocument();
    const history = within(screen.getByRole('table', { name: 'History' }));
    expect(history.getByRole('link', { name: /bbbbbbbbbb/ })).toHaveAttribute('href', 'https://git/1');
    expect(history.getByText('what Git says now')).toBeInTheDocument();
    expect(screen.getByRole('table', { name: 'What it is made of' })).toBeInTheDocument();
    expect(screen.getByRole('link', { name: /Application pump in Argo CD/ })).toBeInTheDocument();
  });

  it('rolls back after a question, and names the commit', async () => {
    const rollBack = jest.fn(async () => ({ commit: 'dddddddddddddddd', url: 'https://git/3' }));
    await show({ rollBack });
    fireEvent.click(await screen.findByRole('button', { name: 'Roll back to bbbbbbbbbb' }));
    expect(screen.getByText(/A commit in your name/)).toBeInTheDocument();
    expect(rollBack).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole('button', { name: 'Roll back' }));
    expect(await screen.findByRole('link', { name: /commit dddddddddd/ })).toHaveAttribute('href', 'https://git/3');
    expect(rollBack).toHaveBeenCalledWith('pump', 1);
  });

  it('keeps the question open when it is refused', async () => {
    await show({ rollBack: () => Promise.reject(new Error('120 files differ')) });
    fireEvent.click(await screen.findByRole('button', { name: 'Roll back to bbbbbbbbbb' }));
    fireEvent.click(screen.getByRole('button', { name: 'Roll back' }));
    expect(await screen.findByText('120 files differ')).toBeInTheDocument();
  });

  it('asks for a fresh look', async () => {
    const refresh = jest.fn(async () => {});
    await show({ refresh });
    fireEvent.click(await screen.findByRole('button', { name: 'Refresh' }));
    expect(await screen.findByText(/compares with Git now/)).toBeInTheDocument();
    expect(refresh).toHaveBeenCalledWith('pump');
  });

  it('says why somebody may not', async () => {
    await show({ getApplication: async () => application({ mayChange: false, mayNot: 'Only ml-team may do this' }) });
    expect(await screen.findByText(/Only ml-team may do this/)).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Refresh' })).toBeDisabled();
    expect(screen.getByRole('button', { name: 'Roll back to bbbbbbbbbb' })).toBeDisabled();
  });

  it('says that what it shows is old while Argo CD does not run', async () => {
    await show({ getApplication: async () => application({ away: 'Argo CD does not run: this is what it saw last' }) });
    expect(await screen.findByText(/this is what it saw last/)).toBeInTheDocument();
    expect(screen.getByRole('table', { name: 'History' })).toBeInTheDocument();
  });

  it('says so when Argo CD does not answer', async () => {
    await show({ getApplication: () => Promise.reject(new Error('This platform has no Argo CD')) });
    expect(await screen.findByText('This platform has no Argo CD')).toBeInTheDocument();
  });
});
