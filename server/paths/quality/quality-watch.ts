import type { CertificateMeasurement, Measurement } from '../../../wire/measurement.ts';
import type { TestCallMeasurement } from '../../../wire/rtp-measurement.ts';
import { codecGround } from './e-model/codec-table.ts';
import { isMute } from './figures/test-call-shares.ts';

/** A certificate that ends sooner is told. */
const EXPIRING_MS = 14 * 86_400_000;
/** What a PBX saw of a certificate counts for so long without being seen again. */
const SEEN_FOR_MS = 86_400_000;
/** Test calls that fail one after another before it is told. */
const FAILED_CALLS = 2;

/** How a certificate stands, best first. */
const STANDINGS = ['good', 'expiring', 'not-accepted', 'expired'] as const;
type Standing = (typeof STANDINGS)[number];
type Seen = { readonly standing: Standing; readonly sentence: string; readonly atMs: number };

/** Something worth a line in the journal. `about` names the thing, so that floods can be thinned. */
export type QualityNews = {
  readonly kind:
    | 'certificate-warning'
    | 'certificate-good'
    | 'registration-lost'
    | 'registration-back'
    | 'test-calls-fail'
    | 'test-calls-work'
    | 'test-calls-mute'
    | 'test-calls-heard'
    | 'codec-ungrounded';
  readonly about: string;
  readonly scope: { readonly pbx?: string; readonly trunk?: string };
  readonly sentence: string;
};

/** One measurement as it came. `trunk` is that of its target, where it is one of a trunk. */
export type Watched = {
  readonly pbx: string;
  readonly trunk: string | undefined;
  readonly measurement: Measurement;
  /** The probe's instrument is sick: its failed test calls say nothing. */
  readonly isSick: boolean;
  readonly nowMs: number;
};

/**
 * Tells what changes in certificates, registrations, test calls and codecs: each change once, nothing while it lasts, and
 * nothing for a good state that was never bad. Deterministic and free of I/O; memory is by configured name. Give it only
 * measurements of targets and trunks that the hub knows.
 */
export class QualityWatch {
  readonly #certificates = new Map<string, { standing: Standing; readonly byPbx: Map<string, Seen> }>();
  readonly #lostRegistrations = new Set<string>();
  readonly #failedCalls = new Map<string, number>();
  readonly #muteCalls = new Map<string, number>();
  readonly #codecs = new Set<string>();

  /** Takes one measurement. @returns what is news, mostly nothing. */
  take(watched: Watched): readonly QualityNews[] {
    const { measurement } = watched;
    const { kind } = measurement;
    if (kind === 'certificate') return this.#certificate(watched, measurement);
    if (kind === 'registration') return this.#registration(watched.pbx, measurement.trunk, measurement.state);
    if (kind === 'test-call') {
      return [
        ...this.#testCall(watched, measurement.trunk, measurement.outcome),
        ...this.#testMedia(watched, measurement),
      ];
    }
    return kind === 'rtp-call' && measurement.codec !== undefined
      ? this.#codec(measurement.trunk, measurement.codec)
      : [];
  }

