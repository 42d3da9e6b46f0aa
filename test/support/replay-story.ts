import type { RecordedLine } from '../../server/replay/recording-line.ts';
import type { Measurement } from '../../wire/measurement.ts';
import type { TargetDescription } from '../../wire/probe-frames.ts';
import { batchFrame, helloFrame } from './probe-frames.ts';
import { seeded } from './seeded.ts';

/** When every story begins. */
export const START_MS = 1_800_000_000_000;
const TRUNKS: readonly TargetDescription[] = [
  { target: 'a.a1', kind: 'trunk', trunk: 'a', edge: 'a1' },
  { target: 'b.b1', kind: 'trunk', trunk: 'b', edge: 'b1' },
];
const OTHER = { 'fra-1': 'ams-1', 'ams-1': 'fra-1' } as const;

/** The hello of a PBX of the two. */
export function hello(pbx: keyof typeof OTHER): RecordedLine {
  const peer: TargetDescription = { target: `peer.${OTHER[pbx]}`, kind: 'peer', peer: OTHER[pbx] };
  const frame = helloFrame({
    pbx,
    probe: pbx === 'fra-1' ? 'probe-1' : 'probe-2',
    targets: [...TRUNKS, peer],
    trunks: ['a', 'b'],
    classes: ['national'],
    plan: { readAtEpochMs: START_MS, routes: [], down: [] },
  });
  return { receivedAtEpochMs: START_MS, pbx, frame };
}

/** Two probes that ask two providers and each other `perSecond` times a second; provider A is dead from `deadFromS` to `deadToS`. */
export function* story(endS: number, deadFromS: number, deadToS: number, perSecond = 4): Generator<RecordedLine> {
  const draw = seeded(7);
  yield hello('fra-1');
  yield hello('ams-1');
  for (let tick = 1; tick <= endS * perSecond; tick += 1) {
    for (const pbx of ['fra-1', 'ams-1'] as const) {
      const atMs = (tick * 1000) / perSecond;
      const isDead = atMs >= deadFromS * 1000 && atMs < deadToS * 1000;
      const measurements = ['a.a1', 'b.b1', `peer.${OTHER[pbx]}`].map(
        (target): Measurement => ({
          kind: 'sip-options',
          target,
          sequence: tick,
          schedule: 'liveness',
          sentAtMs: atMs,
          outcome:
            target === 'a.a1' && isDead
              ? { kind: 'timed-out', waitedMs: 500 }
              : { kind: 'answered', rttMs: Math.round((10 + draw()) * 1000) / 1000, statusCode: 200 },
        }),
      );
      const sentAtMs = atMs + 600;
      const sent = { sentAtMs, sentAtEpochMs: START_MS + sentAtMs };
      const frame = batchFrame({ sequence: tick, ...sent, measurements });
      yield { receivedAtEpochMs: START_MS + sentAtMs, pbx, frame };
    }
  }
}
