import { correlate, NOTHING_CORRELATED } from '../../../server/correlate/correlate.ts';
import { buildHypotheses } from '../../../server/correlate/hypotheses.ts';
import type { PathEvidence } from '../../../server/correlate/path-evidence.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import type { Sight } from '../../../server/correlate/sight.ts';
import type { Place, Verdict } from '../../../server/correlate/verdict.ts';
import type { VerdictEffect } from '../../../server/correlate/verdict-effect.ts';
import type { LossEstimate, PathHealth, PathRef } from '../../../server/paths/path-health.ts';
import type { SecondCount } from '../../../server/paths/second-counts.ts';
import { missesForHardDown } from '../../../wire/hard-down.ts';
import type { Random } from '../../support/seeded.ts';

/** Shape of a fleet: every PBX probes one edge of every provider and, in a mesh, every PBX of other sites. */
export type Shape = {
  readonly sites: number;
  readonly providers: number;
  readonly hasMesh: boolean;
  readonly pbxesPerSite?: number;
};

/** Paths of a fleet: sites `s1`…, PBXs `s1-1`…, providers `telco-a`… with one trunk `a` and edge `e1` each. */
export function fleetRefs({ sites, providers, hasMesh, pbxesPerSite = 1 }: Shape): readonly PathRef[] {
  const pbxes = range(sites).flatMap((s) =>
    range(pbxesPerSite).map((p) => ({ pbx: `s${s + 1}-${p + 1}`, site: `s${s + 1}` })),
  );
  return pbxes.flatMap(({ pbx, site }) => [
    ...range(providers).map((index) => trunkRef(pbx, site, String.fromCharCode(97 + index))),
    ...pbxes.filter((peer) => hasMesh && peer.site !== site).map((peer) => peerRef(pbx, site, peer.pbx, peer.site)),
  ]);
}

export function trunkRef(pbx: string, site: string, letter: string, edge = 'e1'): PathRef {
  const target = `${letter}.${edge}`;
  const end = { kind: 'trunk', provider: `telco-${letter}`, trunk: letter, edge } as const;
  return { key: `${pbx}>${target}`, pbx, site, target, end };
}

export function peerRef(pbx: string, site: string, peer: string, peerSite: string): PathRef {
  const target = `peer.${peer}`;
  return { key: `${pbx}>${target}`, pbx, site, target, end: { kind: 'peer', pbx: peer, site: peerSite } };
}

/** True when a fault at this place makes the path lossy; written apart from the code under test. */
export function suffers(ref: PathRef, place: Place): boolean {
  const { end } = ref;
  if (place.kind === 'site') return ref.site === place.site || (end.kind === 'peer' && end.site === place.site);
  if (place.kind === 'provider') return end.kind === 'trunk' && end.provider === place.provider;
  if (place.kind === 'probe') return ref.pbx === place.pbx;
  if (place.kind !== 'path') return false;
  return (
    (ref.pbx === place.pbx && ref.target === place.target) ||
    (end.kind === 'peer' && place.target === `peer.${ref.pbx}` && end.pbx === place.pbx)
  );
}

/** Loss of one path at one time: independent, or two-state bursts (Gilbert). */
export type LossModel =
  | { readonly kind: 'independent'; readonly ratio: number }
  | { readonly kind: 'bursty'; readonly ratio: number; readonly meanBurst: number };

/** One attempt each second on one path; answers what a hub would know of it. */
export class SimulatedPath {
  readonly ref: PathRef;
  readonly #random: Random;
  readonly #times: number[] = [];
  readonly #lost: number[] = [0];
  readonly #runs: number[] = [0];
  #isLost = false;
  #misses = 0;
  #needed = 3;
  #lastAnsweredAtMs: number | undefined;
  /** Overrides the judged state when set. */
  state: PathHealth['state'] | undefined;
  isAbstaining = false;

  constructor(ref: PathRef, random: Random) {
    this.ref = ref;
    this.#random = random;
  }

