import { Progress } from '@backstage/core-components';
import { EntityInfoCard } from '@backstage/plugin-catalog-react';
import Button from '@material-ui/core/Button';
import Typography from '@material-ui/core/Typography';
import { Trouble } from '../ui/Trouble';
import { VERDICTS } from './model';
import { Score } from './Score';
import { useScorecard } from './useScorecard';
import { Checks } from './Verdict';

/** Every check of an entity with its reason, what is to do first. */
export function ScorecardTab() {
  const { value, error, loading, retry } = useScorecard();
  if (loading && !value) return <Progress />;
  return (
    <EntityInfoCard
      title="Scorecard"
      footerActions={
        <Button size="small" variant="outlined" disabled={loading} onClick={retry}>
          Look again
        </Button>
      }
    >
      {error && <Trouble error={error} retry={retry} />}
      {value && !error && (
        <>
          <Score scorecard={value} />
          {VERDICTS.map(({ ok, heading }) => {
            const checks = value.checks.filter(check => check.ok === ok);
            return (
              checks.length > 0 && (
                <section key={heading}>
                  <Typography variant="h6" component="h3" style={{ marginTop: 16 }}>
                    {heading}
                  </Typography>
                  <Checks checks={checks} label={heading} />
                </section>
              )
            );
          })}
          <Typography color="textSecondary" variant="body2" style={{ marginTop: 16 }}>
            What could not be found out does not count. A change in Git shows here within a minute or two.
          </Typography>
        </>
      )}
    </EntityInfoCard>
  );
}
