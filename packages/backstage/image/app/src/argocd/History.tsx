import { useState } from 'react';
import { Link } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard } from '@backstage/plugin-catalog-react';
import Button from '@material-ui/core/Button';
import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogContentText from '@material-ui/core/DialogContentText';
import DialogTitle from '@material-ui/core/DialogTitle';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import Typography from '@material-ui/core/Typography';
import { Ago } from '../ui/Ago';
import { Trouble } from '../ui/Trouble';
import { WideTable } from '../ui/WideTable';
import { Application, Deployment } from './api';
import { argocdApiRef } from './plugin';

const short = (revision: string) => revision.slice(0, 10);

/** What was deployed, the newest first, each with the way back to it. */
export function History({ application, changed }: { application: Application; changed: () => void }) {
  const { name, history, revision, mayChange } = application;
  const [chosen, setChosen] = useState<Deployment>();
  const [done, setDone] = useState<{ commit: string; url: string }>();
  return (
    <EntityInfoCard title="History">
      {done && (
        <Typography role="status" paragraph>
          Rolled back by <Link to={done.url} underline="always">commit {short(done.commit)}</Link>; Argo CD deploys it now.
        </Typography>
      )}
      {history.length === 0 ? (
        <Typography color="textSecondary">Nothing was deployed yet.</Typography>
      ) : (
        <WideTable label="History">
          <TableHead>
            <TableRow>
              {['Deployed', 'Commit', 'Way back'].map(title => (
                <TableCell key={title}>{title}</TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {history.map(deployment => (
              <TableRow key={deployment.id}>
                <TableCell>
                  <Ago time={deployment.deployedAt} />
                </TableCell>
                <TableCell>
                  <Commit {...deployment} />
                </TableCell>
                <TableCell>
                  {deployment.revision === revision ? (
                    'what Git says now'
                  ) : (
                    <Button size="small" variant="outlined" disabled={!mayChange} onClick={() => setChosen(deployment)}>
                      Roll back to {short(deployment.revision)}
                    </Button>
                  )}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </WideTable>
      )}
      {chosen && (
        <Confirmation
          name={name}
          to={chosen}
          close={() => setChosen(undefined)}
          finished={made => {
            setDone(made);
            setChosen(undefined);
            changed();
          }}
        />
      )}
    </EntityInfoCard>
  );
}

function Commit({ revision, url }: Deployment) {
  const text = <code title={revision}>{short(revision)}</code>;
  return url ? <Link to={url}>{text}</Link> : text;
}

type Props = {
  name: string;
  to: Deployment;
  close: () => void;
  finished: (made: { commit: string; url: string }) => void;
};

/** Says what a roll back does before it does it. */
function Confirmation({ name, to, close, finished }: Props) {
  const argocd = useApi(argocdApiRef);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Error>();
  const rollBack = async () => {
    setBusy(true);
    try {
      finished(await argocd.rollBack(name, to.id));
    } catch (error) {
      setFailed(error as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={close} aria-labelledby="rollback-title" fullWidth>
      <DialogTitle id="rollback-title">
        Roll {name} back to {short(to.revision)}
      </DialogTitle>
      <DialogContent>
        <DialogContentText>
          A commit in your name makes the repository say again what was deployed on{' '}
          {new Date(to.deployedAt).toLocaleString()}, and Argo CD delivers it. Documentation, catalogue entries and
          approvals stay as they are; the commits since then stay in the history.
        </DialogContentText>
        {failed && <Trouble error={failed} />}
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Cancel</Button>
        <Button color="primary" variant="contained" disabled={busy} onClick={rollBack}>
          Roll back
        </Button>
      </DialogActions>
    </Dialog>
  );
}
