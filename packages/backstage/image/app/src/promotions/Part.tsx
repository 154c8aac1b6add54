import { ReactNode } from 'react';
import Typography from '@material-ui/core/Typography';

/** A part under its heading; nothing where it has none. */
export function Part({ title, of, children }: { title: string; of: unknown[]; children: ReactNode }) {
  if (of.length === 0) return null;
  return (
    <>
      <Typography variant="h6" component="h3" style={{ marginTop: 16 }}>
        {title}
      </Typography>
      {children}
    </>
  );
}

/** A list of lines, each on its own. */
export function Lines({ label, lines }: { label: string; lines: ReactNode[] }) {
  return (
    <ul aria-label={label} style={{ listStyle: 'none', margin: 0, padding: 0 }}>
      {lines.map((line, index) => (
        <Typography key={index} component="li" variant="body2" style={{ overflowWrap: 'anywhere' }}>
          {line}
        </Typography>
      ))}
    </ul>
  );
}
