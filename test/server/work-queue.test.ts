import { describe, expect, it } from 'vitest';
import { WorkQueue } from '../../server/work-queue.ts';

describe('work that is asked for at once', () => {
  it('is done one after another, and refused where as many wait as may', async () => {
    const queue = new WorkQueue(2);
    const events: string[] = [];
    const gates = [1, 2, 3, 4].map(() => Promise.withResolvers<void>());
    const ask = (nth: number) =>
      queue.run(async () => {
        events.push(`${nth} begun`);
        await gates[nth - 1]?.promise;
        events.push(`${nth} done`);
        return nth;
      });
    const asked = [ask(1), ask(2), ask(3)];
    expect(ask(4)).toBeUndefined();
    gates[1]?.resolve();
    gates[0]?.resolve();
    expect(await asked[0]).toBe(1);
    expect(await asked[1]).toBe(2);
    gates[2]?.resolve();
    gates[3]?.resolve();
    const later = ask(4);
    expect([await asked[2], await later]).toEqual([3, 4]);
    expect(events).toEqual([1, 2, 3, 4].flatMap((nth) => [`${nth} begun`, `${nth} done`]));
  });

  it('is done although one before failed, whose asker alone hears of it', async () => {
    const queue = new WorkQueue(1);
    const failing = queue.run(() => Promise.reject(new Error('no such file')));
    const next = queue.run(() => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('no such file');
    expect(await next).toBe('done');
  });
});
