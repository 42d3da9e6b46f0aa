import { describe, expect, test, vi } from 'vitest';
import { type AttemptResult, runSchedule } from '../../../../probes/measure/schedule/schedule-runner.ts';
import type { DueAttempt } from '../../../../probes/measure/schedule/schedule-state.ts';

const POLICY = { intervalMs: 50, confirmGapMs: 10, lossMeanMs: 0, budgetPerMinute: 60_000 };
const clock = { nowMs: () => performance.now() };

function answered(): Promise<AttemptResult> {
  return Promise.resolve({ sentAtMs: clock.nowMs(), outcome: { kind: 'answered', rttMs: 0 } });
}

describe('runSchedule', () => {
  test('makes attempts on real timers and reports each once', async () => {
    const stop = new AbortController();
    const seen: DueAttempt[] = [];
    const runner = runSchedule({
      policy: POLICY,
      targets: [{ target: 'a' }, { target: 'b' }],
      attempt: answered,
      onSettled: (due) => seen.push(due),
      clock,
      random: () => 0.5,
      signal: stop.signal,
    });
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(8), { timeout: 5000 });
    stop.abort();
    await runner.done;
    const ended = seen.length;
    const ofA = seen.filter(({ target }) => target === 'a').map(({ sequence }) => sequence);
    expect(ofA).toEqual(ofA.map((_, at) => at));
    expect(new Set(seen.map(({ target }) => target))).toEqual(new Set(['a', 'b']));
    expect(runner.lossRatio('a')).toBeLessThan(0.5);
    expect(seen).toHaveLength(ended);
  });

  test('an aborted signal ends it only after the attempts under way have settled', async () => {
    const stop = new AbortController();
    const release = Promise.withResolvers<AttemptResult>();
    let asked = 0;
    const runner = runSchedule({
      policy: POLICY,
      targets: [{ target: 'a' }],
      attempt: () => {
        asked += 1;
        return release.promise;
      },
      onSettled: () => undefined,
      clock,
      random: () => 0.5,
      signal: stop.signal,
    });
    await vi.waitFor(() => expect(asked).toBeGreaterThan(0));
    stop.abort();
    const tick = new Promise((resolve) => setImmediate(() => resolve('not yet')));
    expect(await Promise.race([runner.done, tick])).toBe('not yet');
    release.resolve({ sentAtMs: 0, outcome: { kind: 'not-measured', reason: 'cancelled' } });
    await runner.done;
  });

  test('an attempt that rejects ends the schedule with its cause: a broken invariant is not hidden', async () => {
    const runner = runSchedule({
      policy: POLICY,
      targets: [{ target: 'a' }],
      attempt: () => Promise.reject(new Error('no such prober')),
      onSettled: () => undefined,
      clock,
      random: () => 0.5,
      signal: new AbortController().signal,
    });
    await expect(runner.done).rejects.toThrow('no such prober');
  });

  test('reconfigure starts probing a new target at once and stops probing one that is gone', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const runner = runSchedule({
      policy: POLICY,
      targets: [{ target: 'a' }],
      attempt: answered,
      onSettled: ({ target }) => seen.push(target),
      clock,
      random: () => 0.5,
      signal: stop.signal,
    });
    await vi.waitFor(() => expect(seen).toContain('a'));
    runner.reconfigure(POLICY, [{ target: 'b' }]);
    const before = seen.length;
    await vi.waitFor(() => expect(seen.filter((name) => name === 'b').length).toBeGreaterThan(2), { timeout: 5000 });
    expect(seen.slice(before + 1)).not.toContain('a');
    stop.abort();
    await runner.done;
  });
});
