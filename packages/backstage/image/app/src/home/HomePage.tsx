import { Content, Page } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { HomePageSearchBar } from '@backstage/plugin-search';
import Grid from '@material-ui/core/Grid';
import Typography from '@material-ui/core/Typography';
import { makeStyles } from '@material-ui/core/styles';
import useAsync from 'react-use/esm/useAsync';
import { docsQuery, LIMIT, mineQuery, templatesQuery, toolsQuery } from './queries';
import { docsPath, entityPath, kindOf, mineFirst, templatePath, toolsAmong } from './model';
import { ListCard } from './ListCard';
import { useGreeting, useGroups } from './user';

const useStyles = makeStyles(theme => ({
  hero: { padding: theme.spacing(5, 0, 4), maxWidth: 760, margin: '0 auto', textAlign: 'center' },
  greeting: { fontSize: '2rem', fontWeight: 700, margin: theme.spacing(0, 0, 3) },
  search: { background: theme.palette.background.paper, borderRadius: 8 },
  outline: { borderRadius: 8, borderColor: theme.palette.divider },
}));

/** Where a day starts: search, what is mine, how to begin something new, and the tools behind it. */
export function HomePage() {
  const classes = useStyles();
  const catalog = useApi(catalogApiRef);
  const greeting = useGreeting();
  const groups = useGroups();
  const templates = useAsync(() => catalog.getEntities(templatesQuery), [catalog]);
  const tools = useAsync(() => catalog.getEntities(toolsQuery), [catalog]);
  const docs = useAsync(() => catalog.getEntities(docsQuery), [catalog]);
  const mine = useAsync(async () => groups && catalog.getEntities(mineQuery(groups)), [catalog, groups]);

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
          <ListCard
            title="Start something new"
            more={{ title: 'All templates', to: '/create' }}
            empty="No golden path is in the catalogue yet."
            state={templates}
            rows={templates.value?.items.map(entity => ({ entity, to: templatePath(entity) }))}
          />
          <ListCard
            title="Yours"
            more={{ title: 'Catalogue', to: '/catalog' }}
            empty="Nothing is owned by you or your groups yet: start from a template."
            state={mine}
            rows={mine.value?.items.map(entity => ({ entity, to: entityPath(entity), note: kindOf(entity) }))}
          />
          <ListCard
            title="Documentation"
            more={{ title: 'All documentation', to: '/docs' }}
            empty="No entity has documentation yet."
            state={docs}
            rows={mineFirst(docs.value?.items ?? [], groups ?? [], LIMIT).map(entity => ({ entity, to: docsPath(entity) }))}
          />
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
