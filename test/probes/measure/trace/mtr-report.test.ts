import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMtrReport } from '../../../../probes/measure/trace/mtr-report.ts';
import { encodeFrame, parseProbeFrame } from '../../../../wire/codec.ts';
import type { EventBody } from '../../../../wire/probe-frames.ts';

const recorded = (name: string) => readFileSync(new URL(`../../../vectors/mtr/${name}.json`, import.meta.url), 'utf8');
const READABLE = ['clean-icmp', 'loss', 'rate-limited', 'silent', 'unreached', 'loopback'] as const;

function hopsOf(name: string) {
  const report = parseMtrReport(recorded(name));
  return report.ok ? report.hops.map(({ hop, address, sent, lost }) => [hop, address, sent, lost]) : report;
}

describe('parseMtrReport', () => {
  test('reads every hop of a recorded run with its times', () => {
    expect(parseMtrReport(recorded('clean-icmp'))).toEqual({
      ok: true,
      isReached: true,
      hops: [
        { hop: 1, address: '10.91.1.2', sent: 10, lost: 0, bestMs: 0.048, averageMs: 0.067, worstMs: 0.121 },
        { hop: 2, address: '10.91.2.2', sent: 10, lost: 0, bestMs: 0.059, averageMs: 0.07, worstMs: 0.091 },
        { hop: 3, address: '10.91.3.2', sent: 10, lost: 0, bestMs: 0.068, averageMs: 0.074, worstMs: 0.093 },
      ],
    });
  });

  test('gives a silent hop no address and no times, though mtr prints zeros', () => {
    const report = parseMtrReport(recorded('silent'));
    expect(report.ok && report.hops[0]).toEqual({ hop: 1, sent: 10, lost: 10 });
    expect(report.ok && report.isReached).toBe(true);
  });

  test('turns the percentage into packets', () => {
    expect(hopsOf('loss')).toEqual([
      [1, '10.91.1.2', 10, 0],
      [2, '10.91.2.2', 10, 0],
      [3, '10.91.3.2', 10, 6],
    ]);
    expect(hopsOf('rate-limited')).toEqual([
      [1, '10.91.1.2', 10, 6],
      [2, '10.91.2.2', 10, 0],
      [3, '10.91.3.2', 10, 0],
    ]);
  });

  test('says that the target did not answer', () => {
    const report = parseMtrReport(recorded('unreached'));
    expect(report.ok && report.isReached).toBe(false);
    expect(hopsOf('unreached')).toEqual([
      [1, undefined, 10, 10],
      [2, '10.91.2.2', 10, 0],
      [3, undefined, 10, 10],
    ]);
  });

  test.each(READABLE)('makes of %s what the wire takes', (name) => {
    const report = parseMtrReport(recorded(name));
    if (!report.ok) throw new Error(report.fault);
    const body: EventBody = { kind: 'trace', target: 'a.one', isReached: report.isReached, hops: [...report.hops] };
    const place = { sequence: 0, outboxId: 'outbox-0001', occurredAtMs: 1, occurredAtEpochMs: 1 };
    const frame = encodeFrame({ v: 1, type: 'event', ...place, body });
    expect(parseProbeFrame(frame)).toMatchObject({ ok: true });
  });

  test.each([
    ['"host": "10.91.2.2"', '"host": "router.example"', 'report.hubs[1].host'],
    ['"count": 3', '"count": 0', 'report.hubs[2].count'],
    ['"Loss%": 60.0', '"Loss%": 130.0', 'report.hubs[2].Loss%'],
    ['"Snt": 10', '"Snt": -1', 'report.hubs[0].Snt'],
    ['"Best": 0.046', '"Best": "0.046"', 'report.hubs[0].Best'],
    ['"dst": "10.91.3.2"', '"dst": "edge"', 'report.mtr.dst'],
    ['"hubs": [', '"hubs_": [', 'report.hubs'],
  ])('refuses %s written as %s and names the place', (from, to, place) => {
    const text = recorded('loss').replace(from, to);
    expect(text).not.toBe(recorded('loss'));
    expect(parseMtrReport(text)).toEqual({ ok: false, fault: 'bad-report', place });
  });

  test('refuses more hops than a trace can have', () => {
    const hubs = Array.from({ length: 65 }, (_, at) => ({ count: at + 1 }));
    const text = JSON.stringify({ report: { mtr: { dst: '192.0.2.1' }, hubs } });
    expect(parseMtrReport(text)).toMatchObject({ ok: false, fault: 'too-many-hops' });
  });

  test('never throws, whatever is cut or changed', () => {
    const text = recorded('loss');
    for (let at = 0; at < text.length; at += 1)
      expect(parseMtrReport(text.slice(0, at)).ok).toBe(at === text.length - 1);
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (other) => !parseMtrReport(other).ok));
  });
});
