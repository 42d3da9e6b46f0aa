import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HubMetrics } from '../../server/metrics/registry-server.ts';
import type { PassResult } from '../../server/pass-result.ts';
import { PassRunner } from '../../server/pass-runner.ts';
import { censusOf } from '../../server/paths/path-census.ts';
import type { Steps } from '../../server/steps.ts';

const NOTHING: PassResult = {
  healths: [],
  census: censusOf([]),
  verdictEffects: [],
  openVerdicts: [],
  routes: [],
  flips: [],
  renewed: { healths: [], routes: [] },
};

/** A runner whose passes take so many steps of 10 ms of work each: more than a slice holds. */
function slowPasses({ steps, failAt }: { readonly steps: number; readonly failAt?: number }) {
  const log: string[] = [];
  const faults: string[] = [];
  let number = 0;
  const passes = new PassRunner({
    engine: {
      *passSteps() {
        number += 1;
        log.push(`began ${number}`);
        yield;
        return NOTHING;
      },
    },
    modesOf: () => {
      throw new Error('not asked for');
    },
    metrics: new HubMetrics(),
    nowMs: () => 0,
    *follow(): Steps<void> {
      for (let step = 1; step <= steps; step += 1) {
        const until = performance.now() + 10;
        while (performance.now() < until);
        if (step === failAt) throw new Error(`step ${step}`);
        yield;
      }
      log.push(`followed ${number}`);
    },
    onFault: (place, cause) => faults.push(`${place}: ${String(cause)}`),
  });
  return { passes, log, faults };
}

describe('passes', () => {
  it('never overlap, and let the event loop turn between slices', async () => {
    const { passes, log } = slowPasses({ steps: 4 });
    let turns = 0;
    const first = passes.next();
    await turn();
    const second = passes.next();
    const counting = setInterval(() => {
      turns += 1;
    }, 0);
    await Promise.all([first, second]);
    clearInterval(counting);
    expect(log).toEqual(['began 1', 'followed 1', 'began 2', 'followed 2']);
    expect(turns).toBeGreaterThanOrEqual(6);
  });

  it('rest as long as the last one took, so that those who come meanwhile have half the time', async () => {
    const { passes, log } = slowPasses({ steps: 4 });
    await passes.next();
    const overAtMs = performance.now();
    await passes.next();
    const tookMs = performance.now() - overAtMs;
    expect(log).toEqual(['began 1', 'followed 1', 'began 2', 'followed 2']);
    // 40 ms of rest and 40 ms of work, timers that are a little early aside.
    expect(tookMs).toBeGreaterThan(75);
  });

  it('a pass under way is carried out when passes are stopped: nothing decided is lost (rules 7 and 9)', async () => {
    const { passes, log } = slowPasses({ steps: 4 });
    const waiting = passes.next();
    await turn();
    const later = passes.next();
    expect(log).toEqual(['began 1']);
    passes.stop();
    expect(log).toEqual(['began 1', 'followed 1']);
    await Promise.all([waiting, later, passes.next()]);
    await turn();
    await turn();
    expect(log).toEqual(['began 1', 'followed 1']);
  });

  it('go on after a fault in one of them, which is told', async () => {
    const { passes, log, faults } = slowPasses({ steps: 3, failAt: 2 });
    await passes.next();
    await passes.next();
    expect(log).toEqual(['began 1', 'began 2']);
    expect(faults).toEqual(['pass: Error: step 2', 'pass: Error: step 2']);
  });
});
