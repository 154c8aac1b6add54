import { useId } from 'react';
import Typography from '@material-ui/core/Typography';
import { useTheme } from '@material-ui/core/styles';
import { Run } from './api';
import { shown } from './model';

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 64;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 28;

export type Point = { run: Run; x: number; y: number; value: number };

/** Places of the runs that measured `metric` in the picture, the oldest at the left. */
export function points(runs: Run[], metric: string): { points: Point[]; low: number; high: number } {
  const measured = runs.filter(run => run.metrics[metric] !== undefined && run.startedAt);
  const inTime = measured.sort((one, other) => one.startedAt!.localeCompare(other.startedAt!));
  const values = inTime.map(run => run.metrics[metric]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const across = (WIDTH - LEFT - RIGHT) / Math.max(inTime.length - 1, 1);
  const down = HEIGHT - TOP - BOTTOM;
  return {
    low,
    high,
    points: inTime.map((run, index) => ({
      run,
      value: values[index],
      x: inTime.length === 1 ? (LEFT + WIDTH - RIGHT) / 2 : LEFT + index * across,
      y: high === low ? TOP + down / 2 : TOP + down * (1 - (values[index] - low) / (high - low)),
    })),
  };
}

/** What the picture says, for whoever does not see it. */
export function inWords(metric: string, { points: all, low, high }: ReturnType<typeof points>): string {
  const runs = all.length === 1 ? 'one run' : `${all.length} runs`;
  const last = all[all.length - 1];
  return `${metric} of ${runs}: from ${shown(low)} to ${shown(high)}; the newest, ${last.run.name}, has ${shown(last.value)}.`;
}

/** How one metric went from run to run. */
export function MetricChart({ runs, metric, marked }: { runs: Run[]; metric: string; marked: string[] }) {
  const { palette } = useTheme();
  const id = useId();
  const drawn = points(runs, metric);
  if (drawn.points.length === 0) return <Typography color="textSecondary">No run has measured {metric}.</Typography>;
  const { low, high } = drawn;
  const words = inWords(metric, drawn);
  const ends = low === high ? [low] : [low, high];
  const level = (value: number) => drawn.points.find(point => point.value === value)!.y;
  return (
    <figure style={{ margin: 0 }}>
      <svg role="img" aria-labelledby={id} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} style={{ width: '100%', maxHeight: 280 }}>
        <title id={id}>{words}</title>
        {ends.map(value => (
          <g key={value}>
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={level(value)} y2={level(value)} stroke={palette.divider} />
            <text x={LEFT - 8} y={level(value) + 4} textAnchor="end" fontSize={12} fill={palette.text.primary}>
              {shown(value)}
            </text>
          </g>
        ))}
        <polyline
          points={drawn.points.map(({ x, y }) => `${x},${y}`).join(' ')}
          fill="none"
          stroke={palette.primary.main}
          strokeWidth={2}
        />
        {drawn.points.map(({ run, x, y, value }) => (
          <circle
            key={run.id}
            cx={x}
            cy={y}
            r={marked.includes(run.id) ? 7 : 4}
            fill={marked.includes(run.id) ? palette.background.paper : palette.primary.main}
            stroke={palette.primary.main}
            strokeWidth={2}
          >
            <title>{`${run.name}: ${shown(value)}`}</title>
          </circle>
        ))}
        <text x={LEFT} y={HEIGHT - 6} fontSize={12} fill={palette.text.primary}>
          oldest
        </text>
        <text x={WIDTH - RIGHT} y={HEIGHT - 6} textAnchor="end" fontSize={12} fill={palette.text.primary}>
          newest
        </text>
      </svg>
      <figcaption>
        <Typography variant="caption" color="textSecondary">
          {words} Runs chosen for comparison are rings.
        </Typography>
      </figcaption>
    </figure>
  );
}
