import { useState } from 'react';
import { Progress } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard } from '@backstage/plugin-catalog-react';
import Button from '@material-ui/core/Button';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import Typography from '@material-ui/core/Typography';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import { Status } from '../ui/Status';
import { Trouble } from '../ui/Trouble';
import { WideTable } from '../ui/WideTable';
import { Pipeline, Run, Step } from './api';
import { pipelinesApiRef } from './plugin';
import { lasting, telling } from './words';

/** The steps of a run, and the log of one: of the step that failed, if any did. */
export function RunPanel({ pipeline, run }: { pipeline: Pipeline; run: Run }) {
  const [chosen, setChosen] = useState<string>();
  const step = run.steps.find(({ id }) => id === chosen) ?? telling(run.steps);
  return (
    <EntityInfoCard title={`Steps of ${run.name}`}>
      {run.message && <Typography paragraph>{run.message}</Typography>}
      {run.steps.length === 0 ? (
        <Typography color="textSecondary">No step has begun yet.</Typography>
      ) : (
        <WideTable label={`Steps of ${run.name}`}>
          <TableHead>
            <TableRow>
              {['Step', 'State', 'Took', 'Log', 'What it said in the end'].map(title => (
                <TableCell key={title}>{title}</TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {run.steps.map(({ id, name, phase, message, ...times }) => (
              <TableRow key={id} selected={id === step?.id}>
                <TableCell>{name}</TableCell>
                <TableCell>
                  <Status word={phase} />
                </TableCell>
                <TableCell>{lasting(times)}</TableCell>
                <TableCell>
                  <Button size="small" aria-pressed={id === step?.id} onClick={() => setChosen(id)}>
                    Log of {name}
                  </Button>
                </TableCell>
                <TableCell>{message}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </WideTable>
      )}
      {step && <Log key={`${step.id} ${step.phase}`} pipeline={pipeline} run={run.name} step={step} />}
    </EntityInfoCard>
  );
}

function Log({ pipeline: { namespace, template }, run, step }: { pipeline: Pipeline; run: string; step: Step }) {
  const pipelines = useApi(pipelinesApiRef);
  const { value, error, loading, retry } = useAsyncRetry(
    () => pipelines.log({ namespace, template }, run, step.id),
    [pipelines, namespace, template, run, step.id],
  );
  const title = `Log of ${step.name}`;
  return (
    <section aria-label={title} style={{ marginTop: 16 }}>
      <Typography variant="h6" component="h3">
        {title}
      </Typography>
      {loading && <Progress />}
      {error && <Trouble error={error} retry={retry} />}
      {value !== undefined && !error && (
        // It scrolls, with the keyboard, too.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre tabIndex={0} style={{ maxHeight: 420, overflow: 'auto', margin: 0, fontSize: 12 }}>
          {value || 'It printed nothing.'}
        </pre>
      )}
    </section>
  );
}
