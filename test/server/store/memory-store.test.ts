import { describe, expect, it } from 'vitest';
import { DRIVERS, handClock, START_EPOCH_MS, storeFor, temporaryFile } from './store-fixture.ts';

describe.each(DRIVERS)('memory on %s', (driver) => {
  it('comes back after a restart with its age (rule 9)', async () => {
    const clock = handClock();
    const file = temporaryFile();
    const store = await storeFor({ driver, file, clock });
    await store.memory.put([{ key: 'paths/fra-1>a.a1', value: { misses: 2 } }]);
    clock.nowMs += 1000;
    await store.memory.put([{ key: 'paths/fra-1>a.a1', value: { misses: 3 } }]);
    await store.close();
    const again = await storeFor({ driver, file, clock });
    expect(await again.memory.get('paths/fra-1>a.a1')).toEqual({
      key: 'paths/fra-1>a.a1',
      value: { misses: 3 },
      updatedAtEpochMs: START_EPOCH_MS + 1000,
    });
    expect(await again.memory.get('paths/none')).toBeUndefined();
  });

  it('lists what starts with a prefix, taking no character for a wildcard', async () => {
    const store = await storeFor({ driver });
    const keys = ['a%/1', 'a/1', 'a/2', 'a/\u{10FFFE}', 'a0', 'b/1', 'a_/1'];
    await store.memory.put(keys.map((key) => ({ key, value: key })));
    const listed = async (prefix: string) => (await store.memory.list(prefix)).map(({ key }) => key);
    expect(await listed('a/')).toEqual(['a/1', 'a/2', 'a/\u{10FFFE}']);
    expect(await listed('a%')).toEqual(['a%/1']);
    expect(await store.memory.list('a/', 'a/1', 1)).toMatchObject([{ key: 'a/2' }]);
    await expect(store.memory.list('a/', undefined, 501)).rejects.toMatchObject({ code: 'STORE_VALUE_REFUSED' });
  });

  it('goes through more entries than a page holds, each once', async () => {
    const store = await storeFor({ driver });
    const keys = Array.from({ length: 1001 }, (_, n) => `routes/${String(n).padStart(5, '0')}`);
    await store.memory.put(keys.map((key) => ({ key, value: null })));
    const found: string[] = [];
    for await (const { key } of store.memory.all('routes/')) found.push(key);
    expect(found).toEqual(keys);
  });

  it('forgets what is removed', async () => {
    const store = await storeFor({ driver });
    await store.memory.put([
      { key: 'x', value: 1 },
      { key: 'y', value: 2 },
    ]);
    await store.memory.remove(['x', 'never-there']);
    expect(await store.memory.list('')).toMatchObject([{ key: 'y' }]);
  });
});
