import { useState } from 'react';
import { Link, Progress } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import Button from '@material-ui/core/Button';
import Chip from '@material-ui/core/Chip';
import Grid from '@material-ui/core/Grid';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TablePagination from '@material-ui/core/TablePagination';
import TableRow from '@material-ui/core/TableRow';
import Typography from '@material-ui/core/Typography';
import { useSearchParams } from 'react-router-dom';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import { Ago } from '../ui/Ago';
import { Status } from '../ui/Status';
import { Trouble } from '../ui/Trouble';
import { Model, Version } from './api';
import { inProduction, MODEL_ANNOTATION, shown, tellingMetrics } from './model';
import { mlApiRef } from './plugin';
import { VersionPanel } from './VersionPanel';

const ROWS = 10;

/** The versions of an entity's model, and everything about one of them. */
export function ModelTab() {
  const { entity } = useEntity();
  const ml = useApi(mlApiRef);
  const name = entity.metadata.annotations![MODEL_ANNOTATION];
  const { value, error, loading, retry } = useAsyncRetry(() => ml.getModel(name), [ml, name]);
  const [query, setQuery] = useSearchParams();
  if (error) {
    return (
      <EntityInfoCard title="Versions">
        <Trouble error={error} retry={retry} />
      </EntityInfoCard>
    );
  }
  if (loading || !value) return <Progress />;
  // The address names the version, so that a link can lead to it; else the one that matters most.
  const opened =
    value.versions.find(({ version }) => version === query.get('version')) ??
    inProduction(value.versions) ??
    value.versions[0];
  const open = ({ version }: Version) => setQuery({ version }, { replace: true });
  return (
    <Grid container spacing={3}>
      <Grid item xs={12}>
        <EntityInfoCard title="Versions" footerActions={<Link to={value.url}>Model {name} in MLflow</Link>}>
          {opened ? (
            <Versions model={value} opened={opened} open={open} />
          ) : (
            <Typography color="textSecondary">No version yet: a run that passes its gate registers one.</Typography>
          )}
        </EntityInfoCard>
      </Grid>
      {opened && (
        <Grid item xs={12}>
          <VersionPanel key={opened.version} model={name} version={opened} />
        </Grid>
      )}
    </Grid>
  );
}

type Props = { model: Model; opened: Version; open: (version: Version) => void };

function Versions({ model: { versions }, opened, open }: Props) {
  const [page, setPage] = useState(Math.floor(versions.indexOf(opened) / ROWS));
  const metrics = tellingMetrics(versions.map(version => version.metrics));
  return (
    <>
      <TableContainer tabIndex={0} role="region" aria-label="Versions">
        <Table size="small" aria-label="Versions">
          <TableHead>
            <TableRow>
              <TableCell>Version</TableCell>
              <TableCell>Aliases</TableCell>
              <TableCell>Status</TableCell>
              <TableCell>Registered</TableCell>
              {metrics.map(metric => (
                <TableCell key={metric} align="right">
                  {metric}
                </TableCell>
              ))}
              <TableCell>In MLflow</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {versions.slice(page * ROWS, (page + 1) * ROWS).map(version => (
              <TableRow key={version.version} selected={version === opened}>
                <TableCell>
                  <Button
                    size="small"
                    variant={version === opened ? 'contained' : 'outlined'}
                    disableElevation
                    aria-pressed={version === opened}
                    onClick={() => open(version)}
                  >
                    Version {version.version}
                  </Button>
                </TableCell>
                <TableCell>
                  <Aliases names={version.aliases} />
                </TableCell>
                <TableCell>
                  <Status word={version.status} />
                </TableCell>
                <TableCell>
                  <Ago time={version.createdAt} />
                </TableCell>
                {metrics.map(metric => (
                  <TableCell key={metric} align="right">
                    {shown(version.metrics[metric])}
                  </TableCell>
                ))}
                <TableCell>
                  <Link to={version.url} aria-label={`Version ${version.version} in MLflow`}>
                    Open
                  </Link>
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableContainer>
      {versions.length > ROWS && (
        <TablePagination
          component="div"
          count={versions.length}
          page={page}
          rowsPerPage={ROWS}
          rowsPerPageOptions={[ROWS]}
          onPageChange={(_, next) => setPage(next)}
          backIconButtonText="Newer versions"
          nextIconButtonText="Older versions"
        />
      )}
    </>
  );
}

function Aliases({ names }: { names: string[] }) {
  if (names.length === 0) return <>none</>;
  return (
    <>
      {names.map(name => (
        <Chip key={name} label={name} size="small" variant="outlined" style={{ margin: 2 }} />
      ))}
    </>
  );
}
