import type { LiveCost, LivePath, LiveRoute, LiveVerdict } from '../../wire/live.ts';
import type { DownMark } from '../../wire/plan.ts';
import { sayCost } from '../correlate/cost-sentence.ts';
import type { IncidentCost } from '../correlate/incident-cost.ts';
import { describePlace } from '../correlate/places.ts';
import type { Verdict } from '../correlate/verdict.ts';
import type { PathHealth } from '../paths/path-health.ts';
import type { PlannedRoute } from '../routing/route-plan.ts';

/** A path's health as a view shows it; round trips to the microsecond. */
export function livePath(health: PathHealth): LivePath {
  const { ref, options, rtt, icmp } = health;
  const { end } = ref;
  return {
    key: ref.key,
    pbx: ref.pbx,
    site: ref.site,
    target: ref.target,
    ...(end.kind === 'trunk' ? { provider: end.provider, trunk: end.trunk, edge: end.edge } : { peer: end.pbx }),
    state: health.state,
    sinceEpochMs: health.sinceMs,
    reason: health.reason,
    sent: options.sent,
    lost: options.lost,
    lossLowRatio: options.lowRatio,
    lossHighRatio: options.highRatio,
    windowMs: options.windowMs,
    rttN: rtt?.n ?? 0,
    icmpSent: icmp?.sent ?? 0,
    icmpLost: icmp?.lost ?? 0,
    ...(health.lastSampleAtMs !== undefined && { lastSampleAtEpochMs: health.lastSampleAtMs }),
    ...(health.isAbstaining && { isAbstaining: true }),
    ...(icmp && { icmpLowRatio: icmp.lowRatio, icmpHighRatio: icmp.highRatio, icmpWindowMs: icmp.windowMs }),
    ...(health.inheritedFrom && { inheritedFrom: health.inheritedFrom }),
    ...(health.lossEvidence && { lossEvidence: health.lossEvidence }),
    ...(health.intervalMs !== undefined && { intervalMs: health.intervalMs }),
    ...(rtt && { rttP50Ms: toMicroseconds(rtt.p50Ms), rttP95Ms: toMicroseconds(rtt.p95Ms) }),
  };
}

/** A verdict as a view shows it, with its places in words. */
export function liveVerdict(verdict: Verdict): LiveVerdict {
  const { runnerUp, clearedAtMs, cost, mergedInto, reopenedAtMs, sinceHighMs, sinceLowMs, sinceMs, wouldSplit } =
    verdict;
  return {
    verdictId: verdict.verdictId,
    symptom: verdict.symptom,
    certainty: verdict.certainty,
    place: describePlace(verdict.place),
    group: verdict.group.map(describePlace),
    posterior: verdict.posterior,
    direction: verdict.direction,
    witnesses: verdict.witnesses,
    sentence: verdict.sentence,
    ...(sinceMs !== undefined && { sinceEpochMs: sinceMs }),
    ...(sinceLowMs !== undefined && { sinceLowEpochMs: sinceLowMs }),
    ...(sinceHighMs !== undefined && { sinceHighEpochMs: sinceHighMs }),
    ...(reopenedAtMs && { reopenings: reopenedAtMs.length }),
    ...(cost && { cost: liveCost(cost) }),
    ...(mergedInto !== undefined && { mergedInto }),
    openedAtEpochMs: verdict.openedAtMs,
    updatedAtEpochMs: verdict.updatedAtMs,
    windowMs: verdict.windowMs,
    evidence: verdict.evidence,
    ...(verdict.kinds && { kinds: verdict.kinds }),
    ...(runnerUp && { runnerUp: { place: describePlace(runnerUp.place), posterior: runnerUp.posterior } }),
    ...(clearedAtMs !== undefined && { clearedAtEpochMs: clearedAtMs }),
    ...(wouldSplit !== undefined && { wouldSplit }),
  };
}

function liveCost(cost: IncidentCost): LiveCost {
  const { blindPbxes, calls, classes, fromMs, media, noCalls, pbxes, sites } = cost;
  return {
    fromEpochMs: fromMs,
    pbxes,
    sites,
    classes,
    ...(calls && { calls }),
    ...(media && { media }),
    ...(noCalls && { noCalls }),
    blindPbxes,
    sentence: sayCost(cost),
  };
}

/** What a route looks like beside the plan: when it last changed, and what AstDB held when it was last read. */
export type RouteBackground = {
  readonly fence: number;
  readonly readBack: string | undefined;
  /** The probe's own marks that are in force. */
  readonly downMarks: readonly DownMark[];
  readonly changedAtMs: number;
};

/** A planned route as a view shows it. */
export function liveRoute(route: PlannedRoute, background: RouteBackground): LiveRoute {
  const { fence, readBack, changedAtMs, downMarks } = background;
  return {
    pbx: route.pbx,
    class: route.class,
    mode: route.mode,
    planned: route.trunks,
    configured: route.configured,
    isApplied: route.isInAsterisk === true,
    fence,
    version: route.version,
    reason: route.reason,
    trunks: route.perTrunk.map(({ trunk, tier, reason }) => {
      const mark = downMarks.find((each) => each.trunk === trunk);
      return { trunk, tier, reason: mark ? `${reason}, marked down by the probe until ${timeOfDay(mark)}` : reason };
    }),
    changedAtEpochMs: changedAtMs,
    ...(readBack !== undefined && { readBack }),
  };
}

function timeOfDay({ untilEpochMs }: DownMark): string {
  const seconds = Math.floor(untilEpochMs / 1000);
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')} UTC`;
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
