import { StatusAborted, StatusError, StatusOK, Link } from '@backstage/core-components';
import { useEntity } from '@backstage/plugin-catalog-react';
import List from '@material-ui/core/List';
import ListItem from '@material-ui/core/ListItem';
import ListItemText from '@material-ui/core/ListItemText';
import { Check } from './api';
import { hopFrom, VERDICTS } from './model';

/** Checks with their verdicts in words, the reason, and the way to what each is about. */
export function Checks({ checks, label }: { checks: Check[]; label: string }) {
  return (
    <List dense disablePadding aria-label={label}>
      {checks.map(check => (
        <ListItem key={check.id} disableGutters>
          <ListItemText
            primary={<Verdict check={check} />}
            primaryTypographyProps={{ component: 'div' }}
            secondary={<Reason check={check} />}
            secondaryTypographyProps={{ style: { overflowWrap: 'anywhere' }, component: 'div' }}
          />
        </ListItem>
      ))}
    </List>
  );
}

/** The words stand beside the sign: what is inside of it is hidden from screen readers. */
function Verdict({ check: { title, ok } }: { check: Check }) {
  const { word } = VERDICTS.find(verdict => verdict.ok === ok)!;
  return (
    <span style={{ display: 'flex', alignItems: 'center' }}>
      {ok === null && <StatusAborted />}
      {ok === true && <StatusOK />}
      {ok === false && <StatusError />}
      {title}: {word}
    </span>
  );
}

function Reason({ check }: { check: Check }) {
  const { entity } = useEntity();
  const hop = hopFrom(check, entity);
  return (
    <>
      {check.reason}
      {hop && (
        <>
          {' · '}
          <Link to={hop.to} underline="always" aria-label={`${hop.words} – ${check.title}`}>
            {hop.words}
          </Link>
        </>
      )}
    </>
  );
}
