import { gapsIn } from './card';
import { Evidence } from './evidence';

export type Check = { id: string; title: string; ok: boolean; reason: string };

/** What checks go by, beside the evidence of the version itself. */
export type Surroundings = {
  /** The model card as the repository has it; undefined where there is none. */
  card: string | undefined;
  /** Whether Gitea knows the commit that the version names. */
  commitExists: boolean;
  /** Who started the run or made the commit. */
  authors: string[];
};

/** What must be so before anybody may approve a version, each with its reason. Pure. */
export function checksOf(evidence: Evidence, { card, commitExists, authors }: Surroundings): Check[] {
  const { data, code } = evidence;
  const untold = [
    !data.version && 'the version of the data',
    !data.sha256 && 'the hash of the data',
    !code.repository && 'the repository of the code',
    !code.commit && 'the commit of the code',
    !evidence.pipelineRun && 'the pipeline run',
    !evidence.modelSha256 && 'the hash of the model',
  ].filter(Boolean);
  const gaps = gapsIn(card);
  const { verdict, reasons } = evidence.gate;
  const unexplained = ['importance.json', 'model-card.md'].filter(name => !evidence.explanations[name]);
  return [
    check('origin', 'Data, code and run are known', [
      ...(untold.length ? [`the version does not say ${untold.join(', ')}`] : []),
      ...(code.commit && !commitExists ? [`Gitea has no commit ${code.commit.slice(0, 10)} in ${code.repository}`] : []),
    ], `${data.name} ${data.version}, commit ${code.commit.slice(0, 10)}, run ${evidence.pipelineRun}`),
    check('author', 'Its author is known', authors.length ? [] : ['neither the commit nor the run says who made it'],
      authors.join(', ')),
    check('gate', 'The quality gate let it pass', verdict === 'passed' ? [] : [
      verdict ? `the gate says ${verdict}${reasons && `: ${reasons}`}` : 'no gate has judged it',
    ], 'passed'),
    check('explained', 'There is evidence of what it looks at',
      unexplained.length ? [`the run has no ${unexplained.join(' and no ')}`] : [],
      Object.keys(evidence.explanations).join(', ')),
    check('card', 'The model card is filled in', gaps.length > 3 ? [...gaps.slice(0, 3), `and ${gaps.length - 3} more`] : gaps,
      'docs/model-card.md has no gaps'),
  ];
}

function check(id: string, title: string, against: string[], fine: string): Check {
  return { id, title, ok: against.length === 0, reason: against.length ? against.join('; ') : fine };
}
