import LinearProgress from '@material-ui/core/LinearProgress';
import Typography from '@material-ui/core/Typography';
import { Scorecard } from './api';
import { inWords } from './model';

/** The score as a number, as a bar and in words. */
export function Score({ scorecard }: { scorecard: Scorecard }) {
  const { score } = scorecard;
  return (
    <div style={{ marginBottom: 8 }}>
      {score !== null && (
        <>
          <Typography variant="h4" component="p">
            {score} %
          </Typography>
          <LinearProgress variant="determinate" value={score} aria-label="Score" />
        </>
      )}
      <Typography color="textSecondary">{inWords(scorecard)}.</Typography>
    </div>
  );
}
