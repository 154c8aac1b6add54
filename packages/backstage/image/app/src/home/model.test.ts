import { docsPath, greeting, toolsAmong } from './model';

const component = (name: string, spec: object, metadata: object = {}) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name, ...metadata },
  spec: spec as any,
});

describe('home page', () => {
  it('offers the parts of the platform that have a page', () => {
    const links = [{ url: 'https://gitea.idp.localhost:8443', title: 'Open' }, { url: 'https://other' }];
    const tools = toolsAmong([
      component('postgres', { system: 'developer-platform' }),
      component('gitea', { system: 'developer-platform' }, { title: 'Gitea', links }),
      component('argocd', { system: 'developer-platform' }, { links }),
      component('my-model', { system: 'shop' }, { links }),
    ]);
    expect(tools.map(({ entity, url }) => [entity.metadata.name, url])).toEqual([
      ['argocd', links[0].url],
      ['gitea', links[0].url],
    ]);
  });

  it('knows where the documentation of an entity is', () => {
    expect(docsPath(component('gitea', {}))).toBe('/docs/default/component/gitea');
  });

  it.each([
    [3, 'Good evening, Ada Lovelace'],
    [5, 'Good morning, Ada Lovelace'],
    [12, 'Good afternoon, Ada Lovelace'],
    [18, 'Good evening, Ada Lovelace'],
  ])('at %i o’clock says %s', (hour, expected) => {
    const user = {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'User',
      metadata: { name: 'ada' },
      spec: { profile: { displayName: 'Ada Lovelace' }, memberOf: [] },
    };
    expect(greeting(user, 'user:default/ada', hour)).toBe(expected);
  });

  it('greets by login without a name', () => {
    expect(greeting(undefined, 'user:default/data-scientist', 9)).toBe('Good morning, data-scientist');
  });
});
