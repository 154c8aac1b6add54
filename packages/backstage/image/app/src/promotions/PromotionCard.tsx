import { Link } from '@backstage/core-components';
import Accordion from '@material-ui/core/Accordion';
import AccordionDetails from '@material-ui/core/AccordionDetails';
import AccordionSummary from '@material-ui/core/AccordionSummary';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import ExpandMoreIcon from '@material-ui/icons/ExpandMore';
import { Ago } from '../ui/Ago';
import { Status } from '../ui/Status';
import { Broken, Entry, isBroken, Promotion } from './api';
import { PromotionDetails } from './PromotionDetails';
import { extentOf, stateOf } from './words';

const useStyles = makeStyles(({ palette, spacing }) => ({
  summary: { '&:focus-visible': { outline: `2px solid ${palette.primary.main}`, outlineOffset: -2 } },
  // In columns where there is room for them, else below each other.
  facts: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: spacing(0.5, 3), width: '100%', overflowWrap: 'anywhere' },
  state: { flex: '0 0 190px' },
  way: { flex: '1 1 200px' },
  extent: { flex: '2 1 260px' },
  broken: { padding: spacing(1.5, 2) },
}));

/** A promotion in one line, and all of it once it is opened. */
export function PromotionCard({ entry, opened }: { entry: Entry; opened: boolean }) {
  return isBroken(entry) ? <Unreadable entry={entry} /> : <Readable promotion={entry} opened={opened} />;
}

function Readable({ promotion, opened }: { promotion: Promotion; opened: boolean }) {
  const classes = useStyles();
  const { id, from, to, by, begun, finished } = promotion;
  return (
    <Accordion defaultExpanded={opened} square TransitionProps={{ unmountOnExit: true }}>
      <AccordionSummary expandIcon={<ExpandMoreIcon />} className={classes.summary} id={`${id}-summary`} aria-controls={`${id}-details`}>
        <div className={classes.facts}>
          <div className={classes.state}>
            <Status word={stateOf(promotion)} />
          </div>
          <Typography component="div" className={classes.way}>
            <strong>
              {from.name} → {to.name}
            </strong>
          </Typography>
          <Typography component="div" variant="body2" className={classes.way}>
            {by && `${by}, `}
            <Ago time={finished ?? begun} />
          </Typography>
          <Typography component="div" variant="body2" className={classes.extent}>
            {extentOf(promotion)}
          </Typography>
        </div>
      </AccordionSummary>
      <AccordionDetails>
        <PromotionDetails promotion={promotion} />
      </AccordionDetails>
    </Accordion>
  );
}

function Unreadable({ entry: { id, url, broken } }: { entry: Broken }) {
  const classes = useStyles();
  return (
    <Paper square className={classes.broken}>
      <div className={classes.facts}>
        <div className={classes.state}>
          <Status word="Unreadable" />
        </div>
        <Typography component="div" className={classes.way}>
          <strong>{id}</strong>
        </Typography>
        <Typography component="div" variant="body2" className={classes.extent}>
          Its record cannot be read: {broken}.{' '}
          <Link to={url} underline="always">
            Record in Git
          </Link>
        </Typography>
      </div>
    </Paper>
  );
}
