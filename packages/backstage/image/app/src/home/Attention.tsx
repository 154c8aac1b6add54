import { InfoCard, Link, Progress } from '@backstage/core-components';
import Button from '@material-ui/core/Button';
import Grid from '@material-ui/core/Grid';
import List from '@material-ui/core/List';
import ListItem from '@material-ui/core/ListItem';
import Typography from '@material-ui/core/Typography';
import useToggle from 'react-use/esm/useToggle';
import { Ago } from '../ui/Ago';
import { Status } from '../ui/Status';
import { Matter } from './attention';
import { Remark, SHOWN } from './Overview';

type AttentionProps = {
  matters: Matter[];
  loading: boolean;
  /** What could not be looked at, so that silence is not taken for good news. */
  unknown: string[];
};

/** What somebody has to see to, first of all. */
export function Attention({ matters, loading, unknown }: AttentionProps) {
  const [everything, toggle] = useToggle(false);
  return (
    <Grid item xs={12}>
      <InfoCard title="Needs attention" noPadding>
        {loading && matters.length === 0 && <Progress />}
        {!loading && matters.length === 0 && unknown.length === 0 && <Remark>Nothing: all is well.</Remark>}
        {!loading && unknown.length > 0 && <Remark role="status">Could not be looked at: {unknown.join(', ')}.</Remark>}
        <List dense aria-label="Needs attention">
          {(everything ? matters : matters.slice(0, SHOWN)).map(({ title, to, what, word, since }) => (
            <ListItem key={`${to} ${what}`} style={{ paddingLeft: 24, paddingRight: 24, flexWrap: 'wrap' }}>
              <Status word={word} />
              <Link to={to} style={{ marginLeft: 12 }}>
                {title}
              </Link>
              <Typography component="span" variant="body2" style={{ margin: '0 12px', overflowWrap: 'anywhere' }}>
                {what}
              </Typography>
              <Typography component="span" variant="caption" color="textSecondary">
                <Ago time={since} />
              </Typography>
            </ListItem>
          ))}
        </List>
        {matters.length > SHOWN && (
          <Button onClick={toggle} aria-expanded={everything} style={{ margin: '0 16px 12px' }}>
            {everything ? 'Show fewer' : `Show all ${matters.length}`}
          </Button>
        )}
      </InfoCard>
    </Grid>
  );
}
