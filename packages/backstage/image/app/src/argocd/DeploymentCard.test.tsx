import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { screen } from '@testing-library/react';
import { DeploymentCard, shortImage } from './DeploymentCard';
import { argocdApiRef } from './plugin';

const entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'iris', annotations: { 'argocd/app-name': 'iris' } },
};

const show = (getApplication: () => Promise<any>) =>
  renderInTestApp(
    <TestApiProvider apis={[[argocdApiRef, { getApplication }]]}>
      <EntityProvider entity={entity}>
        <DeploymentCard />
      </EntityProvider>
    </TestApiProvider>,
  );

describe('DeploymentCard', () => {
  it('shows whether Git and cluster agree, and what is wrong', async () => {
    await show(async () => ({
      name: 'iris',
      sync: 'Synced',
      health: 'Degraded',
      messages: ['Back-off restarting failed container'],
      revision: '0123456789abcdef',
      images: [],
      resources: [],
    }));
    expect(await screen.findByText('Synced')).toBeInTheDocument();
    expect(screen.getByText('Degraded')).toBeInTheDocument();
    expect(screen.getByText('0123456789')).toBeInTheDocument();
    expect(screen.getByText('Back-off restarting failed container')).toBeInTheDocument();
  });

  it('says so when Argo CD cannot be asked', async () => {
    await show(() => Promise.reject(new Error('Argo CD has no application named iris')));
    expect(await screen.findAllByText(/no application named iris/)).not.toHaveLength(0);
  });

  it('shortens digests', () => {
    expect(shortImage(`idp.local/ml-runtime@sha256:${'a'.repeat(64)}`)).toBe('idp.local/ml-runtime@aaaaaaaaaaaa');
    expect(shortImage('redis:8')).toBe('redis:8');
  });
});
