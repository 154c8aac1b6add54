import { resolved, withAddresses } from './addresses';

const PATTERN = 'https://{host}.idp.localhost:8443';

describe('resolved', () => {
  it.each([
    ['idp://mlflow', 'https://mlflow.idp.localhost:8443'],
    ['idp://mlflow/#/models/iris', 'https://mlflow.idp.localhost:8443/#/models/iris'],
    ['idp://my-service/model?a=1', 'https://my-service.idp.localhost:8443/model?a=1'],
    ['servers: [{"url": "idp://iris"}]', 'servers: [{"url": "https://iris.idp.localhost:8443"}]'],
    ['idp://a and idp://b', 'https://a.idp.localhost:8443 and https://b.idp.localhost:8443'],
    ['see idp://iris.', 'see https://iris.idp.localhost:8443.'],
    ['https://example.org/idp://', 'https://example.org/idp://'],
    ['idp://user@host', 'idp://user@host'],
    ['idp://host:80/', 'idp://host:80/'],
    ['idp://evil.example.org/', 'idp://evil.example.org/'],
    ['notidp://host', 'notidp://host'],
  ])('of %s', (text, expected) => expect(resolved(text, PATTERN)).toBe(expected));
});

describe('withAddresses', () => {
  const entity = (metadata: object, spec?: object) =>
    ({ apiVersion: 'v1', kind: 'API', metadata: { name: 'iris', ...metadata }, ...(spec && { spec }) }) as any;

  it('fills in links and the description of an API', () => {
    const links = [{ url: 'idp://iris', title: 'Address' }, { url: 'https://example.org' }];
    const found = withAddresses(entity({ links }, { type: 'openapi', definition: 'url: idp://iris' }), PATTERN);
    expect(found.metadata.links).toEqual([
      { url: 'https://iris.idp.localhost:8443', title: 'Address' },
      { url: 'https://example.org' },
    ]);
    expect(found.spec).toEqual({ type: 'openapi', definition: 'url: https://iris.idp.localhost:8443' });
  });

  it.each([
    entity({}),
    entity({ annotations: { note: 'idp://iris' } }, { type: 'service', definition: { $text: './openapi.yaml' } }),
  ])('leaves everything else as it is: %j', given => {
    expect(withAddresses(given, PATTERN)).toEqual(given);
  });
});
