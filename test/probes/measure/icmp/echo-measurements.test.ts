import { describe, expect, test } from 'vitest';
import { echoMeasurements, type RunContext } from '../../../../probes/measure/icmp/echo-measurements.ts';
import { type PingFault, parsePingOutput } from '../../../../probes/measure/icmp/ping-output.ts';
import { encodeFrame, parseProbeFrame } from '../../../../wire/codec.ts';

const context: RunContext = {
  target: 'alpha.one',
  firstSequence: 40,
  startedAtMs: 5000,
  startedAtEpochMs: 1_795_499_934_000,
  intervalMs: 1000,
  waitMs: 1000,
  localAddresses: new Set(['203.0.113.1']),
};
const HEAD = 'PING 203.0.113.9 (203.0.113.9) 56(84) bytes of data.\n';

describe('echoMeasurements', () => {
  test('numbers and times each request: a reply by its stamp less its round trip, the rest by the interval', () => {
    const text = `${HEAD}[1795499934.050000] 64 bytes from 203.0.113.9: icmp_seq=1 ttl=60 time=40.0 ms
[1795499936.030000] no answer yet for icmp_seq=2
3 packets transmitted, 1 received, 66% packet loss, time 2000ms
`;
    const measurements = echoMeasurements(parsePingOutput(text, true), context);
    expect(measurements.map(({ sequence, outcome }) => [sequence, outcome])).toEqual([
      [40, { kind: 'answered', rttMs: 40 }],
      [41, { kind: 'timed-out', waitedMs: 1000 }],
      [42, { kind: 'timed-out', waitedMs: 1000 }],
    ]);
    expect(measurements.map(({ sentAtMs }) => Math.round(sentAtMs))).toEqual([5010, 6030, 7000]);
    const head = { v: 1, type: 'batch', sequence: 0, sentAtMs: 1, sentAtEpochMs: 1 } as const;
    expect(parseProbeFrame(encodeFrame({ ...head, measurements: [...measurements] }))).toMatchObject({ ok: true });
  });

  test('carries the hop limit of the reply, where ping printed one', () => {
    const text = (hops: string) => `${HEAD}[1795499934.050000] 64 bytes from 203.0.113.9: icmp_seq=1 ${hops}time=40.0 ms
1 packets transmitted, 1 received, 0% packet loss, time 0ms
`;
    const limit = (hops: string) => echoMeasurements(parsePingOutput(text(hops), true), context)[0]?.hopLimit;
    expect(limit('ttl=57 ')).toBe(57);
    expect(limit('')).toBeUndefined();
  });

  test('an error from a router elsewhere is a request unanswered; one from this host itself is not measured (rule 2)', () => {
    const text = (from: string) => `${HEAD}[1795499934.200000] From ${from} icmp_seq=1 Destination Host Unreachable
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
`;
    const outcome = (from: string) => echoMeasurements(parsePingOutput(text(from), true), context)[0]?.outcome;
    expect(outcome('198.51.100.254')).toEqual({ kind: 'timed-out', waitedMs: 1000 });
    expect(outcome('203.0.113.1')).toEqual({ kind: 'not-measured', reason: 'no-route' });
  });

  test('where the kernel refused to send, no unanswered request of the run is called lost', () => {
    const text = `${HEAD}ping: sendmsg: Operation not permitted
[1795499934.200000] 64 bytes from 203.0.113.9: icmp_seq=2 ttl=60 time=40.0 ms
3 packets transmitted, 1 received, 66% packet loss, time 2000ms
`;
    const outcomes = echoMeasurements(parsePingOutput(text, true), context).map(({ outcome }) => outcome.kind);
    expect(outcomes).toEqual(['not-measured', 'answered', 'not-measured']);
  });

  test.each<[PingFault, string]>([
    ['no-route', 'no-route'],
    ['not-permitted', 'not-permitted'],
    ['socket-error', 'socket-error'],
    ['clock-stepped', 'program-failed'],
    ['program-failed', 'program-failed'],
  ])('a run that failed by %s is one measurement, not measured: %s', (fault, reason) => {
    expect(echoMeasurements({ ok: false, fault, text: '' }, context)).toEqual([
      {
        kind: 'icmp',
        target: 'alpha.one',
        schedule: 'liveness',
        sequence: 40,
        sentAtMs: 5000,
        outcome: { kind: 'not-measured', reason },
      },
    ]);
  });
});
