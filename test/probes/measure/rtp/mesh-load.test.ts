import { describe, expect, test } from 'vitest';
import { dutyPhase, streamKbps, yieldReason } from '../../../../probes/measure/rtp/mesh-load.ts';
import { orderStreams } from '../../../../probes/measure/rtp/mesh-streams.ts';
import { addReading, correctionOf, type WallEstimate } from '../../../../probes/measure/rtp/stamp-clock.ts';

const LIMITS = { maxKbps: 1000, yieldAtCalls: 50 };

describe('the bandwidth of the mesh', () => {
  test('of a G.711 stream is 88 kbit/s', () => {
    expect(streamKbps({ payloadBytes: 160, packetMs: 20 })).toBe(88);
  });

  test.each([
    ['fits under the cap', 0, 900, 100, undefined],
    ['is over the cap', 0, 900, 101, 'bandwidth-cap'],
    ['leaves 100 kbit/s to each live call', 9, 0, 100, undefined],
    ['gives way to a tenth', 10, 0, 1, 'live-calls'],
    ['gives way at the threshold whatever the cap', 50, 0, 0, 'live-calls'],
  ] as const)('%s', (_, liveCalls, used, wanted, expected) => {
    expect(yieldReason(LIMITS, liveCalls, used, wanted)).toBe(expected);
  });
});

describe('the duty cycle', () => {
  const cycle = { onMs: 10_000, offMs: 20_000, of: 3 };

  test('of three streams keeps them from sending at once', () => {
    for (let nowMs = 0; nowMs < 90_000; nowMs += 500) {
      const on = [0, 1, 2].filter((place) => dutyPhase({ ...cycle, place }, nowMs).isOn);
      expect(on).toHaveLength(1);
    }
  });

  test('without an off part is always on', () => {
    expect(dutyPhase({ onMs: 1000, offMs: 0, place: 1, of: 2 }, 123).isOn).toBe(true);
  });
});

describe('which streams run', () => {
  const stream = (session: string, isRunning: boolean, heldUntilMs = 0) => ({
    session,
    packetMs: 20,
    payloadBytes: 160,
    cycle: { onMs: 1000, offMs: 0, place: 0, of: 1 },
    isRunning,
    heldUntilMs,
  });
  const kinds = (orders: ReturnType<typeof orderStreams>) =>
    Object.fromEntries([...orders].map(([name, { kind }]) => [name, kind]));

  test('those that run go on before others begin, after what is reflected', () => {
    const load = { limits: { ...LIMITS, maxKbps: 300 }, liveCalls: 0, reflectedKbps: 100 };
    const orders = orderStreams([stream('a', false), stream('b', true), stream('c', true)], load, 0);
    expect(kinds(orders)).toEqual({ b: 'run', c: 'run', a: 'idle' });
    expect(orders.get('a')).toEqual({ kind: 'idle', because: 'bandwidth-cap' });
  });

  test('one that was asked to pause rests until its time', () => {
    const load = { limits: LIMITS, liveCalls: 0, reflectedKbps: 0 };
    expect(kinds(orderStreams([stream('a', false, 5000)], load, 4999))).toEqual({ a: 'rest' });
    expect(kinds(orderStreams([stream('a', false, 5000)], load, 5000))).toEqual({ a: 'run' });
  });
});

describe('the correction of the stamp clock', () => {
  const reading = { offsetMs: 4, errorMs: 2, source: 'chrony', isSynchronised: true } as const;
  const estimateOf = (readings: readonly (readonly [number, number])[]): WallEstimate | undefined => {
    let estimate: WallEstimate | undefined;
    for (const [steadyMs, wallEpochMs] of readings) estimate = addReading(estimate, { steadyMs, wallEpochMs });
    return estimate;
  };

  test('comes near the truth through readings that are cut to the millisecond', () => {
    const readings = Array.from({ length: 100 }, (_, at) => [at * 19.37, Math.floor(5000.25 + at * 19.37)] as const);
    const correction = correctionOf(estimateOf(readings), reading);
    expect(correction?.correctionMs).toBeGreaterThan(5000.25 - 4 - 0.1);
    expect(correction?.correctionMs).toBeLessThanOrEqual(5000.25 - 4);
    expect(correction?.errorMs).toBeCloseTo(2.1, 9);
  });

  test('follows a step of the wall clock within two windows', () => {
    const readings = Array.from({ length: 600 }, (_, at) => [at * 10, (at < 100 ? 9000 : 1000) + at * 10] as const);
    expect(correctionOf(estimateOf(readings), reading)?.correctionMs).toBe(996);
  });

  test('is unknown while nothing disciplines the clock', () => {
    expect(correctionOf(estimateOf([[0, 0]]), { ...reading, isSynchronised: false })).toBeUndefined();
    expect(correctionOf(estimateOf([[0, 0]]), undefined)).toBeUndefined();
  });
});
