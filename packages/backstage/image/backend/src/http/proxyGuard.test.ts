import { onlyLooking } from './proxyGuard';

describe('requests through the portal to the cluster', () => {
  const send = (method: string) => {
    const next = jest.fn();
    const status = jest.fn(() => ({ json: jest.fn() }));
    onlyLooking({ method } as any, { status } as any, next);
    return { next, status };
  };

  it.each(['GET', 'HEAD'])('lets %s through', method => {
    expect(send(method).next).toHaveBeenCalledWith();
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('stops %s', method => {
    const { next, status } = send(method);
    expect(next).not.toHaveBeenCalled();
    expect(status).toHaveBeenCalledWith(405);
  });
});
