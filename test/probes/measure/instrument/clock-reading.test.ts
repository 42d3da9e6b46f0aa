import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agedClock, parseChronyTracking, parseTimex } from '../../../../probes/measure/instrument/clock-reading.ts';

/** Recorded of chrony 4.3 (Debian 12): its clock was told to be 0.25 s behind, and in words it said "slow of NTP time". */
const SLOW =
  '7F000001,127.0.0.1,9,1795517367.863570352,0.249998674,0.000000033,0.000000085,0.004,0.001,0.085,0.000006071,0.000001086,1.0,Normal\n';
/** Recorded of the same chrony before any source had answered. */
const NO_SOURCE =
  '00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n';

describe('parseChronyTracking', () => {
  test('gives host less true time: a slow clock is behind (recorded)', () => {
    const result = parseChronyTracking(SLOW);
    expect(result).toMatchObject({ ok: true, reading: { source: 'chrony', isSynchronised: true } });
    const { offsetMs, errorMs } = result.ok ? result.reading : { offsetMs: 0, errorMs: 0 };
    expect(offsetMs).toBeCloseTo(-249.998674, 9);
    expect(errorMs).toBeCloseTo(0.0041215, 9);
  });

  test('takes no figures of a chrony that follows nothing (recorded)', () => {
    expect(parseChronyTracking(NO_SOURCE)).toEqual({ ok: false, fault: 'not-synchronised' });
  });

  test.each([
    ['506 Cannot talk to daemon\n'],
    [''],
    [SLOW.replace('0.249998674', 'nan')],
    [SLOW.replace('0.000001086', '-0.000001086')],
    [SLOW.replace('Normal', 'Whatever')],
    [`${SLOW.trim()},1`],
    [`${SLOW}${SLOW}`],
  ])('refuses %j', (text) => {
    expect(parseChronyTracking(text)).toEqual({ ok: false, fault: 'bad-text' });
  });

  test('never throws', () => {
    for (let at = 0; at < SLOW.length - 'Normal\n'.length; at += 1)
      expect(parseChronyTracking(SLOW.slice(0, at)).ok).toBe(false);
    fc.assert(fc.property(fc.string(), (text) => !parseChronyTracking(text).ok));
  });
});

describe('parseTimex', () => {
  test('says that nothing disciplines the clock (recorded on a host without a time daemon)', () => {
    expect(parseTimex('5 0 0 16000000 16000000 64')).toEqual({
      ok: true,
      reading: { offsetMs: 0, errorMs: 16_000, source: 'kernel', isSynchronised: false },
    });
  });

  test('takes the offset in microseconds, or in nanoseconds where STA_NANO (0x2000) is set', () => {
    const micro = parseTimex('0 -1500 262144 23000 120 1');
    expect(micro).toMatchObject({ ok: true, reading: { offsetMs: 1.5, errorMs: 23, isSynchronised: true } });
    const nano = parseTimex('0 1500000 262144 23000 120 8193');
    expect(nano).toMatchObject({ ok: true, reading: { offsetMs: -1.5, errorMs: 23, isSynchronised: true } });
  });

  test.each([
    [''],
    ['0 1 2 3 4'],
    ['0 1 2 3 4 5 6'],
    ['6 0 0 1 1 1'],
    ['0 0 0 -1 1 1'],
    ['0 0 0 1e3 1 1'],
    ['a b c d e f'],
  ])('refuses %j', (text) => {
    expect(parseTimex(text)).toEqual({ ok: false, fault: 'bad-text' });
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 8 }), (numbers) => {
        const result = parseTimex(numbers.join(' '));
        return !result.ok || (Number.isFinite(result.reading.offsetMs) && result.reading.errorMs >= 0);
      }),
    );
  });
});

describe('agedClock', () => {
  test('lets the error grow by the drift that is possible, and by nothing for a time that went back', () => {
    const taken = { offsetMs: -2, errorMs: 10, source: 'kernel', isSynchronised: true } as const;
    expect(agedClock(taken, 30_000)).toEqual({ ...taken, errorMs: 25 });
    expect(agedClock({ ...taken, source: 'chrony' }, 30_000).errorMs).toBeCloseTo(10.45, 9);
    expect(agedClock(taken, -1)).toEqual(taken);
  });
});
