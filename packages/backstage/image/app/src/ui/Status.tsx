import { StatusError, StatusOK, StatusPending, StatusWarning } from '@backstage/core-components';

const GOOD = ['Synced', 'Healthy', 'Succeeded', 'FINISHED', 'READY', 'Done', 'Passed'];
const BAD = ['Degraded', 'Missing', 'Failed', 'Error', 'FAILED', 'Unreadable', 'Not passed'];
const UNDER_WAY = ['Progressing', 'Suspended', 'Pending', 'Running', 'RUNNING', 'SCHEDULED', 'Waiting for approval'];

function Sign({ word }: { word: string }) {
  if (GOOD.includes(word)) return <StatusOK />;
  if (BAD.includes(word)) return <StatusError />;
  if (UNDER_WAY.includes(word)) return <StatusPending />;
  return <StatusWarning />;
}

/**
 * A system's own word for a state, with the sign that it deserves. The word stands beside the sign:
 * what is inside of it is hidden from screen readers.
 */
export function Status({ word }: { word: string }) {
  return (
    <span style={{ display: 'flex', alignItems: 'center', whiteSpace: 'nowrap' }}>
      <Sign word={word} />
      {word}
    </span>
  );
}
