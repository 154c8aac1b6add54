import { ReactNode } from 'react';
import { Entity } from '@backstage/catalog-model';
import { InfoCard, Link, Progress } from '@backstage/core-components';
import Grid from '@material-ui/core/Grid';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import Typography from '@material-ui/core/Typography';
import { entityPath, titleOf } from './model';

/** More are in the catalogue. */
export const SHOWN = 10;

export type OverviewProps = {
  title: string;
  /** Heads of the columns after the first, which is the entity itself. */
  heads: string[];
  entities?: Entity[];
  /** How many there are, those beyond the first included. */
  total?: number;
  /** What stands in those columns for an entity. */
  cells: (entity: Entity) => ReactNode[];
  /** Where all of them are. */
  all: string;
  /** Where an entity leads to; to its own page unless told. */
  path?: (entity: Entity) => string;
  /** What to say when there is none. */
  empty: string;
  /** The systems that know the rest: what they said instead of an answer. */
  trouble?: { who: string; error?: Error };
};

/** The first of a list of entities with what the systems behind say of each. */
export function Overview({ title, heads, entities, total = entities?.length ?? 0, cells, all, path = entityPath, empty, trouble }: OverviewProps) {
  const more = total > SHOWN ? `Show all ${total}` : 'Show all';
  return (
    <Grid item xs={12} md={6}>
      <InfoCard title={title} variant="gridItem" noPadding deepLink={{ title: `${more}: ${title.toLowerCase()}`, link: all }}>
        {!entities && <Progress />}
        {trouble?.error && <Trouble {...trouble} />}
        {entities?.length === 0 && <Remark>{empty}</Remark>}
        {entities && entities.length > 0 && (
          <Table size="small" aria-label={title}>
            <TableHead>
              <TableRow>
                {['Name', ...heads].map(head => (
                  <TableCell key={head}>{head}</TableCell>
                ))}
              </TableRow>
            </TableHead>
            <TableBody>
              {entities.slice(0, SHOWN).map(entity => (
                <TableRow key={entityPath(entity)}>
                  <TableCell title={entity.metadata.description}>
                    <Link to={path(entity)}>{titleOf(entity)}</Link>
                  </TableCell>
                  {cells(entity).map((cell, index) => (
                    <TableCell key={heads[index]}>{cell}</TableCell>
                  ))}
                </TableRow>
              ))}
            </TableBody>
          </Table>
        )}
      </InfoCard>
    </Grid>
  );
}

/** One system does not answer; what the catalogue knows stands all the same. */
export function Trouble({ who, error }: { who: string; error?: Error }) {
  if (!error) return null;
  return (
    <Remark role="status">
      {who} cannot be shown: {error.message} The rest of the portal works.
    </Remark>
  );
}

export function Remark({ role, children }: { role?: string; children: ReactNode }) {
  return (
    <Typography color="textSecondary" role={role} style={{ padding: '16px 24px', overflowWrap: 'anywhere' }}>
      {children}
    </Typography>
  );
}
