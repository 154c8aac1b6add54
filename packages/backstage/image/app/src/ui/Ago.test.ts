import { ago } from './Ago';

describe('ago', () => {
  it.each([
    ['2026-11-23T11:59:50Z', 'just now'],
    ['2026-11-23T11:40:00Z', '20 minutes ago'],
    ['2026-11-23T09:00:00Z', '3 hours ago'],
    ['2026-11-22T11:00:00Z', 'yesterday'],
    ['2026-09-01T12:00:00Z', '2 months ago'],
  ])('of %s says %s', (time, words) => {
    expect(ago(time, Date.parse('2026-11-23T12:00:00Z'))).toBe(words);
  });
});
