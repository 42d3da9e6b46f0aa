import { describe, expect, it } from 'vitest';
import { correlate, NOTHING_CORRELATED, recallVerdicts } from '../../../../server/correlate/correlate.ts';
import { MediaBook } from '../../../../server/correlate/media/media-book.ts';
import { placeKey } from '../../../../server/correlate/places.ts';
import type { Place, Verdict } from '../../../../server/correlate/verdict.ts';
import type { VerdictEffect } from '../../../../server/correlate/verdict-effect.ts';
import type { PathRef } from '../../../../server/paths/path-health.ts';
import type { MeshMeasurement, RtpCallMeasurement } from '../../../../wire/rtp-measurement.ts';
import { seeded } from '../../../support/seeded.ts';
import { fixedEvidence, fleetRefs, suffers } from '../loss-simulation.ts';

const REFS = fleetRefs({ sites: 3, providers: 3, hasMesh: true });
const PROVIDER: Place = { kind: 'provider', provider: 'telco-a' };
/** Asterisk sends RTCP every five seconds. */
const REPORT_MS = 5000;

/** What the media of one path are like in one direction. */
type Sound = { readonly jitterMs: number; readonly lossRatio: number };
const GOOD: Sound = { jitterMs: 2, lossRatio: 0 };
const JITTERY: Sound = { jitterMs: 30, lossRatio: 0 };
const LOSSY: Sound = { jitterMs: 2, lossRatio: 0.06 };

type Way = 'forward' | 'reverse';
type Heard = (ref: PathRef, way: Way) => Sound;

function callReport(ref: PathRef, way: Way, sound: Sound, parts: Partial<RtpCallMeasurement> = {}): RtpCallMeasurement {
  const trunk = ref.end.kind === 'trunk' ? ref.end.trunk : '';
  const { jitterMs, lossRatio } = sound;
  return {
    kind: 'rtp-call',
    trunk,
    edge: 'e1',
    leg: 1,
    direction: way === 'forward' ? 'sent' : 'received',
    observedAtMs: 0,
    intervalMs: REPORT_MS,
    expected: 250,
    lost: Math.round(250 * lossRatio),
    jitterMs,
    codec: 'alaw',
    isFinal: false,
    source: 'rtcp',
    ...parts,
  };
}

function meshReport(ref: PathRef, direction: Way, { jitterMs, lossRatio }: Sound): MeshMeasurement {
  const lost = Math.round(250 * lossRatio);
  return {
    kind: 'rtp-mesh',
    target: ref.target,
    session: 'session-000000001',
    direction,
    sequence: 0,
    startedAtMs: 0,
    intervalMs: REPORT_MS,
    packetMs: 20,
    payloadBytes: 160,
    figures: {
      expected: 250,
      received: 250 - lost,
      lost,
      duplicates: 0,
      reordered: 0,
      lossRuns: [lost, 0, 0, 0, 0, 0, 0, 0],
      jitterMs,
      delayVariation: { p50Ms: jitterMs, p95Ms: 2 * jitterMs, p99Ms: 3 * jitterMs, maxMs: 4 * jitterMs },
    },
  };
}

/** A fleet with three calls at each trunk of each PBX and a mesh stream between all PBXs. */
class MediaFleet {
  readonly book = new MediaBook((_, trunk, edge) => (edge === undefined ? undefined : `${trunk}.${edge}`));
  readonly #random = seeded(11);
  readonly #paths = REFS.map((ref) => fixedEvidence(ref, { sent: 60, lost: 0 }));
  state = NOTHING_CORRELATED;
  open: readonly Verdict[] = [];
  nowMs = 1_000_000;

