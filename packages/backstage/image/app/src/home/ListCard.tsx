import { Entity } from '@backstage/catalog-model';
import { InfoCard, Link, Progress, ResponseErrorPanel } from '@backstage/core-components';
import Grid from '@material-ui/core/Grid';
import List from '@material-ui/core/List';
import ListItem from '@material-ui/core/ListItem';
import ListItemText from '@material-ui/core/ListItemText';
import Typography from '@material-ui/core/Typography';

export type ListCardProps = {
  title: string;
  more?: { title: string; to: string };
  /** What to say when there is nothing. */
  empty: string;
  state: { loading: boolean; error?: Error };
  rows?: { entity: Entity; to: string }[];
};

/** A card with a short list of entities, each a link. */
export function ListCard({ title, more, empty, state, rows = [] }: ListCardProps) {
  return (
    <Grid item xs={12} md={6}>
      <InfoCard
        title={title}
        variant="gridItem"
        noPadding
        deepLink={more && { title: more.title, link: more.to }}
      >
        {state.loading && <Progress />}
        {state.error && <ResponseErrorPanel error={state.error} />}
        {!state.loading && !state.error && rows.length === 0 && (
          <Typography color="textSecondary" style={{ padding: '16px 24px' }}>
            {empty}
          </Typography>
        )}
        <List dense disablePadding>
          {rows.map(({ entity, to }) => (
            <Row key={to} entity={entity} to={to} />
          ))}
        </List>
      </InfoCard>
    </Grid>
  );
}

function Row({ entity: { kind, metadata, spec }, to }: { entity: Entity; to: string }) {
  const type = kind === 'Template' ? undefined : (spec?.type as string) ?? kind.toLowerCase();
  return (
    <ListItem divider style={{ paddingLeft: 24, paddingRight: 24 }}>
      <ListItemText
        primary={
          <>
            <Link to={to}>{metadata.title ?? metadata.name}</Link>
            {type && (
              <Typography component="span" variant="caption" color="textSecondary" style={{ marginLeft: 8 }}>
                {type}
              </Typography>
            )}
          </>
        }
        secondary={metadata.description}
        secondaryTypographyProps={{ noWrap: true, title: metadata.description }}
      />
    </ListItem>
  );
}
