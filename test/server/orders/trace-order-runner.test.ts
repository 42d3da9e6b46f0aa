import { describe, expect, it } from 'vitest';
import { TraceOrderRunner } from '../../../server/orders/trace-order-runner.ts';
import { censusOf } from '../../../server/paths/path-census.ts';
import type { CommandFrame } from '../../../wire/hub-frames.ts';
import { helloFrame } from '../../support/probe-frames.ts';
import { health, NOW, verdict } from '../routing/judged.ts';

const ABLE = helloFrame({ abilities: { meshPeers: [], testCallTargets: [], canTrace: true } });

function runner() {
  const sent: { readonly pbx: string; readonly frame: CommandFrame }[] = [];
  const world = { nowMs: NOW, isReachable: true, ordered: 0 };
  const made = new TraceOrderRunner({
    nowMs: () => world.nowMs,
    fence: () => 7,
    send: (pbx, frame) => {
      if (world.isReachable) sent.push({ pbx, frame });
      return world.isReachable;
    },
    onOrdered: () => {
      world.ordered += 1;
    },
  });
  made.hello('fra-1', ABLE);
  return { made, sent, world };
}

const EVIDENCE = [{ pathKey: 'fra-1>a.a1', sent: 60, lost: 30, lowRatio: 0.4, highRatio: 0.6 }];
const OPENED = { kind: 'verdict-opened', verdict: verdict({ witnesses: ['fra-1'], evidence: EVIDENCE }) } as const;
const LOSSY = [health('fra-1', 'a.a1', 'degraded')];
const FALLEN = [health('fra-1', 'a.a1', 'hard-down', { sinceMs: NOW - 500 })];
const TRACE = { kind: 'trace', target: 'a.a1', isReached: true, hops: [] } as const;

describe('the orders of traces', () => {
  it('that a probe could not be given are given when it is back, and belong to their verdict', () => {
    const { made, sent, world } = runner();
    world.isReachable = false;
    made.verdict(OPENED, LOSSY);
    made.passed(LOSSY, censusOf(LOSSY));
    expect(world.ordered).toBe(0);
    made.gone('fra-1');
    world.isReachable = true;
    world.nowMs += 1000;
    made.passed(LOSSY, censusOf(LOSSY));
    expect(sent).toEqual([]);
    made.hello('fra-1', ABLE);
    made.passed(LOSSY, censusOf(LOSSY));
    made.passed(LOSSY, censusOf(LOSSY));
    expect(sent).toMatchObject([{ pbx: 'fra-1', frame: { fence: 7, command: { kind: 'trace', target: 'a.a1' } } }]);
    expect(world.ordered).toBe(1);
    const body = { ...TRACE, hops: [], commandId: sent[0]?.frame.commandId ?? '' };
    const other = verdict({ verdictId: 'v-2', evidence: EVIDENCE });
    expect(made.belonging(OPENED.verdict, [{ pbx: 'fra-1', receivedAtEpochMs: 1, body }])).toHaveLength(1);
    expect(made.belonging(other, [{ pbx: 'fra-1', receivedAtEpochMs: 1, body }])).toEqual([]);
  });

  it('are given for a path that went down, and such a trace belongs to any verdict that counts its path', () => {
    const { made, sent } = runner();
    made.passed(FALLEN, censusOf(FALLEN));
    made.passed(FALLEN, censusOf(FALLEN));
    expect(sent).toHaveLength(1);
    const body = { ...TRACE, hops: [], commandId: sent[0]?.frame.commandId ?? '' };
    expect(made.belonging(OPENED.verdict, [{ pbx: 'fra-1', receivedAtEpochMs: 1, body }])).toHaveLength(1);
  });
});
