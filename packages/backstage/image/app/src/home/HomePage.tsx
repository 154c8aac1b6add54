import { Content, Page, ResponseErrorPanel } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { HomePageSearchBar } from '@backstage/plugin-search';
import Button from '@material-ui/core/Button';
import ButtonGroup from '@material-ui/core/ButtonGroup';
import Grid from '@material-ui/core/Grid';
import Typography from '@material-ui/core/Typography';
import { makeStyles } from '@material-ui/core/styles';
import { useSearchParams } from 'react-router-dom';
import useAsync from 'react-use/esm/useAsync';
import { MOST } from './api';
import { Attention } from './Attention';
import { ListCard } from './ListCard';
import { useLive } from './live';
import { templatePath, toolsAmong } from './model';
import { Remark } from './Overview';
import { templatesQuery, toolsQuery } from './queries';
import { Sections } from './Sections';
import { useGreeting, useGroups } from './user';

const useStyles = makeStyles(theme => ({
  hero: { padding: theme.spacing(5, 0, 4), maxWidth: 760, margin: '0 auto', textAlign: 'center' },
  greeting: { fontSize: '2rem', fontWeight: 700, margin: theme.spacing(0, 0, 3) },
  search: { background: theme.palette.background.paper, borderRadius: 8 },
  outline: { borderRadius: 8, borderColor: theme.palette.divider },
}));

const chosen = (yes: boolean) => (yes ? ({ variant: 'contained', color: 'primary' } as const) : {});

/** Where a day starts: search, what needs somebody, what is ours and how it does, how to begin something new. */
export function HomePage() {
  const classes = useStyles();
  const catalog = useApi(catalogApiRef);
  const greeting = useGreeting();
  const groups = useGroups();
  const [parameters, setParameters] = useSearchParams();
  const everything = parameters.get('show') === 'all';
  const templates = useAsync(() => catalog.getEntities(templatesQuery), [catalog]);
  const tools = useAsync(() => catalog.getEntities(toolsQuery), [catalog]);
  const live = useLive(groups, everything);

  return (
    <Page themeId="home">
      <Content>
        <header className={classes.hero}>
          <Typography component="h1" className={classes.greeting}>
            {greeting}
          </Typography>
          <HomePageSearchBar
            placeholder="Search the catalogue and the documentation"
            InputProps={{ classes: { root: classes.search, notchedOutline: classes.outline } }}
          />
        </header>
        <Grid container spacing={3}>
          <Grid item xs={12}>
            <ButtonGroup size="small" aria-label="Whose work to show">
              <Button aria-pressed={!everything} {...chosen(!everything)} onClick={() => setParameters({})}>
                My team
              </Button>
              <Button aria-pressed={everything} {...chosen(everything)} onClick={() => setParameters({ show: 'all' })}>
                Everybody
              </Button>
            </ButtonGroup>
            {live.more && (
              <Remark role="status">Of each list the first {MOST} entries are looked at here; the catalogue has all of them.</Remark>
            )}
          </Grid>
          <Attention matters={live.matters} loading={live.loading && !live.catalogue.error} unknown={live.unknown} />
          <ListCard
            title="Start something new"
            more={{ title: 'All templates', to: '/create' }}
            empty="No golden path is in the catalogue yet."
            state={templates}
            rows={templates.value?.items.map(entity => ({ entity, to: templatePath(entity) }))}
          />
          {live.catalogue.error ? (
            <Grid item xs={12}>
              <ResponseErrorPanel error={live.catalogue.error} />
            </Grid>
          ) : (
            <Sections live={live} everything={everything} />
          )}
          <ListCard
            title="Tools behind the portal"
            empty="No part of the platform has a page of its own."
            state={tools}
            rows={toolsAmong(tools.value?.items ?? [], window.location.origin).map(({ entity, url }) => ({ entity, to: url }))}
          />
        </Grid>
      </Content>
    </Page>
  );
}
