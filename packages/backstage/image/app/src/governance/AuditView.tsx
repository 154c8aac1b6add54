import { Link, Progress } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard } from '@backstage/plugin-catalog-react';
import Button from '@material-ui/core/Button';
import List from '@material-ui/core/List';
import ListItem from '@material-ui/core/ListItem';
import ListItemText from '@material-ui/core/ListItemText';
import Typography from '@material-ui/core/Typography';
import useAsync from 'react-use/esm/useAsync';
import { Trouble } from '../ui/Trouble';
import { AuditRecord } from './api';
import { governanceApiRef } from './ref';

/** The audit record of a model, to read and to take away. */
export function AuditView({ model }: { model: string }) {
  const governance = useApi(governanceApiRef);
  const { value, error, loading } = useAsync(() => governance.audit(model), [governance, model]);
  return (
    <div style={{ marginTop: 24 }}>
      <EntityInfoCard title={`Audit record of ${model}`}>
        {loading && <Progress />}
        {error && <Trouble error={error} />}
        {value && <Record record={value} />}
      </EntityInfoCard>
    </div>
  );
}

function Record({ record }: { record: AuditRecord }) {
  const { production, versions, deployments } = record;
  return (
    <>
      <Button variant="contained" color="primary" onClick={() => download(record)}>
        Download as JSON
      </Button>
      <Typography paragraph style={{ marginTop: 16 }}>
        {production
          ? `Version ${production.version} is in production${production.since ? ` since ${new Date(production.since).toLocaleString()}` : ''}.`
          : 'No version is in production.'}{' '}
        {production?.url && <Link to={production.url} underline="always">Record in Git</Link>}
      </Typography>
      <Typography variant="h6" component="h3">
        Where it runs
      </Typography>
      {deployments.length === 0 && <Typography>Nothing in the catalogue depends on it.</Typography>}
      <List dense aria-label="Deployments">
        {deployments.map(({ entity, application, since, sync, health }) => (
          <ListItem key={entity} disableGutters>
            <ListItemText
              primary={entity}
              secondary={[application && `application ${application}`, since && `since ${new Date(since).toLocaleString()}`, sync, health]
                .filter(Boolean)
                .join(', ')}
            />
          </ListItem>
        ))}
      </List>
      {versions.map(version => (
        <Version key={version.version} version={version} />
      ))}
    </>
  );
}

function Version({ version: { version, state, authors, evidence, approvals, changes } }: { version: AuditRecord['versions'][0] }) {
  const { data, code, pipelineRun, modelSha256, metrics, explanations } = evidence;
  const facts = [
    ['Author', authors.join(', ')],
    ['Data', `${data.name} ${data.version}, sha256 ${data.sha256}`],
    ['Code', `${code.repository} ${code.commit}`],
    ['Pipeline run', pipelineRun],
    ['MLflow run', evidence.run],
    ['Model file', `sha256 ${modelSha256}`],
    ['Metrics', Object.entries(metrics).map(([key, value]) => `${key} ${value}`).join(', ')],
    ['Evidence', Object.keys(explanations).join(', ')],
    ['Changed', changes ? changes.what.map(({ field, from, to }) => `${field}: ${from} → ${to}`).join('; ') || 'nothing' : ''],
  ];
  return (
    <section aria-label={`Version ${version}`}>
      <Typography variant="h6" component="h3">
        Version {version}: {state}
      </Typography>
      <dl>
        {facts.filter(([, text]) => text).map(([title, text]) => (
          <div key={title}>
            <Typography component="dt" variant="caption" color="textSecondary">
              {title}
            </Typography>
            <Typography component="dd" variant="body2" style={{ overflowWrap: 'anywhere', margin: 0 }}>
              {text}
            </Typography>
          </div>
        ))}
      </dl>
      {approvals.map(({ decision, by, at, comment, url }) => (
        <Typography key={url} paragraph>
          {decision} by {by} on {new Date(at).toLocaleString()}: “{comment}”. <Link to={url} underline="always">Record in Git</Link>
        </Typography>
      ))}
    </section>
  );
}

function download(record: AuditRecord) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(record, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `audit-${record.model.name}.json`;
  link.click();
  URL.revokeObjectURL(url);
}
