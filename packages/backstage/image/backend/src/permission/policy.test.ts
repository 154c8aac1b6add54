import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { judge } from './policy';

const { users, cases } = parse(readFileSync(join(__dirname, 'cases.yaml'), 'utf8'));

describe('policy', () => {
  for (const { permission, action, ...verdicts } of cases) {
    for (const [user, verdict] of Object.entries(verdicts)) {
      it(`${user}: ${permission} → ${verdict}`, () => {
        expect(judge({ name: permission, attributes: { action } }, users[user])).toBe(verdict);
      });
    }
  }
});
