import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Actor, mayNotApprove, mayPromote } from '../governance/people';
import { Authority } from '../identity/authority';
import { mayActForWith } from '../identity/ownership';
import { judge } from './policy';

type Deed = { deed: string; permission?: string; owner: string; author?: string; may: string[] | 'everybody' };

const { users, everybody, cases, deeds } = parse(readFileSync(join(__dirname, 'cases.yaml'), 'utf8'));

describe('policy', () => {
  for (const { permission, action, ...verdicts } of cases) {
    it(`decides on ${permission} for every kind of user`, () => {
      expect(Object.keys(verdicts).sort()).toEqual(Object.keys(users).sort());
    });
    for (const [user, verdict] of Object.entries(verdicts)) {
      it(`${user}: ${permission} → ${verdict}`, () => {
        expect(judge({ name: permission, attributes: { action } }, users[user])).toBe(verdict);
      });
    }
  }
});

const actionOf = (name: string) => cases.find(({ permission }: any) => permission === name).action;
const permissionOf = (name: string) => ({ name, attributes: { action: actionOf(name) } });
const refOf = (user: string) => users[user][0] ?? `user:default/${user}`;

/** Whether somebody may, by the code that the plugins go by; only the systems behind it are made up. */
async function may(user: string, { deed, permission, owner, author }: Deed): Promise<boolean> {
  const entity: any = {
    apiVersion: 'v1',
    kind: 'Resource',
    metadata: { name: 'pump' },
    spec: { owner },
    relations: [{ type: 'ownedBy', targetRef: owner }],
  };
  const known: any = { getUserInfo: async () => ({ ownershipEntityRefs: users[user] }) };
  const result = (name: string) => (judge(permissionOf(name), users[user]) === 'deny' ? 'DENY' : 'ALLOW');
  if (deed === 'see') return result(permission!) === 'ALLOW';
  if (deed === 'approve' || deed === 'promote') {
    const actor: Actor = {
      ref: refOf(user),
      name: user,
      email: '',
      approver: result('governance.model.approve') === 'ALLOW',
      owner: owner !== 'nobody' && (await mayActForWith(known)({} as any, entity)),
    };
    return deed === 'approve' ? mayNotApprove(actor, [refOf(author!)]).length === 0 : mayPromote(actor);
  }
  const authority = new Authority({
    auth: { getOwnServiceCredentials: async () => ({}) },
    catalog: { getEntities: async () => ({ items: owner === 'nobody' ? [] : [entity] }) },
    permissions: { authorize: async ([{ permission: asked }]: any) => [{ result: result(asked.name) }] },
    users: known,
  } as any);
  return !(await authority.refusal({} as any, permissionOf(permission!) as any, {}));
}

describe('deeds', () => {
  for (const deed of deeds as Deed[]) {
    const those = deed.may === 'everybody' ? everybody : deed.may;
    const what = `${deed.deed} (${deed.permission ?? 'governance'}) of ${deed.owner}, made by ${deed.author ?? 'anyone'}`;
    it.each(Object.keys(users))(`${what}: %s`, async user => {
      expect(await may(user, deed)).toBe(those.includes(user));
    });
  }

  it('are all of them', () => {
    const named = new Set((deeds as Deed[]).map(({ deed }) => deed));
    expect([...named].sort()).toEqual(['approve', 'promote', 'refresh', 'roll back', 'run', 'see']);
  });
});
