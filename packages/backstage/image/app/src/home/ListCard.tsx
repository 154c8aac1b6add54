import { Entity } from '@backstage/catalog-model';
import { InfoCard, Link, Progress, ResponseErrorPanel } from '@backstage/core-components';
import Grid from '@material-ui/core/Grid';
import List from '@material-ui/core/List';
import ListItem from '@material-ui/core/ListItem';
import ListItemText from '@material-ui/core/ListItemText';
import Typography from '@material-ui/core/Typography';

type RowProps = {
  entity: Entity;
  to: string;
  /** A word beside the link. */
  note?: string;
};

export type ListCardProps = {
  title: string;
  more?: { title: string; to: string };
  /** What to say when there is nothing. */
  empty: string;
  state: { loading: boolean; error?: Error };
  rows?: RowProps[];
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
        <List dense>
          {rows.map(row => (
            <Row key={row.to} {...row} />
          ))}
        </List>
      </InfoCard>
    </Grid>
  );
}

function Row({ entity: { metadata }, to, note }: RowProps) {
  return (
    <ListItem style={{ paddingLeft: 24, paddingRight: 24 }}>
      <ListItemText
        primary={
          <>
            <Link to={to}>{metadata.title ?? metadata.name}</Link>
            {note && (
              <Typography component="span" variant="caption" color="textSecondary" style={{ marginLeft: 8 }}>
                {note}
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
