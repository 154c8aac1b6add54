import { useState } from 'react';
import { Link, Progress, StatusError, StatusOK, StatusPending } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard } from '@backstage/plugin-catalog-react';
import Button from '@material-ui/core/Button';
import List from '@material-ui/core/List';
import ListItem from '@material-ui/core/ListItem';
import ListItemText from '@material-ui/core/ListItemText';
import Typography from '@material-ui/core/Typography';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import { Trouble } from '../ui/Trouble';
import { VersionState } from './api';
import { DecisionDialog } from './DecisionDialog';
import { governanceApiRef } from './ref';

export type GovernancePanelProps = { model: string; version: string };

type Decision = 'approved' | 'rejected';

/** Whether a version may go into production, why not, and the buttons of those who may change that. */
export function GovernancePanel({ model, version }: GovernancePanelProps) {
  const governance = useApi(governanceApiRef);
  const { value, error, loading, retry } = useAsyncRetry(
    () => governance.state(model, version),
    [governance, model, version],
  );
  const state = value?.versions[version];
  return (
    <EntityInfoCard title={`Governance of version ${version}`}>
      {loading && !value && <Progress />}
      {error && <Trouble error={error} />}
      {value && !state && <Typography>There is no version {version} of {model}.</Typography>}
      {value && state && (
        <Panel model={model} version={version} state={state} mayPromote={value.mayPromote} changed={retry} />
      )}
    </EntityInfoCard>
  );
}

type PanelProps = GovernancePanelProps & { state: VersionState; mayPromote: boolean; changed: () => void };

function Panel({ model, version, state, mayPromote, changed }: PanelProps) {
  const governance = useApi(governanceApiRef);
  const [deciding, setDeciding] = useState<Decision>();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const ready = state.checks.every(({ ok }) => ok);
  const open = state.state === 'unapproved' || state.state === 'rejected';

  async function run(action: () => Promise<void>) {
    setBusy(true);
    setRefused(undefined);
    try {
      await action();
      setDeciding(undefined);
      changed();
    } catch (error: any) {
      setRefused(error.message);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <State state={state.state} />
      {state.approval && <Approval approval={state.approval} />}
      <Typography variant="h6" component="h3" style={{ marginTop: 16 }}>
        Checks
      </Typography>
      <List dense aria-label="Checks">
        {state.checks.map(({ id, title, ok, reason }) => (
          <ListItem key={id} disableGutters>
            <ListItemText
              primary={ok ? <StatusOK>{title}: yes</StatusOK> : <StatusError>{title}: no</StatusError>}
              secondary={reason}
              secondaryTypographyProps={{ style: { overflowWrap: 'anywhere' } }}
            />
          </ListItem>
        ))}
      </List>
      {state.mayNot && open && (
        <Typography color="textSecondary" paragraph>
          You cannot approve it: {state.mayNot}.
        </Typography>
      )}
      {refused && !deciding && <Trouble error={new Error(refused)} />}
      {state.mayApprove && open && (
        <>
          <Button variant="contained" color="primary" disabled={!ready || busy} onClick={() => setDeciding('approved')}>
            Approve
          </Button>{' '}
          <Button variant="outlined" disabled={busy} onClick={() => setDeciding('rejected')}>
            Reject
          </Button>
        </>
      )}
      {state.state === 'approved' && mayPromote && (
        <Button
          variant="contained"
          color="primary"
          disabled={busy}
          onClick={() => run(() => governance.promote(model, version))}
        >
          Promote to production
        </Button>
      )}
      {deciding && (
        <DecisionDialog
          decision={deciding}
          model={model}
          version={version}
          busy={busy}
          refused={refused}
          close={() => {
            setDeciding(undefined);
            setRefused(undefined);
          }}
          decide={comment => run(() => governance.decide(model, version, deciding, comment))}
        />
      )}
    </>
  );
}

/** The state in a word that says more than its colour. */
function State({ state }: { state: VersionState['state'] }) {
  if (state === 'production') return <StatusOK>In production</StatusOK>;
  if (state === 'approved') return <StatusOK>Approved</StatusOK>;
  if (state === 'rejected') return <StatusError>Rejected</StatusError>;
  return <StatusPending>Not approved</StatusPending>;
}

function Approval({ approval }: { approval: NonNullable<VersionState['approval']> }) {
  const who = approval.by.split('/').pop();
  return (
    <Typography component="div" style={{ marginTop: 8 }}>
      {approval.decision === 'rejected' ? 'Rejected' : 'Approved'} by {who} on {new Date(approval.at).toLocaleString()}:
      “{approval.comment}”. {approval.url && <Link to={approval.url} underline="always">Record in Git</Link>}
    </Typography>
  );
}