  /** Sends one attempt at `atMs` and takes in what became of it. */
  attempt(atMs: number, model: LossModel): void {
    const isLost = this.#random() < this.#chance(model);
    if (!isLost) {
      this.#misses = 0;
      this.#lastAnsweredAtMs = atMs;
    } else {
      if (this.#misses === 0) this.#needed = missesForHardDown(this.#ratioSince(atMs - 60_000));
      this.#misses += 1;
    }
    this.#times.push(atMs);
    this.#lost.push((this.#lost.at(-1) ?? 0) + Number(isLost));
    this.#runs.push((this.#runs.at(-1) ?? 0) + Number(isLost && !this.#isLost));
    this.#isLost = isLost;
  }

  evidence(): PathEvidence {
    const isDown = this.#misses >= this.#needed;
    const health: PathHealth = {
      ref: this.ref,
      state: this.state ?? (isDown ? 'hard-down' : 'healthy'),
      sinceMs: 0,
      samplesInState: 0,
      lostInState: 0,
      reason: 'simulated',
      options: EMPTY_LOSS,
      rtt: undefined,
      icmp: undefined,
      consecutiveMisses: this.#misses,
      missesNeeded: this.#needed,
      lastAnsweredAtMs: this.#lastAnsweredAtMs,
      lastSampleAtMs: this.#times.at(-1),
      lastStatusCode: undefined,
      isAbstaining: this.isAbstaining,
    };
    return {
      health,
      countsSince: (sinceMs) => this.#countsSince(sinceMs),
      secondsSince: (sinceMs) => this.#secondsSince(sinceMs),
    };
  }

  #secondsSince(sinceMs: number): readonly SecondCount[] {
    const seconds: SecondCount[] = [];
    let lossySecond: number | undefined;
    for (let index = 0; index < this.#times.length; index += 1) {
      const atMs = this.#times[index] ?? 0;
      const second = Math.floor(atMs / 1000);
      const isLost = this.#wasLost(index);
      const begun = Number(isLost && !(index > 0 && this.#wasLost(index - 1)));
      const isContinued = isLost && begun === 0 && lossySecond !== second;
      if (isLost) lossySecond = second;
      if (atMs < sinceMs) continue;
      const known = seconds.at(-1);
      if (known?.second !== second) seconds.push({ second, sent: 1, lost: Number(isLost), begun, isContinued });
      else {
        seconds[seconds.length - 1] = {
          second,
          sent: known.sent + 1,
          lost: known.lost + Number(isLost),
          begun: known.begun + begun,
          isContinued: known.isContinued || isContinued,
        };
      }
    }
    return seconds;
  }

  #countsSince(sinceMs: number) {
    const from = this.#indexAt(sinceMs);
    const lost = (this.#lost.at(-1) ?? 0) - (this.#lost[from] ?? 0);
    const runs = (this.#runs.at(-1) ?? 0) - (this.#runs[from] ?? 0);
    const isCut = from > 0 && this.#wasLost(from - 1) && from < this.#times.length && this.#wasLost(from);
    return { sent: this.#times.length - from, lost, lossRuns: runs + Number(isCut) };
  }

  #chance(model: LossModel): number {
    if (model.kind === 'independent' || model.ratio >= 1) return model.ratio;
    const leave = 1 / model.meanBurst;
    return this.#isLost ? 1 - leave : (leave * model.ratio) / (1 - model.ratio);
  }

  #ratioSince(sinceMs: number): number {
    const { sent, lost } = this.#countsSince(sinceMs);
    return sent === 0 ? 0 : lost / sent;
  }

  #wasLost(index: number): boolean {
    return (this.#lost[index + 1] ?? 0) > (this.#lost[index] ?? 0);
  }

  #indexAt(sinceMs: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? 0) < sinceMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A path with fixed counts, for a single window. */
export function fixedEvidence(
  ref: PathRef,
  counts: { readonly sent: number; readonly lost: number; readonly lossRuns?: number },
  health: Partial<PathHealth> = {},
): PathEvidence {
  const lossRuns = counts.lossRuns ?? counts.lost;
  return {
    health: {
      ref,
      state: 'healthy',
      sinceMs: 0,
      samplesInState: 0,
      lostInState: 0,
      reason: 'fixed',
      options: EMPTY_LOSS,
      rtt: undefined,
      icmp: undefined,
      consecutiveMisses: 0,
      missesNeeded: 3,
      lastAnsweredAtMs: undefined,
      lastSampleAtMs: undefined,
      lastStatusCode: undefined,
      isAbstaining: false,
      ...health,
    },
    countsSince: () => ({ sent: counts.sent, lost: counts.lost, lossRuns }),
  };
}

const EMPTY_LOSS: LossEstimate = { sent: 0, lost: 0, lossRatio: 0, lowRatio: 0, highRatio: 1, windowMs: 60_000 };

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** One attempt a second on each path, a fault for a while, and a pass of correlation each second. */
export type Story = {
  readonly refs: readonly PathRef[];
  readonly random: Random;
  readonly background: LossModel;
  readonly faults: readonly Place[];
  readonly fault: LossModel;
  readonly beforeS: number;
  readonly faultS: number;
  readonly afterS?: number;
};

/** What the hub said, each effect with the second counted from the start of the fault. */
export type Told = VerdictEffect & { readonly atS: number };

/** Runs a story through the correlate stage; times start at 1,000,000 ms. */
export function runStory(story: Story): {
  readonly told: readonly Told[];
  readonly openAtFaultEnd: readonly Verdict[];
} {
  const paths = story.refs.map((ref) => new SimulatedPath(ref, story.random));
  const told: Told[] = [];
  let state = NOTHING_CORRELATED;
  let openAtFaultEnd: readonly Verdict[] = [];
  const endS = story.faultS + (story.afterS ?? 0);
  for (let atS = -story.beforeS; atS < endS; atS += 1) {
    const atMs = 1_000_000 + (atS + story.beforeS) * 1000;
    const isFaulty = atS >= 0 && atS < story.faultS;
    for (const path of paths) {
      const suffering = isFaulty && story.faults.some((place) => suffers(path.ref, place));
      path.attempt(atMs, suffering ? story.fault : story.background);
    }
    const pass = correlate(state, { paths: paths.map((path) => path.evidence()), nowMs: atMs + 500 });
    state = pass.state;
    told.push(...pass.effects.map((effect) => ({ ...effect, atS })));
    if (atS === story.faultS - 1) openAtFaultEnd = pass.open;
  }
  return { told, openAtFaultEnd };
}

/** Place keys that were named at any time in a story. */
export function namedPlaces(told: readonly Told[]): readonly string[] {
  const named = told.filter(({ kind, verdict }) => kind !== 'verdict-cleared' && verdict.certainty === 'named');
  return [...new Set(named.map(({ verdict }) => placeKey(verdict.place)))];
}

/** Sights over fixed counts, for one window. */
export function sightOf(paths: readonly PathEvidence[], nowMs = 1_000_000): Sight {
  return { nowMs, space: buildHypotheses(paths.map(({ health }) => health.ref)), paths, freshFromMs: new Map() };
}
