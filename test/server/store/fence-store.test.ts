import { describe, expect, it } from 'vitest';
import { DRIVERS, storeFor, temporaryFile } from './store-fixture.ts';

describe.each(DRIVERS)('the fencing token on %s', (driver) => {
  it('grows with each hub that starts', async () => {
    const file = temporaryFile();
    const taken: number[] = [];
    for (let start = 0; start < 3; start += 1) {
      const store = await storeFor({ driver, file });
      taken.push(await store.fence.take());
      await store.close();
    }
    expect(taken).toEqual([1, 2, 3]);
  });

  it('is never given to two that take at once', async () => {
    const store = await storeFor({ driver });
    const taken = await Promise.all(Array.from({ length: 20 }, () => store.fence.take()));
    expect(new Set(taken).size).toBe(20);
    expect(await store.fence.current()).toBe(20);
  });

  it('passes a higher one seen elsewhere, as after a restored backup', async () => {
    const store = await storeFor({ driver });
    expect(await store.fence.current()).toBe(0);
    expect(await store.fence.take(41)).toBe(42);
    expect(await store.fence.take(7)).toBe(43);
    expect(await store.fence.take(99)).toBe(100);
  });

  it('refuses to pass 2^53 - 1', async () => {
    const store = await storeFor({ driver });
    await expect(store.fence.take(Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'STORE_VALUE_REFUSED' });
    expect(await store.fence.take(Number.MAX_SAFE_INTEGER - 1)).toBe(Number.MAX_SAFE_INTEGER);
    await expect(store.fence.take()).rejects.toMatchObject({ code: 'STORE_CONSTRAINT' });
    expect(await store.fence.current()).toBe(Number.MAX_SAFE_INTEGER);
  });
});
