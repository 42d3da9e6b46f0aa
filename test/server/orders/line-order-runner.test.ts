import { describe, expect, it } from 'vitest';
import { lineOrderEntry, lineResultEntry } from '../../../server/line-entries.ts';
import { LineOrderRunner, type LineResult } from '../../../server/orders/line-order-runner.ts';
import { censusOf } from '../../../server/paths/path-census.ts';
import type { LineMeasurement } from '../../../wire/host-measurement.ts';
import type { CommandFrame } from '../../../wire/hub-frames.ts';

const POLICY = {
  isEnabled: true,
  everyMs: 86_400_000,
  suspectEveryMs: 1_800_000,
  retryMs: 1_800_000,
  atOnce: 2,
  maxBytes: 4_194_304,
  maxMs: 5000,
};

function runnerWith(deaf: readonly string[] = []) {
  const sent: { readonly pbx: string; readonly frame: CommandFrame }[] = [];
  const results: LineResult[] = [];
  const said: string[] = [];
  const clock = { nowMs: 1_800_000_000_000 };
  const runner = new LineOrderRunner({
    policy: POLICY,
    siteOf: new Map([
      ['fra-1', 'fra'],
      ['ams-1', 'ams'],
    ]),
    measuredAtMs: new Map([['fra>ams', clock.nowMs]]),
    isElected: () => true,
    lotOf: () => 0,
    nowMs: () => clock.nowMs,
    fence: () => 7,
    send: (pbx, frame) => {
      if (deaf.includes(pbx)) return false;
      sent.push({ pbx, frame });
      return true;
    },
    onOrdered: (order) => said.push(lineOrderEntry(order).sentence),
    onEnded: (result) => {
      results.push(result);
      said.push(lineResultEntry(result).sentence);
    },
  });
  for (const [pbx, peer] of [
    ['fra-1', 'ams-1'],
    ['ams-1', 'fra-1'],
  ] as const) {
    runner.hello(pbx, { abilities: { meshPeers: [], testCallTargets: [], canTrace: false, linePeers: [peer] } });
  }
  runner.passed([], [], censusOf([]));
  return { runner, sent, results, said, clock };
}

function told(frame: CommandFrame | undefined, direction: LineMeasurement['direction']): LineMeasurement {
  const session = frame?.command.kind === 'line-test' ? frame.command.session : '';
  const shared = { kind: 'line', target: 'peer.fra-1', session, startedAtMs: 0, durationMs: 1000 } as const;
  return { ...shared, direction, bytes: 250_000, outcome: 'measured' };
}

describe('LineOrderRunner', () => {
  it('tells the receiver first, then the sender, of one session with one key', () => {
    const { said, sent } = runnerWith();
    expect(sent.map(({ pbx }) => pbx)).toEqual(['fra-1', 'ams-1']);
    const [receiver, sender] = sent.map(({ frame }) => frame.command);
    expect(receiver).toMatchObject({ kind: 'line-test', role: 'receiver', peer: 'ams-1', maxBytes: 4_194_304 });
    expect(sender).toEqual({ ...receiver, role: 'sender', peer: 'fra-1' });
    expect(said).toEqual(['a transfer over the line from ams to fra (ams-1 to fra-1) is ordered, its turn']);
  });

  it('believes its sender alone, and ends when both directions are told', () => {
    const { results, runner, said, sent } = runnerWith();
    const frame = sent[0]?.frame;
    runner.measured('fra-1', [told(frame, 'forward'), told(frame, 'reverse')]);
    runner.measured('ams-1', [told(frame, 'forward'), { ...told(frame, 'reverse'), session: 'another-one' }]);
    expect(results).toEqual([]);
    runner.measured('ams-1', [told(frame, 'reverse')]);
    runner.measured('ams-1', [told(frame, 'reverse')]);
    expect(results).toHaveLength(1);
    expect(said.at(-1)).toBe(
      'line from ams to fra (ams-1 to fra-1): 2.0 Mbit/s there (0.3 MB in 1.0 s), 2.0 Mbit/s back (0.3 MB in 1.0 s)',
    );
  });

  it.each([
    ['its receiver', ['fra-1'], 0],
    ['its sender', ['ams-1'], 1],
  ])('is over at once where %s cannot be told', (_name, deaf, count) => {
    const { said, sent } = runnerWith(deaf);
    expect(sent).toHaveLength(count);
    expect(said.at(-1)).toBe(
      'line from ams to fra (ams-1 to fra-1): not measured: an order could not be sent to its probe',
    );
  });

  it('gives up what nothing is heard of, and says so', () => {
    const { clock, results, runner, said, sent } = runnerWith();
    clock.nowMs += 60_000;
    runner.passed([], [], censusOf([]));
    expect(results).toMatchObject([{ isSent: true, forward: undefined, reverse: undefined }]);
    expect(said.at(-1)).toContain('not measured: its probes told nothing in time');
    runner.measured('ams-1', [told(sent[0]?.frame, 'forward'), told(sent[0]?.frame, 'reverse')]);
    expect(results).toHaveLength(1);
  });

  it('orders nothing of a probe that is gone', () => {
    const { clock, runner, sent } = runnerWith();
    runner.gone('fra-1');
    clock.nowMs += 7 * 86_400_000;
    runner.passed([], [], censusOf([]));
    expect(sent).toHaveLength(2);
  });
});
