import { useState } from 'react';
import { Link, Progress } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import Button from '@material-ui/core/Button';
import FormControl from '@material-ui/core/FormControl';
import Grid from '@material-ui/core/Grid';
import InputLabel from '@material-ui/core/InputLabel';
import NativeSelect from '@material-ui/core/NativeSelect';
import Typography from '@material-ui/core/Typography';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import { Trouble } from '../ui/Trouble';
import { Run } from './api';
import { ColumnChoice } from './ColumnChoice';
import { Compare } from './Compare';
import { MetricChart } from './MetricChart';
import { columnsOf, EXPERIMENT_ANNOTATION, firstColumns, headline } from './model';
import { mlApiRef } from './plugin';
import { RunTable } from './RunTable';

/** The runs of an entity's experiment: a table, a picture, and some of them side by side. */
export function ExperimentsTab() {
  const { entity } = useEntity();
  const ml = useApi(mlApiRef);
  const experiment = entity.metadata.annotations![EXPERIMENT_ANNOTATION];
  const { value, error, loading, retry } = useAsyncRetry(() => ml.getRuns(experiment), [ml, experiment]);
  if (error) {
    return (
      <EntityInfoCard title="Runs">
        <Trouble error={error} retry={retry} />
      </EntityInfoCard>
    );
  }
  if (loading || !value) return <Progress />;
  return <Experiment key={experiment} name={experiment} url={value.experimentUrl} first={value.runs} next={value.next} />;
}

type Props = { name: string; url: string; first: Run[]; next?: string };

function Experiment({ name, url, first, next: firstNext }: Props) {
  const ml = useApi(mlApiRef);
  const [{ runs, next }, setLoaded] = useState({ runs: first, next: firstNext });
  const [trouble, setTrouble] = useState<Error>();
  const [chosen, setChosen] = useState<string[]>([]);
  const [picked, setPicked] = useState<string[]>();
  const all = columnsOf(runs);
  const shown = picked ?? firstColumns(all, runs).map(({ id }) => id);
  const metrics = all.filter(({ kind }) => kind === 'metric');
  const compared = chosen.flatMap(id => runs.find(run => run.id === id) ?? []);

  const older = async () => {
    try {
      const more = await ml.getRuns(name, next);
      setLoaded({ runs: [...runs, ...more.runs], next: more.next });
      setTrouble(undefined);
    } catch (error) {
      setTrouble(error as Error);
    }
  };
  const choose = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter(other => other !== id) : [...chosen, id]);

  return (
    <Grid container spacing={3}>
      <Grid item xs={12}>
        <EntityInfoCard
          title="Runs"
          headerActions={<ColumnChoice columns={all} shown={shown} change={setPicked} />}
          footerActions={<Link to={url}>Experiment {name} in MLflow</Link>}
        >
          {runs.length === 0 ? (
            <Typography color="textSecondary">No run yet: the pipeline writes one each time that it trains.</Typography>
          ) : (
            <RunTable runs={runs} columns={all.filter(({ id }) => shown.includes(id))} chosen={chosen} choose={choose} />
          )}
          {trouble && <Trouble error={trouble} />}
          {next && (
            <Button variant="outlined" size="small" onClick={older}>
              Load older runs ({runs.length} so far)
            </Button>
          )}
        </EntityInfoCard>
      </Grid>
      {runs.length > 0 && (
        <Grid item xs={12}>
          <EntityInfoCard title="Compare">
            {compared.length < 2 ? (
              <Typography color="textSecondary">Choose two or more runs in the table to see them side by side.</Typography>
            ) : (
              <Compare runs={compared} />
            )}
          </EntityInfoCard>
        </Grid>
      )}
      {metrics.length > 0 && (
        <Grid item xs={12}>
          <Trend runs={runs} metrics={metrics.map(metric => metric.name)} marked={chosen} />
        </Grid>
      )}
    </Grid>
  );
}

function Trend({ runs, metrics, marked }: { runs: Run[]; metrics: string[]; marked: string[] }) {
  const [metric, setMetric] = useState(() => headline(Object.assign({}, ...runs.map(run => run.metrics)))?.name ?? metrics[0]);
  return (
    <EntityInfoCard title="From run to run">
      <FormControl style={{ marginBottom: 16 }}>
        <InputLabel htmlFor="trend-metric">Metric</InputLabel>
        <NativeSelect
          value={metric}
          onChange={event => setMetric(event.target.value)}
          inputProps={{ id: 'trend-metric' }}
        >
          {metrics.map(name => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </NativeSelect>
      </FormControl>
      <MetricChart runs={runs} metric={metric} marked={marked} />
    </EntityInfoCard>
  );
}
