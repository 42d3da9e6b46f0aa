import type { PbxModes, ReadBackRoute } from '../../wire/plan.ts';
import type { Verdict } from '../correlate/verdict.ts';
import type { PathHealth } from '../paths/path-health.ts';
import type { CallReader } from './call-ledger.ts';
import type { RouteConstraints } from './route-constraints.ts';
import type { RoutePolicy } from './route-policy.ts';

/** A trunk as one PBX sees it. */
export type PbxTrunk = {
  readonly trunk: string;
  readonly provider: string;
  /** Names of the paths to its edges, one each; keys without health are unknown. */
  readonly pathKeys: readonly string[];
  /** Another way out than the site's own that its calls take: a further source address, or another site. Absent: the site's own. */
  readonly exit?: string;
};

/** A class with its trunks in the order wanted when all is well; at least one, none twice. */
export type ClassOrder = {
  readonly class: string;
  readonly trunks: readonly string[];
  /** Shares of new calls when all is well; absent: all go to the first. */
  readonly weights?: ReadonlyMap<string, number>;
  /** What orders the trunks when all is well: the list, or the price of those whose price is known. */
  readonly prefer?: 'configured' | 'price';
  /** Price of a minute by trunk, in micro-units of one currency. */
  readonly priceMicros?: ReadonlyMap<string, number>;
  /** The second place goes to another provider than the first where one may serve. */
  readonly isFallbackDiverse?: boolean;
};

/** The class that is never planned. */
export const EMERGENCY_CLASS = 'emergency';

/**
 * One PBX to plan for. The emergency class has a static list of its own in the dialplan (safety rule 4): it is passed over where
 * `classes` has it.
 */
export type PbxRouteInput = {
  readonly pbx: string;
  readonly site: string;
  readonly trunks: readonly PbxTrunk[];
  readonly classes: readonly ClassOrder[];
  /** Modes after scopes are resolved. */
  readonly modes: PbxModes;
  /** Routes last read back from AstDB; undefined while it was never read: unknown, not empty. */
  readonly readBack: readonly ReadBackRoute[] | undefined;
};

/** Everything that one planning looks at. */
export type RouteInput = {
  readonly pbxes: readonly PbxRouteInput[];
  readonly healths: ReadonlyMap<string, PathHealth>;
  /** Verdicts; those with `clearedAtMs` set are passed over. */
  readonly verdicts: readonly Verdict[];
  readonly policy: RoutePolicy;
  /** Absent: nothing is known of calls. */
  readonly calls?: CallReader;
  readonly constraints?: RouteConstraints;
};
