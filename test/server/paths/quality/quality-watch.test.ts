import { describe, expect, it } from 'vitest';
import { QualityWatch } from '../../../../server/paths/quality/quality-watch.ts';
import type { Measurement } from '../../../../wire/measurement.ts';
import type { TestCallMeasurement } from '../../../../wire/rtp-measurement.ts';

const NOW = 1_800_000_000_000;
const DAY_MS = 86_400_000;

function watch() {
  const watched = new QualityWatch();
  const take = (measurement: Measurement, more: { pbx?: string; isSick?: boolean; nowMs?: number } = {}) =>
    watched
      .take({ pbx: 'pbx-1', trunk: 'a', isSick: false, nowMs: NOW, measurement, ...more })
      .map(({ kind, sentence }) => `${kind}: ${sentence}`);
  return take;
}

function certificate(days: number, isAccepted = true): Measurement {
  return {
    kind: 'certificate',
    target: 'a.a1',
    observedAtMs: 0,
    validUntilEpochMs: NOW + days * DAY_MS,
    isAccepted,
    ...(isAccepted ? {} : { fault: 'SELF_SIGNED_CERT_IN_CHAIN' }),
  };
}

function registration(state: 'registered' | 'unregistered' | 'rejected' | 'unreachable'): Measurement {
  return { kind: 'registration', trunk: 'a', observedAtMs: 0, state };
}

const HEARD = {
  expected: 500,
  received: 490,
  lost: 10,
  duplicates: 0,
  reordered: 0,
  jitterMs: 1,
  lossRuns: Array(8).fill(0),
};

function testCall(outcome: 'answered' | 'timed-out' | 'rejected' | 'over-budget' | 'recovered'): TestCallMeasurement {
  const shape = { kind: 'test-call', target: 'a.a1', trunk: 'a', edge: 'a1', startedAtMs: 0, talkMs: 0 } as const;
  const media = outcome === 'answered' ? ({ received: HEARD, receivedCovers: 'round-trip' } as const) : {};
  return { ...shape, outcome, endedBy: 'final-status', far: 'echo', ...media } as const;
}

describe('QualityWatch', () => {
  it('tells a certificate that ends within 14 days once, however many PBXs see it, and when it is good again', () => {
    const take = watch();
    expect(take(certificate(15))).toEqual([]);
    expect(take(certificate(13.5))).toEqual([
      'certificate-warning: the certificate that a.a1 showed to pbx-1 expires in 13 days',
    ]);
    expect(take(certificate(13.4), { pbx: 'pbx-2' })).toEqual([]);
    expect(take(certificate(-2))).toEqual([
      'certificate-warning: the certificate that a.a1 showed to pbx-1 expired 2 days ago',
    ]);
    expect(take(certificate(90))).toEqual([
      'certificate-warning: the certificate that a.a1 showed to pbx-2 expires in 13 days',
    ]);
    expect(take(certificate(90), { pbx: 'pbx-2' })).toEqual([
      'certificate-good: the certificate of a.a1 is good again',
    ]);
  });

  it('tells why a certificate is not accepted; a PBX that has not seen it for a day no longer counts', () => {
    const take = watch();
    expect(take(certificate(90, false))).toEqual([
      'certificate-warning: the certificate that a.a1 showed to pbx-1 is not accepted: SELF_SIGNED_CERT_IN_CHAIN',
    ]);
    expect(take(certificate(90), { pbx: 'pbx-2' })).toEqual([]);
    expect(take(certificate(90), { pbx: 'pbx-2', nowMs: NOW + DAY_MS + 1 })).toEqual([
      'certificate-good: the certificate of a.a1 is good again',
    ]);
  });

  it('tells a registration that is lost and back, per PBX; one that was never good is lost, one never lost is no news', () => {
    const take = watch();
    expect(take(registration('registered'))).toEqual([]);
    expect(take(registration('unregistered'))).toEqual([]);
    expect(take(registration('rejected'))[0]).toMatch(/^registration-lost: registration of a on pbx-1 is rejected/);
    expect(take(registration('unreachable'))).toEqual([]);
    expect(take(registration('rejected'), { pbx: 'pbx-2' })).toHaveLength(1);
    expect(take(registration('registered'))).toEqual(['registration-back: registration of a on pbx-1 stands again']);
    expect(take(registration('registered'))).toEqual([]);
  });

  it('tells test calls that fail twice in a row, and when they work again', () => {
    const take = watch();
    expect(take(testCall('timed-out'))).toEqual([]);
    expect(take(testCall('answered'))).toEqual([]);
    expect(take(testCall('timed-out'))).toEqual([]);
    expect(take(testCall('rejected'))).toEqual([
      'test-calls-fail: test calls of pbx-1 through a fail: 2 in a row, the last one rejected',
    ]);
    expect(take(testCall('rejected'))).toEqual([]);
    expect(take(testCall('answered'))).toEqual(['test-calls-work: test calls of pbx-1 through a work again']);
  });

  it('holds nothing against a trunk for calls that were not placed, or that a sick probe placed (rules 1 and 2)', () => {
    const take = watch();
    for (const outcome of ['over-budget', 'recovered', 'over-budget', 'recovered'] as const) {
      expect(take(testCall(outcome))).toEqual([]);
    }
    for (let call = 0; call < 3; call += 1) expect(take(testCall('timed-out'), { isSick: true })).toEqual([]);
    expect(take(testCall('timed-out'))).toEqual([]);
  });

  it('tells when answered test calls bring no media, twice in a row, and when they bring some again', () => {
    const take = watch();
    const heard = testCall('answered');
    const { received: _received, receivedCovers: _covers, ...answered } = heard;
    const unmet = { ...answered, mediaFault: 'rejected' } as const;
    expect(take(heard)).toEqual([]);
    expect(take(answered)).toEqual([]);
    expect(take(unmet)).toEqual([
      'test-calls-mute: test calls of pbx-1 through a are answered without media: 2 in a row, at the last one its answer could not be met (rejected)',
    ]);
    expect(take(unmet)).toEqual([]);
    expect(take(testCall('timed-out'))).toEqual([]);
    expect(take(heard)).toEqual(['test-calls-heard: test calls of pbx-1 through a bring media again']);
    expect(take({ ...answered, far: 'none' })).toEqual([]);
  });

  it('tells a codec without published values once for each trunk', () => {
    const take = watch();
    const interval = { leg: 1, direction: 'sent', observedAtMs: 0, intervalMs: 5000, expected: 250, lost: 0 } as const;
    const media = (trunk: string, codec?: string): Measurement => ({
      ...interval,
      kind: 'rtp-call',
      trunk,
      isFinal: false,
      source: 'rtcp',
      ...(codec !== undefined && { codec }),
    });
    expect(take(media('a', 'ulaw'))).toEqual([]);
    expect(take(media('a'))).toEqual([]);
    expect(take(media('a', 'opus'))).toEqual([
      'codec-ungrounded: calls at a use opus: ITU-T has published no Ie for Opus: no MOS',
    ]);
    expect(take(media('a', 'opus'))).toEqual([]);
    expect(take(media('b', 'opus'))).toHaveLength(1);
  });
});
