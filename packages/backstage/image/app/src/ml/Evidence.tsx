import { MarkdownContent, Progress } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard } from '@backstage/plugin-catalog-react';
import Grid from '@material-ui/core/Grid';
import Typography from '@material-ui/core/Typography';
import useAsync from 'react-use/esm/useAsync';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import { Trouble } from '../ui/Trouble';
import { Evidence } from './api';
import { shown } from './model';
import { mlApiRef } from './plugin';

const TITLES: Record<string, string> = {
  'importance.png': 'Importance of features',
  'confusion.png': 'What was taken for what',
};
/** As many features as a sentence can name. */
const NAMED = 5;

/** The card, and the pictures that explain a version. */
export function EvidenceCards({ model, version }: { model: string; version: string }) {
  const ml = useApi(mlApiRef);
  const { value, error, loading, retry } = useAsyncRetry(() => ml.getEvidence(model, version), [ml, model, version]);
  if (loading) return <Progress />;
  if (error) {
    return (
      <Grid item xs={12}>
        <EntityInfoCard title="Evidence">
          <Trouble error={error} retry={retry} />
        </EntityInfoCard>
      </Grid>
    );
  }
  if (!value) return null;
  return (
    <>
      <Grid item xs={12} md={6}>
        <EntityInfoCard title="Model card">
          {value.card ? (
            <MarkdownContent content={value.card} />
          ) : (
            <Typography color="textSecondary">This version has no model card.</Typography>
          )}
        </EntityInfoCard>
      </Grid>
      <Grid item xs={12} md={6}>
        <EntityInfoCard title="What explains it">
          {value.plots.length === 0 && (
            <Typography color="textSecondary">The run has left no pictures that explain this version.</Typography>
          )}
          {value.plots.map(plot => (
            <Plot key={plot.path} path={plot.path} title={TITLES[plot.name] ?? plot.name} alt={describe(plot.name, value, version)} />
          ))}
        </EntityInfoCard>
      </Grid>
    </>
  );
}

function Plot({ path, title, alt }: { path: string; title: string; alt: string }) {
  const ml = useApi(mlApiRef);
  const { value, error, loading } = useAsync(() => ml.getPlot(path), [ml, path]);
  return (
    <figure style={{ margin: '0 0 16px' }}>
      <Typography component="figcaption" variant="subtitle2">
        {title}
      </Typography>
      {loading && <Progress />}
      {error && <Trouble error={error} />}
      {/* The pictures are drawn on white, on dark pages too. */}
      {value && <img src={value} alt={alt} style={{ maxWidth: '100%', background: '#fff' }} />}
    </figure>
  );
}

/** A picture in words, with its figures where they are known. */
export function describe(plot: string, { importance = {} }: Evidence, version: string): string {
  if (plot === 'confusion.png') {
    return `Confusion matrix of version ${version}: true classes against predicted ones on held-out rows`;
  }
  const weightiest = Object.entries(importance)
    .sort(([, one], [, other]) => other - one)
    .slice(0, NAMED)
    .map(([feature, weight]) => `${feature} ${shown(weight)}`);
  const figures = weightiest.length > 0 ? `, the weightiest first: ${weightiest.join(', ')}` : '';
  return `Bars: loss of accuracy of version ${version} when a feature is shuffled${figures}`;
}
