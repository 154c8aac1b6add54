import { useState } from 'react';
import Button from '@material-ui/core/Button';
import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogContentText from '@material-ui/core/DialogContentText';
import DialogTitle from '@material-ui/core/DialogTitle';
import TextField from '@material-ui/core/TextField';
import Typography from '@material-ui/core/Typography';

export type DecisionDialogProps = {
  decision: 'approved' | 'rejected';
  model: string;
  version: string;
  busy: boolean;
  refused?: string;
  close: () => void;
  decide: (comment: string) => void;
};

/** Asks for the words that go into the record. */
export function DecisionDialog({ decision, model, version, busy, refused, close, decide }: DecisionDialogProps) {
  const [comment, setComment] = useState('');
  const verb = decision === 'approved' ? 'Approve' : 'Reject';
  return (
    <Dialog open onClose={close} aria-labelledby="decision-title" fullWidth>
      <DialogTitle id="decision-title">
        {verb} version {version} of {model}
      </DialogTitle>
      <DialogContent>
        <DialogContentText>
          The decision, your name, the time and what the version rests on are committed to Git and stay there.
        </DialogContentText>
        <TextField
          id="decision-comment"
          label="Comment"
          helperText="What you looked at, and why you decide so"
          value={comment}
          onChange={event => setComment(event.target.value)}
          inputProps={{ maxLength: 4000 }}
          required
          multiline
          fullWidth
        />
        {refused && (
          <Typography role="alert" color="error" style={{ marginTop: 16 }}>
            {refused}
          </Typography>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Cancel</Button>
        <Button
          color="primary"
          variant="contained"
          disabled={busy || !comment.trim()}
          onClick={() => decide(comment)}
        >
          {verb} version {version}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
