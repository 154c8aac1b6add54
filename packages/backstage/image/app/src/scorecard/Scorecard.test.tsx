import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { fireEvent, screen, within } from '@testing-library/react';
import { Scorecard } from './api';
import { scorecardApiRef } from './plugin';
import { ScorecardCard } from './ScorecardCard';
import { ScorecardTab } from './ScorecardTab';

const entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'iris', annotations: { 'idp.dev/mlflow-model': 'iris' } },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/ml-team' }],
};

const SCORECARD: Scorecard = {
  score: 67,
  checks: [
    { id: 'owner', title: 'A group owns it', ok: true, reason: 'ML team answers for it' },
    { id: 'licence', title: 'It has a licence', ok: true, reason: 'LICENSE is in the repository', url: 'https://git/l' },
    { id: 'tests', title: 'It is tested', ok: false, reason: 'The folder tests has no test', url: 'https://git/ml/iris' },
    { id: 'approval', title: 'Somebody else approved', ok: null, reason: 'Governance does not answer: status 502' },
  ],
};

const show = (element: JSX.Element, of: () => Promise<Scorecard> = async () => SCORECARD) =>
  renderInTestApp(
    <TestApiProvider apis={[[scorecardApiRef, { of }]]}>
      <EntityProvider entity={entity}>{element}</EntityProvider>
    </TestApiProvider>,
  );

const list = async (name: string) => within(await screen.findByRole('list', { name }));

describe('ScorecardCard', () => {
  it('shows the score, what fails and why, and nothing else', async () => {
    await show(<ScorecardCard />);
    expect(await screen.findByText('67 %')).toBeInTheDocument();
    expect(screen.getByText('2 of 3 checks hold.')).toBeInTheDocument();
    const lacking = await list('Checks that fail');
    expect(lacking.getByText('It is tested: no')).toBeInTheDocument();
    expect(lacking.getByText(/The folder tests has no test/)).toBeInTheDocument();
    expect(screen.queryByText(/It has a licence/)).not.toBeInTheDocument();
    expect(screen.getByText('One check could not be made and does not count.')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'All checks' })).toHaveAttribute('href', '/catalog/default/component/iris/scorecard');
  });

  it('is content where nothing fails', async () => {
    await show(<ScorecardCard />, async () => ({ score: 100, checks: SCORECARD.checks.slice(0, 2) }));
    expect(await screen.findByText('2 of 2 checks hold.')).toBeInTheDocument();
    expect(screen.queryByRole('list', { name: 'Checks that fail' })).not.toBeInTheDocument();
  });

  it('says so when it cannot be had, and asks again', async () => {
    const of = jest.fn().mockRejectedValueOnce(new Error('Gitea does not answer: status 502')).mockResolvedValue(SCORECARD);
    await show(<ScorecardCard />, of);
    expect(await screen.findByText('Gitea does not answer: status 502')).toBeInTheDocument();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('67 %')).toBeInTheDocument();
  });
});

describe('ScorecardTab', () => {
  it('shows every check with its reason, by verdict', async () => {
    await show(<ScorecardTab />);
    expect((await list('To do')).getByText('It is tested: no')).toBeInTheDocument();
    expect((await list('Fine')).getByText('A group owns it: yes')).toBeInTheDocument();
    const open = await list('Could not be found out');
    expect(open.getByText('Somebody else approved: unknown')).toBeInTheDocument();
    expect(open.getByText(/Governance does not answer: status 502/)).toBeInTheDocument();
    expect(screen.getByRole('heading', { name: 'To do' })).toBeInTheDocument();
  });

  it('leads to what each check is about', async () => {
    await show(<ScorecardTab />);
    const link = async (name: RegExp) => (await screen.findByRole('link', { name })).getAttribute('href');
    expect(await link(/^In the repository – It is tested/)).toBe('https://git/ml/iris');
    expect(await link(/^The owner – A group owns it/)).toBe('/catalog/default/group/ml-team');
    expect(await link(/^The model – Somebody else approved/)).toBe('/catalog/default/component/iris/model');
  });

  it('has no score where nothing is known', async () => {
    const checks = SCORECARD.checks.slice(3);
    await show(<ScorecardTab />, async () => ({ score: null, checks }));
    expect(await screen.findByText('Nothing could be found out.')).toBeInTheDocument();
    expect(screen.queryByText(/%/)).not.toBeInTheDocument();
  });
});
