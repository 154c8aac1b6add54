import { giteaProfile, retryingContext, signInByGiteaLogin } from './gitea';

const context = (promise: Promise<any>) => ({ initializedPrompt: 'auto', searchParams: {}, promise });

describe('retryingContext', () => {
  it('asks nobody before somebody signs in', () => {
    const create = jest.fn();
    retryingContext(create);
    expect(create).not.toHaveBeenCalled();
  });

  it('asks once when the answer was good', async () => {
    const create = jest.fn(() => context(Promise.resolve('client')));
    const patient = retryingContext(create as any);
    await patient.promise;
    await patient.promise;
    expect(create).toHaveBeenCalledTimes(1);
  });

  it('asks again after a failure', async () => {
    const create = jest
      .fn()
      .mockImplementationOnce(() => context(Promise.reject(new Error('Gitea is not there yet'))))
      .mockImplementationOnce(() => context(Promise.resolve('client')));
    const patient = retryingContext(create as any);
    await expect(patient.promise).rejects.toThrow('not there yet');
    await expect(patient.promise).resolves.toBe('client');
  });
});

describe('sign-in', () => {
  const result = (userinfo: object) => ({ fullProfile: { userinfo } }) as any;

  it('takes the Gitea login as the name of the user', async () => {
    const signInWithCatalogUser = jest.fn();
    await signInByGiteaLogin(
      { result: result({ preferred_username: 'data-scientist' }), profile: {} },
      { signInWithCatalogUser } as any,
    );
    expect(signInWithCatalogUser).toHaveBeenCalledWith({ entityRef: { name: 'data-scientist' } });
  });

  it('refuses an answer without a login', async () => {
    await expect(signInByGiteaLogin({ result: result({}), profile: {} }, {} as any)).rejects.toThrow('preferred_username');
  });

  it('shows the name, or the login where there is none', async () => {
    const shown = async (userinfo: object) => (await giteaProfile(result(userinfo), {} as any)).profile.displayName;
    await expect(shown({ name: 'Ada Lovelace', preferred_username: 'ada' })).resolves.toBe('Ada Lovelace');
    await expect(shown({ name: '', preferred_username: 'ada' })).resolves.toBe('ada');
  });
});
