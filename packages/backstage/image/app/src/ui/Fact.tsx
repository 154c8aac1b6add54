import { ReactNode } from 'react';
import Grid from '@material-ui/core/Grid';
import Typography from '@material-ui/core/Typography';

/** A fact under its name, in a Grid; nothing where there is none. */
export function Fact({ title, wide, children }: { title: string; wide?: boolean; children?: ReactNode }) {
  if (!children || (Array.isArray(children) && children.length === 0)) return null;
  return (
    <Grid item xs={wide ? 12 : 6} md={wide ? 6 : 3}>
      <Typography variant="caption" color="textSecondary" component="div">
        {title}
      </Typography>
      <Typography variant="body2" component="div" style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Typography>
    </Grid>
  );
}
