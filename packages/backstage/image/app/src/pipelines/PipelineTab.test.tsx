import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { fireEvent, screen, within } from '@testing-library/react';
import { PipelinesApi, Run } from './api';
import { PipelineTab } from './PipelineTab';
import { pipelinesApiRef } from './plugin';
import { cause, lasting, pipelineOf, telling } from './words';

const annotations = { 'idp.dev/workflow-template': 'pump', 'backstage.io/kubernetes-namespace': 'ml-pump' };
const entity = { apiVersion: 'v1', kind: 'Component', metadata: { name: 'pump', annotations } };

const run = (name: string, changes: Partial<Run> = {}): Run => ({
  name,
  phase: 'Succeeded',
  startedAt: '2026-11-20T10:00:00Z',
  finishedAt: '2026-11-20T10:02:05Z',
  origin: 'schedule',
  steps: [
    { id: `${name}-1`, name: 'validate', phase: 'Succeeded', startedAt: '2026-11-20T10:00:01Z', finishedAt: '2026-11-20T10:00:09Z' },
    { id: `${name}-2`, name: 'train', phase: 'Succeeded', startedAt: '2026-11-20T10:00:10Z', finishedAt: '2026-11-20T10:02:00Z' },
  ],
  ...changes,
});

const failed = run('pump-2', {
  phase: 'Failed',
  message: 'child failed',
  steps: [
    { id: 'a', name: 'validate', phase: 'Failed', startedAt: '2026-11-20T10:00:01Z', message: 'exit code 1' },
    { id: 'b', name: 'train', phase: 'Omitted' },
  ],
});

const show = (changes: Partial<PipelinesApi> = {}) => {
  const api: PipelinesApi = {
    runs: async () => ({ runs: [failed, run('pump-1')], mayRun: true }),
    log: async (_, name, step) => `log of ${name} ${step}`,
    start: async () => ({ name: 'pump-manual-3' }),
    ...changes,
  };
  return renderInTestApp(
    <TestApiProvider apis={[[pipelinesApiRef, api]]}>
      <EntityProvider entity={entity}>
        <PipelineTab />
      </EntityProvider>
    </TestApiProvider>,
  );
};

describe('PipelineTab', () => {
  it('opens the newest run at the step that failed', async () => {
    await show();
    expect(await screen.findByText('log of pump-2 a')).toBeInTheDocument();
    expect(screen.getByRole('heading', { name: 'Log of validate' })).toBeInTheDocument();
    expect(screen.getByText('exit code 1')).toBeInTheDocument();
  });

  it('shows another run, and the log of the step that is asked for', async () => {
    await show();
    fireEvent.click(await screen.findByRole('button', { name: 'pump-1' }));
    expect(await screen.findByText('log of pump-1 pump-1-2')).toBeInTheDocument();
    fireEvent.click(screen.getByRole('button', { name: 'Log of validate' }));
    expect(await screen.findByText('log of pump-1 pump-1-1')).toBeInTheDocument();
    const table = screen.getByRole('table', { name: 'Runs' });
    expect(within(table).getAllByText('2 min 05 s')).toHaveLength(2);
  });

  it('starts a run and opens it', async () => {
    const made = [run('pump-1')];
    await show({
      runs: async () => ({ runs: [...made], mayRun: true }),
      start: async () => {
        made.unshift(run('pump-manual-3', { phase: 'Running', finishedAt: undefined, steps: [] }));
        return { name: 'pump-manual-3' };
      },
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Run pipeline' }));
    expect(await screen.findByText('Steps of pump-manual-3')).toBeInTheDocument();
    expect(screen.getByText('No step has begun yet.')).toBeInTheDocument();
  });

  it('says why somebody may not run it', async () => {
    await show({ runs: async () => ({ runs: [], mayRun: false, mayNot: 'Only ml-team and the platform team may do this' }) });
    expect(await screen.findByText(/Only ml-team and the platform team/)).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Run pipeline' })).toBeDisabled();
    expect(screen.getByText(/No run yet/)).toBeInTheDocument();
  });

  it('keeps what it shows when a start is refused', async () => {
    await show({ start: () => Promise.reject(new Error('The cluster does not answer')) });
    fireEvent.click(await screen.findByRole('button', { name: 'Run pipeline' }));
    expect(await screen.findByText('The cluster does not answer')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'pump-1' })).toBeInTheDocument();
  });

  it('loads older runs', async () => {
    await show({
      runs: async (_, page) =>
        page ? { runs: [run('pump-0')], mayRun: true } : { runs: [run('pump-1')], next: 'older', mayRun: true },
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Load older runs (1 so far)' }));
    expect(await screen.findByRole('button', { name: 'pump-0' })).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /Load older/ })).not.toBeInTheDocument();
  });

  it('says that runs wait while Argo Workflows does not run', async () => {
    await show({ runs: async () => ({ runs: [run('pump-1')], away: 'Argo Workflows does not run', mayRun: true }) });
    expect(await screen.findByText('Argo Workflows does not run')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'pump-1' })).toBeInTheDocument();
  });

  it('says so when nothing answers', async () => {
    await show({ runs: () => Promise.reject(new Error('The cluster does not answer: no answer in 5 s')) });
    expect(await screen.findByText(/no answer in 5 s/)).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Try again' })).toBeInTheDocument();
  });
});

describe('words', () => {
  it.each([
    ['4 s', '2026-11-20T10:00:04Z'],
    ['1 min 00 s', '2026-11-20T10:01:00Z'],
    ['1 h 10 min', '2026-11-20T11:10:30Z'],
  ])('%s', (said, finishedAt) => {
    expect(lasting({ startedAt: '2026-11-20T10:00:00Z', finishedAt })).toBe(said);
  });

  it('names who or what began a run', () => {
    expect(cause({ origin: 'portal', startedBy: 'user:default/eva' })).toBe('eva');
    expect(cause({ origin: 'commit' })).toBe('a commit');
    expect(cause({ origin: 'hand' })).toBe('by hand');
  });

  it('finds the pipeline and the step to look at', () => {
    expect(pipelineOf(entity)).toEqual({ namespace: 'ml-pump', template: 'pump' });
    expect(pipelineOf({ ...entity, metadata: { name: 'other' } })).toBeUndefined();
    expect(telling(failed.steps)?.id).toBe('a');
    expect(telling(run('x').steps)?.name).toBe('train');
    expect(telling([])).toBeUndefined();
  });
});
