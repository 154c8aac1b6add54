import { useState } from 'react';
import { Link } from '@backstage/core-components';
import Checkbox from '@material-ui/core/Checkbox';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import { Run } from './api';
import { compare, shown } from './model';

/** Runs side by side; what differs between them is said in a column of its own. */
export function Compare({ runs }: { runs: Run[] }) {
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const rows = compare(runs).filter(row => row.differs || !onlyDifferent);
  return (
    <>
      <FormControlLabel
        label="Only what differs"
        control={<Checkbox color="primary" checked={onlyDifferent} onChange={() => setOnlyDifferent(!onlyDifferent)} />}
      />
      <TableContainer tabIndex={0} role="region" aria-label="Comparison">
        <Table size="small" aria-label="Comparison of runs">
          <TableHead>
            <TableRow>
              <TableCell>Kind</TableCell>
              <TableCell>Name</TableCell>
              {runs.map(run => (
                <TableCell key={run.id} align="right">
                  <Link to={run.url}>{run.name}</Link>
                </TableCell>
              ))}
              <TableCell>Same?</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {rows.map(({ kind, name, values, differs }) => (
              <TableRow key={`${kind} ${name}`}>
                <TableCell>{kind}</TableCell>
                <TableCell component="th" scope="row" role="rowheader">
                  {name}
                </TableCell>
                {values.map((value, index) => (
                  <TableCell key={runs[index].id} align="right" style={{ fontWeight: differs ? 700 : undefined }}>
                    {shown(value)}
                  </TableCell>
                ))}
                <TableCell>{differs ? 'differs' : 'same'}</TableCell>
              </TableRow>
            ))}
            {rows.length === 0 && (
              <TableRow>
                <TableCell colSpan={runs.length + 3}>Nothing differs between these runs.</TableCell>
              </TableRow>
            )}
          </TableBody>
        </Table>
      </TableContainer>
    </>
  );
}
