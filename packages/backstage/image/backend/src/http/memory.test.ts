import { Memory } from './memory';

describe('Memory', () => {
  it('asks once while an answer is fresh, and again when it is not', async () => {
    let clock = 0;
    const memory = new Memory(10, 5, () => clock);
    const ask = jest.fn(async () => clock);
    await memory.recall('a', ask);
    clock = 9_000;
    await expect(memory.recall('a', ask)).resolves.toBe(0);
    clock = 11_000;
    await expect(memory.recall('a', ask)).resolves.toBe(11_000);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('forgets failures at once', async () => {
    const memory = new Memory();
    await expect(memory.recall('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    await expect(memory.recall('a', async () => 'up')).resolves.toBe('up');
  });

  it('keeps no more than its limit', async () => {
    const memory = new Memory(10, 2);
    const ask = jest.fn(async () => 1);
    for (const key of ['a', 'b', 'c', 'a']) await memory.recall(key, ask);
    expect(ask).toHaveBeenCalledTimes(4);
  });

  it('asks anew for what it is told to forget', async () => {
    const memory = new Memory();
    await memory.recall('a', async () => 'old');
    memory.forget('a');
    await expect(memory.recall('a', async () => 'new')).resolves.toBe('new');
  });
});
