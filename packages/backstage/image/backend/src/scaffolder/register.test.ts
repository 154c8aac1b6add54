import { entityPage, linkToPortal } from './register';

describe('entityPage', () => {
  it.each([
    ['component:default/iris', 'https://portal/catalog/default/component/iris'],
    ['Resource:iris', 'https://portal/catalog/default/resource/iris'],
  ])('of %s', (ref, page) => expect(entityPage('https://portal', ref)).toBe(page));
});

describe('linkToPortal', () => {
  const logger = { warn: jest.fn() } as any;
  beforeEach(() => jest.clearAllMocks());

  it('tells Gitea the page', async () => {
    const setWebsite = jest.fn();
    await linkToPortal({ setWebsite } as any, 'ml/iris', 'https://portal/x', logger);
    expect(setWebsite).toHaveBeenCalledWith('ml/iris', 'https://portal/x');
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it('goes on without, and says so', async () => {
    const setWebsite = jest.fn().mockRejectedValue(new Error('403'));
    await linkToPortal({ setWebsite } as any, 'ml/iris', 'https://portal/x', logger);
    expect(logger.warn).toHaveBeenCalledWith(expect.stringContaining('403'));
  });
});
