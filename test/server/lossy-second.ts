import { batchFrame } from '../support/probe-frames.ts';
import type { ProbeSocket } from './hub-fixture.ts';

/** Sends a second of measuring: trunk a loses every second attempt, b and the peer none. */
export function lossySecond(probe: ProbeSocket, peer: string, at: number): void {
  const sentAtMs = 2000 + at * 1000;
  const attempts = ['a.a1', 'b.b1', `peer.${peer}`].flatMap((target) =>
    [0, 1].map((half) => {
      const isLost = target === 'a.a1' && half === 1;
      const outcome = isLost
        ? ({ kind: 'timed-out', waitedMs: 500 } as const)
        : ({ kind: 'answered', rttMs: 5, statusCode: 200 } as const);
      const sequence = at * 2 + half;
      return { kind: 'sip-options', target, schedule: 'loss', sequence, sentAtMs: sentAtMs + half, outcome } as const;
    }),
  );
  probe.send(batchFrame({ sequence: at, sentAtMs, measurements: attempts }));
}
