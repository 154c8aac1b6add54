import { Entity } from '@backstage/catalog-model';
import { EmptyState, Link, Progress, ResponseErrorPanel } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { CatalogApi } from '@backstage/catalog-client';
import { catalogApiRef, EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import Grid from '@material-ui/core/Grid';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import Typography from '@material-ui/core/Typography';
import useAsync from 'react-use/esm/useAsync';
import { FIELDS, Lineage, MOST_NODES, Node, trace } from './graph';
import { Graph } from './Graph';
import { nodePath, rows, spoken } from './words';

/** Where the catalogue is asked: all of a level in one question. */
const asking = (catalog: CatalogApi) => async (entityRefs: string[]) =>
  (await catalog.getEntitiesByRefs({ entityRefs, fields: FIELDS })).items;

const names = (nodes: Node[]) => nodes.map(({ title }) => title).join(', ') || '–';

/** From the data to whoever uses the answers: as a picture, and in words. */
export function LineageTab() {
  const { entity } = useEntity();
  const catalog = useApi(catalogApiRef);
  const { value, error, loading } = useAsync(() => trace(entity, asking(catalog)), [entity, catalog]);
  return (
    <>
      {error && <ResponseErrorPanel error={error} />}
      {loading && !value && <Progress />}
      {value && !error && <Shown entity={entity} lineage={value} />}
    </>
  );
}

function Shown({ entity, lineage }: { entity: Entity; lineage: Lineage }) {
  const name = entity.metadata.title ?? entity.metadata.name;
  if (lineage.edges.length === 0) {
    return (
      <EmptyState
        missing="content"
        title="Nothing is known of where this comes from"
        description="Name it in catalog-info.yaml: dependsOn for data, models and services, providesApis and consumesApis for APIs."
      />
    );
  }
  return (
    <Grid container spacing={3}>
      {lineage.cut && (
        <Grid item xs={12}>
          <Typography role="status">
            This is not all of it: the nearest {MOST_NODES} are shown. Follow a node to see more.
          </Typography>
        </Grid>
      )}
      <Grid item xs={12}>
        <EntityInfoCard title="Lineage">
          <Typography color="textSecondary" paragraph>
            From the data on the left to whoever uses it on the right
          </Typography>
          <Graph lineage={lineage} name={name} />
        </EntityInfoCard>
      </Grid>
      <Grid item xs={12}>
        <EntityInfoCard title="In words">
          <Words title="This entry" lineage={lineage} refs={lineage.focus} />
          <Words title="What it comes from" lineage={lineage} refs={lineage.upstream} />
          <Words title="What depends on it" lineage={lineage} refs={lineage.downstream} />
        </EntityInfoCard>
      </Grid>
    </Grid>
  );
}

function Words({ title, lineage, refs }: { title: string; lineage: Lineage; refs: Iterable<string> }) {
  const found = rows(lineage, refs);
  return (
    <section>
      <Typography variant="h6" component="h3" style={{ paddingTop: 16 }}>
        {title}
      </Typography>
      {found.length === 0 ? (
        <Typography style={{ padding: '8px 0' }}>Nothing that the catalogue knows.</Typography>
      ) : (
        <Table size="small" aria-label={title}>
          <TableHead>
            <TableRow>
              {['Name', 'What it is', 'Comes directly from', 'Directly used by'].map(head => (
                <TableCell key={head}>{head}</TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {found.map(({ node, from, to }) => (
              <TableRow key={node.ref}>
                <TableCell component="th" scope="row" role="rowheader">
                  <Name node={node} />
                </TableCell>
                <TableCell>{spoken(node).slice(node.title.length + 2)}</TableCell>
                <TableCell>{names(from)}</TableCell>
                <TableCell>{names(to)}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </section>
  );
}

function Name({ node }: { node: Node }) {
  return node.missing ? <>{node.title}</> : <Link to={nodePath(node.ref)}>{node.title}</Link>;
}
