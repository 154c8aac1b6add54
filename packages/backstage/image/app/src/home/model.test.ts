import { docsPath, greeting, toolsAmong } from './model';

const component = (name: string, spec: object, metadata: object = {}) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name, ...metadata },
  spec: spec as any,
});

describe('home page', () => {
  it('offers the parts of the platform that have a page of their own', () => {
    const page = { url: 'https://gitea.idp.localhost:8443', title: 'Gitea' };
    const source = { url: 'https://gitea.idp.localhost:8443/idp/platform/src/branch/main/x', title: 'Manifests' };
    const portal = { url: 'https://backstage.idp.localhost:8443/', title: 'Portal' };
    const part = (name: string, links?: object[]) => component(name, { system: 'developer-platform' }, { links });
    const tools = toolsAmong(
      [
        part('postgres', [source]),
        part('storage'),
        part('gitea', [source, page]),
        part('argocd', [page]),
        part('backstage', [portal]),
        component('my-model', { system: 'shop' }, { links: [page] }),
      ],
      'https://backstage.idp.localhost:8443',
    );
    expect(tools.map(({ entity, url }) => [entity.metadata.name, url])).toEqual([
      ['argocd', page.url],
      ['gitea', page.url],
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
