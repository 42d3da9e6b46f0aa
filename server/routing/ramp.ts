import type { LedgerCall } from './call-ledger.ts';
import type { RoutePolicy } from './route-policy.ts';

/** Memory of a trunk that comes back to the lead of a class by growing shares. Hub time. */
export type Ramp = { readonly trunk: string; readonly step: number; readonly sinceMs: number };

/** What a step of a ramp looks at. */
export type RampGround = {
  readonly ramp: Ramp | undefined;
  /** The trunk that should lead: usable by its probes now. */
  readonly trunk: string;
  /** Its latest calls of the class. */
  readonly calls: readonly LedgerCall[];
  /** End of the latest call of the class at any trunk; undefined where none was seen. */
  readonly latestAtMs: number | undefined;
};

/** It may lead, or takes a share so far; `clause` says what the step still lacks. */
export type RampStep =
  | { readonly kind: 'lead' }
  | { readonly kind: 'share'; readonly ramp: Ramp; readonly percent: number; readonly clause: string };

/**
 * Advances a ramp. Each step needs its time and so many calls that went through at its share, while none made the trunk bad (it
 * would not be usable then); or, without calls enough, a long time on probes alone. Where the class has had no call for that long
 * there is nobody to protect and nothing to learn: the trunk leads at once.
 */
export function stepRamp(ground: RampGround, { canary }: RoutePolicy, nowMs: number): RampStep {
  const { calls, latestAtMs, trunk } = ground;
  const { probesAloneAfterMs, sharePercents, stepMs } = canary;
  if (latestAtMs === undefined || nowMs - latestAtMs >= probesAloneAfterMs) return { kind: 'lead' };
  const before = ground.ramp?.trunk === trunk ? ground.ramp : { trunk, step: 0, sinceMs: nowMs };
  const count = calls.filter(({ atMs, isEffective }) => isEffective && atMs > before.sinceMs).length;
  const onStepMs = nowMs - before.sinceMs;
  const isProven = (count >= canary.calls && onStepMs >= stepMs) || onStepMs >= Math.max(stepMs, probesAloneAfterMs);
  const ramp = isProven ? { trunk, step: before.step + 1, sinceMs: nowMs } : before;
  const percent = sharePercents[ramp.step];
  if (percent === undefined) return { kind: 'lead' };
  const seen = isProven ? 0 : count;
  const clause = `${trunk} takes ${percent} % of the calls, ${seen} of the ${canary.calls} that the step needs`;
  return { kind: 'share', ramp, percent, clause };
}
