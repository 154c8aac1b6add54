import { Link } from '@backstage/core-components';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import { WideTable } from '../ui/WideTable';
import { Move, Promotion } from './api';
import { Part } from './Part';
import { refOf, short } from './words';

/** Which commits came into which repository, the platform's own first. */
export function Commits({ promotion: { id, platform, repositories } }: { promotion: Promotion }) {
  const moved = platform.filter(({ before, after }) => before !== after);
  const isNew = new Set(repositories.filter(one => one.isNew).map(({ name }) => name));
  const moves = [...moved, ...repositories.flatMap(one => one.moves)];
  return (
    <Part title="Commits" of={moves}>
      <WideTable label={`Commits of ${id}`}>
        <TableHead>
          <TableRow>
            {['Repository', 'Branch or tag', 'Commits'].map(title => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {moves.map(move => (
            <TableRow key={`${move.repository} ${move.ref}`}>
              <TableCell>
                {move.repository}
                {isNew.has(move.repository) && ' (new)'}
              </TableCell>
              <TableCell>{move.ref ? refOf(move.ref) : 'main'}</TableCell>
              <TableCell>
                <Way move={move} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </WideTable>
    </Part>
  );
}

function Way({ move: { before, after, url } }: { move: Move }) {
  if (!after) {
    return (
      <>
        removed{before && ', was '}
        {before && <code title={before}>{short(before)}</code>}
      </>
    );
  }
  const words = (
    <code title={before ? `${before} → ${after}` : after}>{before ? `${short(before)} → ${short(after)}` : short(after)}</code>
  );
  return url ? (
    <Link to={url} underline="always">
      {words}
    </Link>
  ) : (
    words
  );
}
