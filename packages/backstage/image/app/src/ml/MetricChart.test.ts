import { Run } from './api';
import { inWords, points } from './MetricChart';

const run = (id: string, startedAt: string, value?: number) =>
  ({ id, name: id, startedAt, metrics: value === undefined ? {} : { loss: value } }) as Run;

describe('MetricChart', () => {
  it('places runs in time, the highest value at the top', () => {
    const drawn = points([run('c', '3', 0.2), run('b', '2'), run('a', '1', 0.8)], 'loss');
    expect(drawn.points.map(point => point.run.id)).toEqual(['a', 'c']);
    expect(drawn.points[0].x).toBeLessThan(drawn.points[1].x);
    expect(drawn.points[0].y).toBeLessThan(drawn.points[1].y);
    expect(inWords('loss', drawn)).toBe('loss of 2 runs: from 0.2 to 0.8; the newest, c, has 0.2.');
  });

  it('puts a single run in the middle', () => {
    const [point] = points([run('a', '1', 0.8)], 'loss').points;
    expect(Number.isFinite(point.x) && Number.isFinite(point.y)).toBe(true);
  });
});
