import { MouseEvent, useState } from 'react';
import Button from '@material-ui/core/Button';
import Checkbox from '@material-ui/core/Checkbox';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import FormGroup from '@material-ui/core/FormGroup';
import Popover from '@material-ui/core/Popover';
import { Column } from './model';

type Props = { columns: Column[]; shown: string[]; change: (ids: string[]) => void };

/** Which metrics and parameters the table shows. */
export function ColumnChoice({ columns, shown, change }: Props) {
  const [anchor, setAnchor] = useState<HTMLElement>();
  const toggle = (id: string) =>
    change(shown.includes(id) ? shown.filter(other => other !== id) : [...shown, id]);
  return (
    <>
      <Button
        variant="outlined"
        size="small"
        aria-haspopup="dialog"
        aria-expanded={Boolean(anchor)}
        onClick={(event: MouseEvent<HTMLElement>) => setAnchor(event.currentTarget)}
      >
        Columns
      </Button>
      <Popover
        open={Boolean(anchor)}
        anchorEl={anchor}
        onClose={() => setAnchor(undefined)}
        PaperProps={{ role: 'dialog', 'aria-label': 'Columns', style: { padding: 16, maxHeight: 400 } } as object}
      >
        <FormGroup>
          {columns.map(({ id, kind, name }) => (
            <FormControlLabel
              key={id}
              label={`${name} (${kind === 'metric' ? 'metric' : 'parameter'})`}
              control={<Checkbox color="primary" size="small" checked={shown.includes(id)} onChange={() => toggle(id)} />}
            />
          ))}
        </FormGroup>
      </Popover>
    </>
  );
}
