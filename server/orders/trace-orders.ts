import type { Verdict } from '../correlate/verdict.ts';
import type { VerdictEffect } from '../correlate/verdict-effect.ts';
import type { PathHealth } from '../paths/path-health.ts';
import { pbxOfKey } from '../paths/path-key.ts';

/** One trace to be made, for a verdict; `role` says what it is to show. */
export type TraceOrder = {
  readonly pbx: string;
  readonly target: string;
  readonly verdictId: string;
  readonly role: 'witness' | 'healthy';
};

/** What was ordered lately. Start with {@link NO_TRACES}. Times are hub time. */
export type TraceOrderState = {
  /** By path (`PBX>TARGET`), when it was last traced; older than {@link PATH_EVERY_MS} is forgotten. */
  readonly lastAtMs: ReadonlyMap<string, number>;
  /** Verdicts that are named already. */
  readonly named: ReadonlySet<string>;
};

/** Nothing ordered yet in this life of the hub. */
export const NO_TRACES: TraceOrderState = { lastAtMs: new Map(), named: new Set() };

/** One path is traced at most once in so long. */
export const PATH_EVERY_MS = 300_000;

/** The fleet traces at most so often in any minute. */
export const FLEET_PER_MINUTE = 10;

const MINUTE_MS = 60_000;
const MAX_WITNESSES = 2;

/** What the decision is made from besides its own memory. */
export type TraceSight = {
  readonly healths: readonly PathHealth[];
  /** PBXs whose probe can trace and is connected. */
  readonly able: ReadonlySet<string>;
};

/**
 * Decides which traces to order after a change of a verdict: when it opens, and when it becomes named. Asked are the worst
 * path of each of up to two witnesses, of different sites where there are, and one healthy path to the same place, so that
 * the two can be compared. A probe makes one trace at a time: a PBX that was asked within the minute is left out. Verdicts that are not of loss are not traced: a target that answers nothing shows no way.
 */
export function orderTraces(
  state: TraceOrderState,
  { kind, verdict }: VerdictEffect,
  sight: TraceSight,
  nowMs: number,
): { readonly state: TraceOrderState; readonly orders: readonly TraceOrder[] } {
  const { verdictId } = verdict;
  const isNamed = kind !== 'verdict-cleared' && verdict.certainty === 'named';
  const isNews = kind === 'verdict-opened' || (isNamed && !state.named.has(verdictId));
  const named = new Set(state.named);
  if (isNamed) named.add(verdictId);
  if (kind === 'verdict-cleared') named.delete(verdictId);
  const lastAtMs = new Map([...state.lastAtMs].filter(([, atMs]) => nowMs - atMs < PATH_EVERY_MS));
  const isTraceable = verdict.symptom === 'loss' && verdict.place.kind !== 'none' && verdict.place.kind !== 'probe';
  if (!isNews || !isTraceable) return { state: { lastAtMs, named }, orders: [] };

  const recent = [...lastAtMs].filter(([, atMs]) => nowMs - atMs < MINUTE_MS);
  const busy = new Set(recent.map(([key]) => pbxOfKey(key)));
  const free = sight.healths.filter(
    ({ ref }) => sight.able.has(ref.pbx) && !busy.has(ref.pbx) && !lastAtMs.has(ref.key),
  );
  const bad = witnessPaths(verdict, free);
  const good = bad.length === 0 ? undefined : healthyPath(verdict, free, bad);
  const chosen = [...bad, ...(good ? [good] : [])].slice(0, Math.max(0, FLEET_PER_MINUTE - recent.length));
  for (const { ref } of chosen) lastAtMs.set(ref.key, nowMs);
  const orders = chosen.map((health) => {
    const { pbx, target } = health.ref;
    return { pbx, target, verdictId, role: health === good ? 'healthy' : 'witness' } as const;
  });
  return { state: { lastAtMs, named }, orders };
}

/** The worst path of each of two witnesses; a second one of the same site only where no other site saw it. */
function witnessPaths(verdict: Verdict, free: readonly PathHealth[]): readonly PathHealth[] {
  const lowRatioOf = new Map(
    verdict.evidence.flatMap((path) => (path.lost > 0 ? [[path.pathKey, path.lowRatio]] : [])),
  );
  const seen = free
    .filter(({ ref }) => lowRatioOf.has(ref.key) && verdict.witnesses.includes(ref.pbx))
    .toSorted((one, other) => (lowRatioOf.get(other.ref.key) ?? 0) - (lowRatioOf.get(one.ref.key) ?? 0));
  const [worst] = seen;
  if (!worst) return [];
  const others = seen.filter(({ ref }) => ref.pbx !== worst.ref.pbx);
  const second = others.find(({ ref }) => ref.site !== worst.ref.site) ?? others[0];
  return second ? [worst, second].slice(0, MAX_WITNESSES) : [worst];
}

/** A healthy path of another PBX to the same target, else to the same provider or peer site. */
function healthyPath(
  verdict: Verdict,
  free: readonly PathHealth[],
  bad: readonly PathHealth[],
): PathHealth | undefined {
  const evidence = new Map(verdict.evidence.map((path) => [path.pathKey, path.lost]));
  const asked = new Set(bad.map(({ ref }) => ref.pbx));
  const healthy = free.filter(
    (health) =>
      health.state === 'healthy' &&
      !health.isAbstaining &&
      !asked.has(health.ref.pbx) &&
      (evidence.get(health.ref.key) ?? 0) === 0,
  );
  const targets = new Set(bad.map(({ ref }) => ref.target));
  const ends = new Set(bad.map(endName));
  return healthy.find(({ ref }) => targets.has(ref.target)) ?? healthy.find((health) => ends.has(endName(health)));
}

function endName({ ref: { end } }: PathHealth): string {
  return end.kind === 'trunk' ? `provider ${end.provider}` : `site ${end.site}`;
}
