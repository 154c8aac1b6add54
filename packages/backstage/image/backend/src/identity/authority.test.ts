import { Authority } from './authority';

const entity = (owner: string) => ({
  apiVersion: 'v1', kind: 'Component', metadata: { name: 'iris' }, spec: { owner },
  relations: [{ type: 'ownedBy', targetRef: owner }],
});

const refusal = (result: string, owners: string[], groups: string[]) =>
  new Authority({
    auth: { getOwnServiceCredentials: async () => ({}) },
    catalog: { getEntities: async () => ({ items: owners.map(entity) }) },
    permissions: { authorize: async () => [{ result }] },
    users: { getUserInfo: async () => ({ ownershipEntityRefs: groups }) },
  } as any).refusal({} as any, {} as any, {});

describe('Authority', () => {
  const ml = 'group:default/ml-team';
  it.each([
    ['an owner', 'ALLOW', [ml], [ml], undefined],
    ['the platform team', 'ALLOW', [ml], ['group:default/platform-team'], undefined],
    ['somebody else', 'ALLOW', [ml], ['group:default/sales'], 'Only ml-team and the platform team may do this'],
    ['an owner of one claim among two', 'ALLOW', ['group:default/sales', ml], [ml], 'Only sales and the platform team may do this'],
    ['anybody where nobody owns it', 'ALLOW', [], [ml], 'Nothing in the catalogue stands for it, so nobody answers for it'],
    ['whom the policy refuses', 'DENY', [ml], [ml], 'Your groups may not do this'],
  ])('answers %s', async (_, result, owners, groups, expected) => {
    await expect(refusal(result, owners, groups)).resolves.toBe(expected);
  });
});
