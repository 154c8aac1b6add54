import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { fireEvent, screen, within } from '@testing-library/react';
import { Run, Runs } from './api';
import { ExperimentsTab } from './ExperimentsTab';
import { mlApiRef } from './plugin';

const entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'pump', annotations: { 'idp.dev/mlflow-experiment': 'pump' } },
};

const run = (number: number, accuracy: number, depth: string): Run => ({
  id: `r${number}`,
  name: `pump-${number}`,
  status: 'FINISHED',
  startedAt: `2026-11-${String(number + 9)}T10:00:00Z`,
  endedAt: `2026-11-${String(number + 9)}T10:01:00Z`,
  metrics: { accuracy },
  params: { depth, seed: '1' },
  tags: {},
  url: `https://mlflow/r${number}`,
});

const show = (getRuns: (name: string, page?: string) => Promise<Runs>) =>
  renderInTestApp(
    <TestApiProvider apis={[[mlApiRef, { getRuns } as any]]}>
      <EntityProvider entity={entity}>
        <ExperimentsTab />
      </EntityProvider>
    </TestApiProvider>,
  );

const TWO = { experimentUrl: 'https://mlflow/1', runs: [run(2, 0.9, '3'), run(1, 0.95, '5')] };
const firstRun = () => within(screen.getAllByRole('row')[1]).getByRole('link').textContent;

describe('ExperimentsTab', () => {
  it('lists runs, each with a way to MLflow, and sorts them', async () => {
    await show(async () => TWO);
    expect(await screen.findByRole('link', { name: /pump-1/ })).toHaveAttribute('href', 'https://mlflow/r1');
    expect(screen.getByRole('link', { name: /Experiment pump in MLflow/ })).toBeInTheDocument();
    expect(firstRun()).toContain('pump-2');
    fireEvent.click(screen.getByRole('button', { name: 'accuracy' }));
    expect(firstRun()).toContain('pump-1');
    expect(screen.getByRole('columnheader', { name: 'accuracy' })).toHaveAttribute('aria-sort', 'descending');
  });

  it('puts chosen runs side by side and says what differs', async () => {
    await show(async () => TWO);
    fireEvent.click(await screen.findByRole('checkbox', { name: 'Compare pump-1' }));
    expect(screen.getByText(/Choose two or more runs/)).toBeInTheDocument();
    fireEvent.click(screen.getByRole('checkbox', { name: 'Compare pump-2' }));
    const table = screen.getByRole('table', { name: 'Comparison of runs' });
    const row = (name: string) => within(table).getByRole('rowheader', { name }).closest('tr')!;
    expect(within(row('depth')).getByText('differs')).toBeInTheDocument();
    expect(within(row('seed')).getByText('same')).toBeInTheDocument();
    fireEvent.click(screen.getByRole('checkbox', { name: 'Only what differs' }));
    expect(within(table).queryByRole('rowheader', { name: 'seed' })).not.toBeInTheDocument();
  });

  it('shows the columns that one asks for', async () => {
    await show(async () => TWO);
    expect(screen.queryByRole('columnheader', { name: 'seed' })).not.toBeInTheDocument();
    fireEvent.click(await screen.findByRole('button', { name: 'Columns' }));
    fireEvent.click(screen.getByRole('checkbox', { name: 'seed (parameter)' }));
    expect(screen.getByRole('columnheader', { name: 'seed', hidden: true })).toBeInTheDocument();
  });

  it('draws a metric, and says in words what the picture shows', async () => {
    await show(async () => TWO);
    expect(
      await screen.findByRole('img', { name: 'accuracy of 2 runs: from 0.9 to 0.95; the newest, pump-2, has 0.9.' }),
    ).toBeInTheDocument();
  });

  it('fetches older runs when asked to', async () => {
    const getRuns = jest.fn(async (_: string, page?: string) => (page ? { ...TWO, runs: [run(0, 0.5, '1')] } : { ...TWO, next: 'more' }));
    await show(getRuns);
    fireEvent.click(await screen.findByRole('button', { name: /Load older runs/ }));
    expect(await screen.findByRole('link', { name: /pump-0/ })).toBeInTheDocument();
    expect(getRuns).toHaveBeenLastCalledWith('pump', 'more');
    expect(screen.queryByRole('button', { name: /Load older runs/ })).not.toBeInTheDocument();
  });

  it('says so when MLflow cannot be asked, and tries again', async () => {
    const getRuns = jest.fn<Promise<Runs>, []>().mockRejectedValueOnce(new Error('MLflow does not answer: ECONNREFUSED'));
    getRuns.mockResolvedValue(TWO);
    await show(getRuns);
    expect(await screen.findByText(/MLflow does not answer: ECONNREFUSED/)).toBeInTheDocument();
    expect(screen.getByText('The rest of the portal works.')).toBeInTheDocument();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('link', { name: /pump-1/ })).toBeInTheDocument();
  });

  it('says calmly that there is nothing yet', async () => {
    const absent = Object.assign(new Error('This platform has no MLflow'), { name: 'NotFoundError' });
    await show(() => Promise.reject(absent));
    expect(await screen.findByRole('status')).toHaveTextContent('This platform has no MLflow');
  });
});
