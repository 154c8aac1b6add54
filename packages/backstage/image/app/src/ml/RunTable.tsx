import { useState } from 'react';
import { Link } from '@backstage/core-components';
import Checkbox from '@material-ui/core/Checkbox';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TablePagination from '@material-ui/core/TablePagination';
import TableRow from '@material-ui/core/TableRow';
import TableSortLabel from '@material-ui/core/TableSortLabel';
import { Ago } from '../ui/Ago';
import { Status } from '../ui/Status';
import { WideTable } from '../ui/WideTable';
import { Run } from './api';
import { Column, duration, Order, shown, sorted, valueOf } from './model';

const ROWS = 20;

type Props = {
  runs: Run[];
  columns: Column[];
  chosen: string[];
  choose: (id: string) => void;
};

/** Runs with what they measured and were given; a click on a column's name sorts by it. */
export function RunTable({ runs, columns, chosen, choose }: Props) {
  const [order, setOrder] = useState<Order>({ by: 'startedAt', descending: true });
  const [page, setPage] = useState(0);
  const rows = sorted(runs, order, columns);
  const last = Math.max(0, Math.ceil(rows.length / ROWS) - 1);
  const current = Math.min(page, last);
  const direction = order.descending ? 'descending' : 'ascending';
  const head = (id: string, title: string, numeric = false) => (
    <TableCell
      key={id}
      align={numeric ? 'right' : 'left'}
      aria-sort={order.by === id ? direction : 'none'}
    >
      <TableSortLabel
        active={order.by === id}
        direction={order.by === id && !order.descending ? 'asc' : 'desc'}
        onClick={() => setOrder({ by: id, descending: order.by === id ? !order.descending : true })}
      >
        {title}
      </TableSortLabel>
    </TableCell>
  );
  return (
    <>
      <WideTable label="Runs">
        <TableHead>
          <TableRow>
            <TableCell>Compare</TableCell>
            {head('name', 'Run')}
            {head('status', 'Status')}
            {head('startedAt', 'Started')}
            <TableCell>Duration</TableCell>
            {columns.map(({ id, name, kind }) => head(id, name, kind === 'metric'))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.slice(current * ROWS, (current + 1) * ROWS).map(run => (
            <TableRow key={run.id} selected={chosen.includes(run.id)}>
              <TableCell padding="checkbox">
                <Checkbox
                  color="primary"
                  checked={chosen.includes(run.id)}
                  onChange={() => choose(run.id)}
                  inputProps={{ 'aria-label': `Compare ${run.name}` }}
                />
              </TableCell>
              <TableCell>
                <Link to={run.url}>{run.name}</Link>
              </TableCell>
              <TableCell>
                <Status word={run.status} />
              </TableCell>
              <TableCell>
                <Ago time={run.startedAt} />
              </TableCell>
              <TableCell>{duration(run)}</TableCell>
              {columns.map(column => (
                <TableCell key={column.id} align={column.kind === 'metric' ? 'right' : 'left'}>
                  {shown(valueOf(run, column))}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </WideTable>
      {rows.length > ROWS && (
        <TablePagination
          component="div"
          count={rows.length}
          page={current}
          rowsPerPage={ROWS}
          rowsPerPageOptions={[ROWS]}
          onPageChange={(_, next) => setPage(next)}
          backIconButtonText="Previous page of runs"
          nextIconButtonText="Next page of runs"
        />
      )}
    </>
  );
}
