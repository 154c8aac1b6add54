import { useCallback, useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { Progress, UserIdentity } from '@backstage/core-components';
import { configApiRef, SignInPageProps, useApi } from '@backstage/core-plugin-api';
import Button from '@material-ui/core/Button';
import Typography from '@material-ui/core/Typography';
import { makeStyles } from '@material-ui/core/styles';
import { Mark } from '../brand/Logo';
import { giteaAuthApiRef } from './api';

const useStyles = makeStyles(theme => ({
  page: {
    minHeight: '100vh',
    display: 'grid',
    placeItems: 'center',
    background: `radial-gradient(circle at 50% 20%, ${
      theme.palette.type === 'dark' ? '#134e4a' : '#ccfbf1'
    }, ${theme.palette.background.default} 60%)`,
  },
  card: {
    width: 'min(400px, calc(100vw - 32px))',
    padding: theme.spacing(6, 5),
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    gap: theme.spacing(2.5),
    textAlign: 'center',
    borderRadius: 16,
    background: theme.palette.background.paper,
    boxShadow: '0 20px 50px rgba(15, 23, 42, 0.15)',
  },
  title: { fontSize: '1.5rem', fontWeight: 700, margin: 0 },
}));

/** One button, no popup: the browser goes to Gitea and comes back signed in. */
export function SignInPage({ onSignInSuccess }: SignInPageProps) {
  const classes = useStyles();
  const auth = useApi(giteaAuthApiRef);
  const title = useApi(configApiRef).getString('app.title');
  const [query] = useSearchParams();
  const [known, setKnown] = useState<'asking' | 'no' | 'leaving'>('asking');
  const [error, setError] = useState<string | null>(query.get('error'));

  const enter = useCallback(
    async (options: { optional: true } | { instantPopup: true }) => {
      try {
        const response = await auth.getBackstageIdentity(options);
        if (!response) {
          setKnown('no');
          return;
        }
        const profile = await auth.getProfile();
        onSignInSuccess(UserIdentity.create({ identity: response.identity, authApi: auth, profile }));
      } catch (failure) {
        setError((failure as Error).message);
        setKnown('no');
      }
    },
    [auth, onSignInSuccess],
  );

  useEffect(() => {
    enter({ optional: true });
    // Only once: afterwards it is the user who asks.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  if (known === 'asking') return <Progress />;
  return (
    <main className={classes.page}>
      <section className={classes.card}>
        <Mark size={56} />
        <h1 className={classes.title}>{title}</h1>
        <Typography color="textSecondary">Catalogue, golden paths, documentation and what runs, in one place.</Typography>
        <Button
          fullWidth
          size="large"
          color="primary"
          variant="contained"
          disabled={known === 'leaving'}
          onClick={() => {
            setKnown('leaving');
            enter({ instantPopup: true });
          }}
        >
          Sign in with Gitea
        </Button>
        {error && (
          <Typography role="alert" color="error" variant="body2">
            {error}
          </Typography>
        )}
      </section>
    </main>
  );
}
