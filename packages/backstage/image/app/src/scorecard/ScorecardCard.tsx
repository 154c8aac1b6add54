import { Link, Progress } from '@backstage/core-components';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import { getCompoundEntityRef } from '@backstage/catalog-model';
import Typography from '@material-ui/core/Typography';
import { Trouble } from '../ui/Trouble';
import { failing, pathOf, unknown } from './model';
import { Score } from './Score';
import { useScorecard } from './useScorecard';
import { Checks } from './Verdict';

/** The score of an entity, and what it lacks. */
export function ScorecardCard() {
  const { entity } = useEntity();
  const { value, error, loading, retry } = useScorecard();
  const open = value ? unknown(value).length : 0;
  const lacking = value ? failing(value) : [];
  return (
    <EntityInfoCard
      title="Scorecard"
      footerActions={<Link to={`${pathOf(getCompoundEntityRef(entity))}/scorecard`}>All checks</Link>}
    >
      {loading && !value && <Progress />}
      {error && <Trouble error={error} retry={retry} />}
      {value && !error && (
        <>
          <Score scorecard={value} />
          {lacking.length > 0 && <Checks checks={lacking} label="Checks that fail" />}
          {open > 0 && (
            <Typography color="textSecondary" variant="body2">
              {open === 1 ? 'One check' : `${open} checks`} could not be made and {open === 1 ? 'does' : 'do'} not count.
            </Typography>
          )}
        </>
      )}
    </EntityInfoCard>
  );
}
