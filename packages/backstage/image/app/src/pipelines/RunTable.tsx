import Button from '@material-ui/core/Button';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import { Ago } from '../ui/Ago';
import { Status } from '../ui/Status';
import { WideTable } from '../ui/WideTable';
import { Run } from './api';
import { cause, lasting } from './words';

/** Runs, the newest first; a name opens what happened in it. */
export function RunTable({ runs, open, choose }: { runs: Run[]; open?: string; choose: (name: string) => void }) {
  return (
    <WideTable label="Runs">
      <TableHead>
        <TableRow>
          {['Run', 'State', 'Started', 'Took', 'Started by'].map(title => (
            <TableCell key={title}>{title}</TableCell>
          ))}
        </TableRow>
      </TableHead>
      <TableBody>
        {runs.map(run => (
          <TableRow key={run.name} selected={run.name === open}>
            <TableCell>
              <Button
                size="small"
                variant={run.name === open ? 'contained' : 'outlined'}
                aria-pressed={run.name === open}
                onClick={() => choose(run.name)}
                style={{ textTransform: 'none' }}
              >
                {run.name}
              </Button>
            </TableCell>
            <TableCell>
              <Status word={run.phase} />
            </TableCell>
            <TableCell>
              <Ago time={run.startedAt} />
            </TableCell>
            <TableCell>{lasting(run)}</TableCell>
            <TableCell>{cause(run)}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </WideTable>
  );
}