  run(reports: number, heard: Heard = () => GOOD, parts: Partial<RtpCallMeasurement> = {}): readonly VerdictEffect[] {
    const told: VerdictEffect[] = [];
    for (let report = 0; report < reports; report += 1) {
      for (let leg = 0; leg < 3; leg += 1) {
        this.nowMs += 1666;
        for (const ref of REFS) {
          for (const way of ['forward', 'reverse'] as const) {
            const sound = heard(ref, way);
            const shaken = { ...sound, jitterMs: sound.jitterMs * (0.8 + 0.4 * this.#random()) };
            const isMesh = ref.end.kind === 'peer';
            if (isMesh && leg > 0) continue;
            const said = isMesh ? meshReport(ref, way, shaken) : callReport(ref, way, shaken, { leg, ...parts });
            this.book.add(ref.pbx, said, this.nowMs);
          }
        }
        const media = { view: this.book, paths: () => this.#paths.filter((path) => this.book.hasLanes(path)) };
        const pass = correlate(this.state, { paths: this.#paths, nowMs: this.nowMs, media });
        this.state = pass.state;
        this.open = pass.open;
        told.push(...pass.effects);
      }
    }
    return told;
  }
}

const at =
  (place: Place, sound: Sound, ways: readonly Way[] = ['forward', 'reverse']): Heard =>
  (ref, way) =>
    suffers(ref, place) && ways.includes(way) ? sound : GOOD;

const words = (told: readonly VerdictEffect[]) =>
  told
    .filter(({ kind }) => kind !== 'verdict-updated')
    .map(({ kind, verdict }) => `${kind} ${verdict.certainty} ${verdict.symptom} ${placeKey(verdict.place)}`);

describe('a verdict on media', () => {
  it.each<[Place, Sound]>([
    [PROVIDER, JITTERY],
    [PROVIDER, LOSSY],
    [{ kind: 'site', site: 's2' }, JITTERY],
  ])('names %j where %j is heard, and clears when it is over', (place, sound) => {
    const fleet = new MediaFleet();
    expect(fleet.run(20)).toEqual([]);
    const key = placeKey(place);
    expect(words(fleet.run(24, at(place, sound)))).toEqual([`verdict-opened named media ${key}`]);
    expect(words(fleet.run(24))).toEqual([`verdict-cleared named media ${key}`]);
  });

  it('says what is worse, in which codec and direction, against what is usual', () => {
    const fleet = new MediaFleet();
    fleet.run(20);
    const [opened] = fleet.run(24, at(PROVIDER, JITTERY, ['forward']));
    expect(opened?.verdict.direction).toBe('towards');
    expect(opened?.verdict.sentence).toMatch(
      /^Provider telco-a: media worse than usual on 3 of 3 paths seen from 3 sites, as at path s\d-1 > a\.e1: jitter \(alaw, sent\) [\d.]+ ms \(95 % [\d.]+ to [\d.]+, n = \d+\), usually [\d.]+ ms, 12 paths elsewhere are as usual \(posterior 0\.99\d; next: .+\); on the way towards provider telco-a\.$/,
    );
  });

  it.each<[readonly Way[], string]>([
    [['reverse'], 'from'],
    [['forward', 'reverse'], 'both'],
  ])('of %j goes %s the place', (ways, direction) => {
    const fleet = new MediaFleet();
    fleet.run(20);
    fleet.run(24, at(PROVIDER, JITTERY, ways));
    expect(fleet.open.map((verdict) => verdict.direction)).toEqual([direction]);
  });

  it('shows a drop of the MOS on its own scale, from 4.4 usually', () => {
    const fleet = new MediaFleet();
    fleet.run(20);
    fleet.run(24, at(PROVIDER, LOSSY));
    const mos = fleet.open[0]?.shifts?.find(({ isShifted, what }) => isShifted && what === 'mos');
    expect(mos?.usual).toBeGreaterThan(4.3);
    expect(mos?.now).toBeLessThan(3.8);
    expect(mos?.low).toBeLessThanOrEqual(mos?.now ?? 0);
    expect(mos?.high).toBeGreaterThanOrEqual(mos?.now ?? 5);
  });

  it('compares a codec with itself alone: calls that turn to G.729 open nothing', () => {
    const fleet = new MediaFleet();
    fleet.run(20);
    expect(fleet.run(40, () => GOOD, { codec: 'g729' })).toEqual([]);
  });

  it('rests on two calls at least: one bad call at each trunk opens nothing', () => {
    const fleet = new MediaFleet();
    fleet.run(20, () => GOOD, { leg: 7 });
    const bad: Heard = (ref) => (ref.end.kind === 'trunk' && suffers(ref, PROVIDER) ? JITTERY : GOOD);
    expect(fleet.run(40, bad, { leg: 8 })).toEqual([]);
  });

  it('makes nothing of reports without a codec, on few packets, or with an edge that is not declared', () => {
    for (const parts of [{ codec: undefined }, { expected: 99 }, { edge: undefined }]) {
      const fleet = new MediaFleet();
      const ref = REFS[0];
      if (!ref) throw new Error('no path');
      const { codec: _codec, edge: _edge, ...bare } = callReport(ref, 'forward', GOOD);
      for (let report = 0; report < 60; report += 1) {
        const full = { ...bare, codec: 'alaw', edge: 'e1', leg: report % 3, ...parts };
        const said = Object.fromEntries(
          Object.entries({ ...full, jitterMs: report < 30 ? 2 : 60 }).filter(([, value]) => value !== undefined),
        );
        fleet.book.add(ref.pbx, said as RtpCallMeasurement, report * REPORT_MS);
      }
      expect(fleet.book.isAnyShifted(60 * REPORT_MS)).toBe(false);
    }
  });

  it('stands over a restart, on the baseline that it carries', () => {
    const fleet = new MediaFleet();
    fleet.run(20);
    fleet.run(24, at(PROVIDER, JITTERY));
    const stored = JSON.parse(JSON.stringify(fleet.open)) as Verdict[];
    const after = new MediaFleet();
    after.nowMs = fleet.nowMs;
    after.state = recallVerdicts(stored, after.nowMs);
    after.book.recall(stored);
    expect(words(after.run(30, at(PROVIDER, JITTERY)))).toEqual([]);
    expect(after.open.map(({ verdictId }) => verdictId)).toEqual(stored.map(({ verdictId }) => verdictId));
    expect(words(after.run(30))).toEqual([`verdict-cleared named media ${placeKey(PROVIDER)}`]);
  });
});