  /** An edge stands as the worst that any PBX was shown within a day: an edge behind one name may show several. */
  #certificate({ nowMs, pbx, trunk }: Watched, seen: CertificateMeasurement): readonly QualityNews[] {
    const { target } = seen;
    const known = this.#certificates.get(target) ?? { standing: 'good' as Standing, byPbx: new Map<string, Seen>() };
    this.#certificates.set(target, known);
    known.byPbx.set(pbx, { ...certificateStanding(pbx, seen, nowMs), atMs: nowMs });
    for (const [other, { atMs }] of known.byPbx) if (nowMs - atMs > SEEN_FOR_MS) known.byPbx.delete(other);
    const rank = (each: Seen) => STANDINGS.indexOf(each.standing);
    const worst = [...known.byPbx.values()].reduce((left, right) => (rank(right) > rank(left) ? right : left));
    if (worst.standing === known.standing) return [];
    known.standing = worst.standing;
    const isGood = worst.standing === 'good';
    const kind = isGood ? 'certificate-good' : 'certificate-warning';
    const sentence = isGood ? `the certificate of ${target} is good again` : worst.sentence;
    return [{ kind, about: `${target} ${worst.standing}`, scope: trunk === undefined ? {} : { trunk }, sentence }];
  }

  #registration(pbx: string, trunk: string, state: string): readonly QualityNews[] {
    const about = `${pbx} ${trunk}`;
    const scope = { pbx, trunk };
    const isLost = state === 'rejected' || state === 'unreachable';
    if (isLost && !this.#lostRegistrations.has(about)) {
      this.#lostRegistrations.add(about);
      const sentence = `registration of ${trunk} on ${pbx} is ${state}; Asterisk says so of a refusal and of no answer alike`;
      return [{ kind: 'registration-lost', about, scope, sentence }];
    }
    if (state !== 'registered' || !this.#lostRegistrations.delete(about)) return [];
    return [{ kind: 'registration-back', about, scope, sentence: `registration of ${trunk} on ${pbx} stands again` }];
  }

  #testCall({ isSick, pbx }: Watched, trunk: string, outcome: string): readonly QualityNews[] {
    const about = `${pbx} ${trunk}`;
    const scope = { pbx, trunk };
    const failed = this.#failedCalls.get(about) ?? 0;
    if (outcome === 'answered') {
      this.#failedCalls.delete(about);
      if (failed < FAILED_CALLS) return [];
      return [{ kind: 'test-calls-work', about, scope, sentence: `test calls of ${pbx} through ${trunk} work again` }];
    }
    if (isSick || outcome === 'over-budget' || outcome === 'recovered') return [];
    this.#failedCalls.set(about, failed + 1);
    if (failed + 1 !== FAILED_CALLS) return [];
    const sentence = `test calls of ${pbx} through ${trunk} fail: ${FAILED_CALLS} in a row, the last one ${outcome}`;
    return [{ kind: 'test-calls-fail', about, scope, sentence }];
  }

  /** An answered call that brings nothing to hear is no good call: a 200 without media is a trouble of its own. */
  #testMedia({ isSick, pbx }: Watched, call: TestCallMeasurement): readonly QualityNews[] {
    const { far, mediaFault, outcome, trunk } = call;
    if (isSick || outcome !== 'answered' || far === 'none') return [];
    const about = `${pbx} ${trunk}`;
    const scope = { pbx, trunk };
    const mute = this.#muteCalls.get(about) ?? 0;
    if (!isMute(call)) {
      this.#muteCalls.delete(about);
      if (mute < FAILED_CALLS) return [];
      const sentence = `test calls of ${pbx} through ${trunk} bring media again`;
      return [{ kind: 'test-calls-heard', about, scope, sentence }];
    }
    this.#muteCalls.set(about, mute + 1);
    if (mute + 1 !== FAILED_CALLS) return [];
    const why = mediaFault === undefined ? 'no packet came' : `its answer could not be met (${mediaFault})`;
    const sentence = `test calls of ${pbx} through ${trunk} are answered without media: ${FAILED_CALLS} in a row, at the last one ${why}`;
    return [{ kind: 'test-calls-mute', about, scope, sentence }];
  }

  #codec(trunk: string, codec: string): readonly QualityNews[] {
    const ground = codecGround(codec);
    if (ground.scale !== 'none' || this.#codecs.has(trunk)) return [];
    this.#codecs.add(trunk);
    const sentence = `calls at ${trunk} use ${codec}: ${ground.sayHow}`;
    return [{ kind: 'codec-ungrounded', about: trunk, scope: { trunk }, sentence }];
  }
}

function certificateStanding(
  pbx: string,
  { fault, isAccepted, target, validUntilEpochMs }: CertificateMeasurement,
  nowMs: number,
): Pick<Seen, 'standing' | 'sentence'> {
  const leftMs = validUntilEpochMs - nowMs;
  const days = Math.floor(Math.abs(leftMs) / 86_400_000);
  const shown = `the certificate that ${target} showed to ${pbx}`;
  if (leftMs <= 0) return { standing: 'expired', sentence: `${shown} expired ${days} days ago` };
  if (!isAccepted)
    return { standing: 'not-accepted', sentence: `${shown} is not accepted: ${fault ?? 'unknown fault'}` };
  if (leftMs < EXPIRING_MS) return { standing: 'expiring', sentence: `${shown} expires in ${days} days` };
  return { standing: 'good', sentence: '' };
}
