import type { PathDuties } from '../paths/path-duty.ts';
import type { AssignmentPlan } from './assignment-plan.ts';
import type { EdgeAssignment } from './options-duties.ts';

/** One edge as the API shows it. */
export type EdgeView = {
  readonly edge: string;
  readonly provider: string;
  /** What the witnesses use together, at intervals and for loss. */
  readonly attemptsPerMinute: number;
  readonly budgetPerMinute: number;
  readonly confirmPerMinute: number;
  readonly qualifyPerMinute: number;
  readonly isOverrun: boolean;
  readonly intervalMs: number;
  readonly lossMeanMs: number;
  readonly witnesses: readonly {
    readonly pbx: string;
    readonly site: string;
    readonly phaseMs: number;
    readonly confirmPerMinute: number;
  }[];
  /** By site: how many PBXs ask nothing, and whose figures stand for them. */
  readonly inheriting: readonly { readonly site: string; readonly count: number; readonly from: readonly string[] }[];
  readonly reason: string;
};

/** Every edge that is asked, in the order of names. */
export function edgeViews(plan: AssignmentPlan): readonly EdgeView[] {
  return plan.edges.map((assignment) => {
    const { edge, load, pace, isOverrun, attemptsPerMinute } = assignment;
    const { budget, key, provider } = edge;
    return {
      edge: key,
      provider,
      attemptsPerMinute,
      budgetPerMinute: budget.attemptsPerMinute,
      confirmPerMinute: budget.confirmPerMinute,
      qualifyPerMinute: load.qualifyPerMinute,
      isOverrun,
      intervalMs: pace.intervalMs,
      lossMeanMs: pace.lossMeanMs,
      witnesses: assignment.witnesses.map(({ pbx, site, phaseMs, confirmPerMinute }) => {
        return { pbx, site, phaseMs, confirmPerMinute };
      }),
      inheriting: inheriting(assignment, plan),
      reason: reasonOf(assignment),
    };
  });
}

/** What the paths stage needs to know of a plan, by PBX. */
export function pathDuties({ duties }: Pick<AssignmentPlan, 'duties'>): ReadonlyMap<string, PathDuties> {
  return new Map(
    [...duties].map(([pbx, { options }]) => [
      pbx,
      new Map(options.map(({ target, role, intervalMs, from }) => [target, { role, intervalMs, from }])),
    ]),
  );
}

function inheriting({ edge, witnesses }: EdgeAssignment, plan: AssignmentPlan): EdgeView['inheriting'] {
  const asking = new Set(witnesses.map(({ pbx, target }) => `${pbx} ${target}`));
  return edge.places.flatMap(({ askers, key, site }) => {
    const count = askers.filter(({ pbx, target }) => !asking.has(`${pbx} ${target}`)).length;
    return count > 0 ? [{ site, count, from: plan.witnesses.get(key) ?? [] }] : [];
  });
}

function reasonOf({ edge, load, attemptsPerMinute, isOverrun, witnesses }: EdgeAssignment): string {
  const allowed = `${edge.provider} allows ${edge.budget.attemptsPerMinute} attempts a minute`;
  const qualify = `the PBXs' own qualify uses ${load.qualifyPerMinute.toFixed(1)}`;
  const unheard = load.unheardRatio > 0 ? `, ${Math.round(load.unheardRatio * 100)} % of the PBXs are not heard` : '';
  const shared = `${attemptsPerMinute.toFixed(1)} are shared by ${witnesses.length} witnesses at ${load.placeCount} places`;
  return isOverrun
    ? `${allowed}, and ${qualify}: the least is kept, ${shared}`
    : `${allowed}, ${qualify}${unheard}: ${shared}`;
}
