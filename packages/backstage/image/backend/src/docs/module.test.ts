import { report, syncPath } from './module';

describe('building ahead', () => {
  const logger = { info: jest.fn(), warn: jest.fn() } as any;
  beforeEach(() => jest.clearAllMocks());

  it('finds an entity by its namespace, kind and name', () => {
    const entity = { apiVersion: 'v1', kind: 'Component', metadata: { name: 'gitea' } };
    expect(syncPath(entity)).toBe('default/component/gitea');
  });

  it('is silent about what is up to date', () => {
    report('component:default/gitea', 'event: finish\ndata: {"updated":false}\n\n', logger);
    expect(logger.info).not.toHaveBeenCalled();
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it('tells of what was built', () => {
    report('component:default/gitea', 'event: log\ndata: "x"\n\nevent: finish\ndata: {"updated":true}\n\n', logger);
    expect(logger.info).toHaveBeenCalledWith('Built the documentation of component:default/gitea');
  });

  it('tells why a build failed', () => {
    report('component:default/gitea', 'event: error\ndata: "no mkdocs.yml"\n\n', logger);
    expect(logger.warn).toHaveBeenCalledWith(expect.stringContaining('no mkdocs.yml'));
  });
});
