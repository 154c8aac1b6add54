import { ReactNode } from 'react';
import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableContainer from '@material-ui/core/TableContainer';

const useStyles = makeStyles({ table: { '& th, & td': { whiteSpace: 'nowrap', wordBreak: 'normal' } } });

/** A table that scrolls sideways, with the keyboard too, where it has more columns than room. */
export function WideTable({ label, children }: { label: string; children: ReactNode }) {
  const { table } = useStyles();
  return (
    <TableContainer tabIndex={0} role="region" aria-label={label}>
      <Table size="small" aria-label={label} className={table}>
        {children}
      </Table>
    </TableContainer>
  );
}
