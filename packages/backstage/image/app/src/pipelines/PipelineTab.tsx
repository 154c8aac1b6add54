import { useState } from 'react';
import { Progress } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import Button from '@material-ui/core/Button';
import Grid from '@material-ui/core/Grid';
import Typography from '@material-ui/core/Typography';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import useInterval from 'react-use/esm/useInterval';
import { Trouble } from '../ui/Trouble';
import { Pipeline, Run, Runs } from './api';
import { pipelinesApiRef } from './plugin';
import { RunPanel } from './RunPanel';
import { RunTable } from './RunTable';
import { isOver, pipelineOf } from './words';

const WHILE_IT_RUNS = 5_000;
const OTHERWISE = 20_000;

/** The runs of an entity's pipeline: how they went, their steps and logs, and a button for one more. */
export function PipelineTab() {
  const { entity } = useEntity();
  const pipelines = useApi(pipelinesApiRef);
  const { namespace, template } = pipelineOf(entity)!;
  const { value, error, loading, retry } = useAsyncRetry(
    () => pipelines.runs({ namespace, template }),
    [pipelines, namespace, template],
  );
  const underWay = value?.runs.some(run => !isOver(run));
  useInterval(retry, underWay ? WHILE_IT_RUNS : OTHERWISE);
  if (error && !value) {
    return (
      <EntityInfoCard title="Runs">
        <Trouble error={error} retry={retry} />
      </EntityInfoCard>
    );
  }
  if (!value) return loading ? <Progress /> : null;
  return <Shown pipeline={{ namespace, template }} newest={value} trouble={error} refresh={retry} />;
}

type Props = { pipeline: Pipeline; newest: Runs; trouble?: Error; refresh: () => void };

function Shown({ pipeline, newest, trouble, refresh }: Props) {
  const pipelines = useApi(pipelinesApiRef);
  const [older, setOlder] = useState<{ runs: Run[]; next?: string }>();
  const [chosen, setChosen] = useState<string>();
  const [failed, setFailed] = useState<Error>();
  const known = new Set(newest.runs.map(({ name }) => name));
  const runs = [...newest.runs, ...(older?.runs ?? []).filter(({ name }) => !known.has(name))];
  const next = older ? older.next : newest.next;
  const open = runs.find(({ name }) => name === chosen) ?? runs[0];

  const attempt = async (action: () => Promise<void>) => {
    try {
      await action();
      setFailed(undefined);
    } catch (error) {
      setFailed(error as Error);
    }
  };
  const start = () =>
    attempt(async () => {
      const { name } = await pipelines.start(pipeline);
      setChosen(name);
      refresh();
    });
  const more = () =>
    attempt(async () => {
      const found = await pipelines.runs(pipeline, next);
      setOlder({ runs: [...(older?.runs ?? []), ...found.runs], next: found.next });
    });

  return (
    <Grid container spacing={3}>
      <Grid item xs={12}>
        <EntityInfoCard
          title="Runs"
          headerActions={
            <Button variant="contained" color="primary" size="small" disabled={!newest.mayRun} onClick={start}>
              Run pipeline
            </Button>
          }
        >
          {newest.away && <Trouble error={new Error(newest.away)} />}
          {newest.mayNot && (
            <Typography color="textSecondary" paragraph>
              You cannot run it: {newest.mayNot}.
            </Typography>
          )}
          {(failed ?? trouble) && <Trouble error={(failed ?? trouble)!} />}
          {runs.length === 0 ? (
            <Typography color="textSecondary">No run yet: a commit, the schedule or the button starts one.</Typography>
          ) : (
            <RunTable runs={runs} open={open?.name} choose={setChosen} />
          )}
          {next && (
            <Button variant="outlined" size="small" onClick={more}>
              Load older runs ({runs.length} so far)
            </Button>
          )}
        </EntityInfoCard>
      </Grid>
      {open && (
        <Grid item xs={12}>
          <RunPanel key={open.name} pipeline={pipeline} run={open} />
        </Grid>
      )}
    </Grid>
  );
}
