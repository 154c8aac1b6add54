import { Link } from '@backstage/core-components';
import Grid from '@material-ui/core/Grid';
import Typography from '@material-ui/core/Typography';
import { Ago } from '../ui/Ago';
import { Fact } from '../ui/Fact';
import { Status } from '../ui/Status';
import { Promotion } from './api';
import { Commits } from './Commits';
import { Copyable } from './Copyable';
import { Models, Services } from './Entities';
import { Lines, Part } from './Part';
import { command, short } from './words';

/** Everything that the record of a promotion says, what is to be done next first. */
export function PromotionDetails({ promotion }: { promotion: Promotion }) {
  const { id, url, images, difference, checks } = promotion;
  return (
    // Wide tables scroll within it.
    <div style={{ minWidth: 0, width: '100%' }}>
      <Typography variant="h5" component="h2" gutterBottom style={{ overflowWrap: 'anywhere' }}>
        Promotion {id}
      </Typography>
      <Next promotion={promotion} />
      <Facts promotion={promotion} />
      <Part title="Difference" of={difference}>
        <Lines label="Difference" lines={difference} />
      </Part>
      <Commits promotion={promotion} />
      <Part title="Images" of={images}>
        <Lines
          label="Images"
          lines={images.map(({ name, digest }) => (
            <Copyable key={name} what={`digest of ${name}`} text={digest}>
              {name} <code title={digest}>{short(digest)}</code>
            </Copyable>
          ))}
        />
      </Part>
      <Services names={promotion.services} />
      <Models models={promotion.models} />
      <Part title="Checks" of={checks}>
        <Lines
          label="Checks"
          lines={checks.map(({ name, passed, detail }) => (
            <div key={name} style={{ display: 'flex', flexWrap: 'wrap', columnGap: 16 }}>
              <Status word={passed ? 'Passed' : 'Not passed'} />
              <span>{detail ? `${name}: ${detail}` : name}</span>
            </div>
          ))}
        />
      </Part>
      <Typography style={{ marginTop: 16 }}>
        <Link to={url} underline="always">
          Record in Git
        </Link>
      </Typography>
    </div>
  );
}

/** What somebody has to do, where somebody has to. */
function Next({ promotion: { state, from, to, request } }: { promotion: Promotion }) {
  const again = command(from.name, to.name);
  if (state === 'waiting') {
    return (
      <Typography paragraph>
        It waits until somebody approves{' '}
        {request ? (
          <Link to={request} underline="always">
            its request in Gitea
          </Link>
        ) : (
          'its request in Gitea'
        )}
        .
      </Typography>
    );
  }
  if (state === 'begun') {
    return (
      <>
        <Typography>It was begun and has not ended. If nobody is at it, this continues where it stopped:</Typography>
        <Typography component="div" paragraph>
          <Copyable what="the command" text={again}>
            <code>{again}</code>
          </Copyable>
        </Typography>
      </>
    );
  }
  return null;
}

function Facts({ promotion: { from, to, by, begun, finished, approval, rolledBack, request, state } }: { promotion: Promotion }) {
  return (
    <Grid container spacing={2}>
      <Fact title="From">
        {from.name}
        {from.domain && ` (${from.domain})`}
      </Fact>
      <Fact title="Its commit">
        {from.commit && (
          <Copyable what="the commit" text={from.commit}>
            <code title={from.commit}>{short(from.commit)}</code>
          </Copyable>
        )}
      </Fact>
      <Fact title="To">
        {to.name}
        {to.domain && ` (${to.domain})`}
      </Fact>
      <Fact title="By">{by}</Fact>
      <Fact title="Begun">{begun && <Ago time={begun} />}</Fact>
      <Fact title="Finished">{finished && <Ago time={finished} />}</Fact>
      <Fact title="Approved">
        {approval && <Deed by={approval.by} at={approval.at} page={approval.url ?? request} />}
      </Fact>
      <Fact title="Request">
        {!approval && request && state !== 'waiting' && (
          <Link to={request} underline="always">
            Request in Gitea
          </Link>
        )}
      </Fact>
      <Fact title="Rolled back">{rolledBack && <Deed {...rolledBack} />}</Fact>
    </Grid>
  );
}

function Deed({ by, at, page }: { by?: string; at?: string; page?: string }) {
  return (
    <>
      {by && `by ${by} `}
      <Ago time={at} />
      {page && (
        <>
          {' '}
          <Link to={page} underline="always">
            Approval in Gitea
          </Link>
        </>
      )}
    </>
  );
}
