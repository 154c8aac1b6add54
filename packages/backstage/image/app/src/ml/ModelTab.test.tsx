import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import { catalogApiRef, EntityProvider } from '@backstage/plugin-catalog-react';
import { fireEvent, screen } from '@testing-library/react';
import { governanceApiRef } from '../governance/ref';
import { Evidence, Version } from './api';
import { describe as inWords } from './Evidence';
import { ModelCard } from './ModelCard';
import { ModelTab } from './ModelTab';
import { mlApiRef } from './plugin';

const entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Resource',
  metadata: {
    name: 'pump',
    annotations: {
      'idp.dev/mlflow-model': 'pump',
      'backstage.io/source-location': 'url:https://git:8443/ml/pump/src/branch/main/',
    },
  },
};

const version = (number: string, aliases: string[], accuracy: number): Version => ({
  version: number,
  createdAt: '2026-11-20T10:00:00Z',
  status: 'READY',
  aliases,
  runId: `run-of-${number}`,
  runUrl: `https://mlflow/runs/${number}`,
  tags: {
    'code.repository': 'ml/pump',
    'code.commit': 'c0ffee0123456789',
    'data.name': 'readings',
    'data.version': 'abc123abc123',
    'pipeline.run': 'pump-x7z',
  },
  metrics: { accuracy, f1: 0.5 },
  description: '',
  url: `https://mlflow/versions/${number}`,
});

const MODEL = { name: 'pump', url: 'https://mlflow/pump', versions: [version('2', ['candidate'], 0.9), version('1', ['production'], 0.8)] };
const EVIDENCE: Evidence = {
  plots: [{ name: 'importance.png', path: 'p/importance.png' }],
  importance: { flow: 0.31, pressure: 0.2 },
  card: '# Card of the pump',
};

const api = (changes: object = {}) => ({
  getModel: async () => MODEL,
  getEvidence: async () => EVIDENCE,
  getPlot: async () => 'data:image/png;base64,AA==',
  ...changes,
});

const catalog = {
  getEntitiesByRefs: async () => ({
    items: [
      { ...entity, metadata: { ...entity.metadata, name: 'readings' } },
      { ...entity, kind: 'Component' },
    ],
  }),
};

const show = (element: JSX.Element, ml = api()) =>
  renderInTestApp(
    <TestApiProvider
      apis={[
        [mlApiRef, ml as any],
        [catalogApiRef, catalog as any],
        [governanceApiRef, { state: async () => ({ versions: {}, mayPromote: false }) } as any],
      ]}
    >
      <EntityProvider entity={entity}>{element}</EntityProvider>
    </TestApiProvider>,
  );

describe('ModelTab', () => {
  it('opens the version in production, with its card and its pictures in words', async () => {
    await show(<ModelTab />);
    expect(await screen.findByRole('heading', { name: 'Version 1' })).toBeInTheDocument();
    expect(await screen.findByText('Card of the pump')).toBeInTheDocument();
    const plot = await screen.findByRole('img', { name: /Bars: loss of accuracy of version 1 .* flow 0.31, pressure 0.2/ });
    expect(plot).toHaveAttribute('src', 'data:image/png;base64,AA==');
    expect(screen.getByText('candidate')).toBeInTheDocument();
    expect(screen.getByText('production')).toBeInTheDocument();
  });

  it('leads to code, data, pipeline and run', async () => {
    await show(<ModelTab />);
    const link = async (name: string | RegExp) => (await screen.findByRole('link', { name })).getAttribute('href');
    expect(await link(/^c0ffee0123/)).toBe('https://git:8443/ml/pump/commit/c0ffee0123456789');
    expect(await link('readings')).toBe('/catalog/default/resource/readings');
    expect(await link(/^abc123abc123/)).toBe('https://git:8443/ml/readings/commit/abc123abc123');
    expect(await link('pump-x7z')).toBe('/catalog/default/component/pump/pipeline');
    expect(await link(/^run-of-1/)).toBe('https://mlflow/runs/1');
  });

  it('shows another version when asked to', async () => {
    await show(<ModelTab />);
    fireEvent.click(await screen.findByRole('button', { name: 'Version 2' }));
    expect(await screen.findByRole('heading', { name: 'Version 2' })).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Version 2' })).toHaveAttribute('aria-pressed', 'true');
    expect(screen.getByText('accuracy 0.9, f1 0.5')).toBeInTheDocument();
  });

  it('shows versions although evidence cannot be had', async () => {
    await show(<ModelTab />, api({ getEvidence: () => Promise.reject(new Error('MLflow does not answer: status 500')) }));
    expect(await screen.findByText(/MLflow does not answer: status 500/)).toBeInTheDocument();
    expect(screen.getByRole('heading', { name: 'Version 1' })).toBeInTheDocument();
  });

  it('says that there is no version yet', async () => {
    await show(<ModelTab />, api({ getModel: async () => ({ ...MODEL, versions: [] }) }));
    expect(await screen.findByText(/No version yet/)).toBeInTheDocument();
  });
});

describe('ModelCard', () => {
  it('shows the newest version, the one in production, and a way to all of them', async () => {
    await show(<ModelCard />);
    expect(await screen.findByRole('link', { name: 'Version 2' })).toHaveAttribute(
      'href',
      '/catalog/default/resource/pump/model?version=2',
    );
    expect(screen.getByRole('link', { name: 'Version 1' })).toBeInTheDocument();
    expect(screen.getByText('accuracy 0.8')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'All about pump' })).toHaveAttribute('href', '/catalog/default/resource/pump/model');
  });

  it('says so when MLflow does not answer', async () => {
    await show(<ModelCard />, api({ getModel: () => Promise.reject(new Error('MLflow does not answer: no answer in 5 s')) }));
    expect(await screen.findByText(/no answer in 5 s/)).toBeInTheDocument();
  });
});

describe('pictures in words', () => {
  it('name no figures where there are none', () => {
    expect(inWords('importance.png', { plots: [] }, '3')).toBe('Bars: loss of accuracy of version 3 when a feature is shuffled');
    expect(inWords('confusion.png', EVIDENCE, '3')).toMatch(/^Confusion matrix of version 3/);
  });
});
