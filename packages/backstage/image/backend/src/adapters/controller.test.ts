import { Controller } from './controller';

const controller = (get: () => Promise<any>) => new Controller({ get }, '/path', 'It does not run');

describe('Controller', () => {
  it.each([
    ['runs', { status: 200, body: { status: { readyReplicas: 1 } } }, undefined],
    ['is stopped', { status: 200, body: { status: { replicas: 0 } } }, 'It does not run'],
    ['is starting', { status: 200, body: { status: { replicas: 1, readyReplicas: 0 } } }, 'It does not run'],
    ['is no part of the platform', { status: 404, body: {} }, undefined],
  ])('%s', async (_, answer, said) => {
    await expect(controller(async () => answer).away()).resolves.toBe(said);
  });

  it('says nothing when the cluster does not answer', async () => {
    await expect(controller(() => Promise.reject(new Error('gone'))).away()).resolves.toBeUndefined();
  });
});
