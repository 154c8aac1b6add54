import { ReactNode } from 'react';
import { CopyTextButton } from '@backstage/core-components';

/** Something short, with a button that copies all of it. */
export function Copyable({ what, text, children }: { what: string; text: string; children: ReactNode }) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 8, margin: '2px 0', maxWidth: '100%' }}>
      <span style={{ overflowWrap: 'anywhere' }}>{children}</span>
      <CopyTextButton text={text} tooltipText="Copied" aria-label={`Copy ${what}`} />
    </span>
  );
}
