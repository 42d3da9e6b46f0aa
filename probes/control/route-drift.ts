import type { DriftPolicy, PbxModes, PlanReadBack } from '../../wire/plan.ts';
import type { ControlMemory } from './control-store.ts';
import { decidePlan, isOlder, type OwnLimits } from './plan-decision.ts';
import { newestStamp } from './stored-plan.ts';

/** A class whose text in AstDB is not the one that the plan held gives. */
export type RouteDrift = {
  readonly class: string;
  readonly expected: string;
  /** Empty where AstDB holds nothing. */
  readonly found: string;
  /** AstDB held the expected text once: somebody has changed it. */
  readonly wasApplied: boolean;
};

/**
 * Compares AstDB with the plan held. Marks under `down/` are the probe's own and no drift; neither is a class in observe
 * mode, nor anything while AstDB is unknown or holds a plan newer than the one held: another hub's, which stands.
 */
export function routeDrift(
  { plan, applied, modes }: Pick<ControlMemory, 'plan' | 'applied'> & { readonly modes: PbxModes | undefined },
  readBack: PlanReadBack | undefined,
  limits: OwnLimits,
): readonly RouteDrift[] {
  if (!plan || !readBack || isOlder(plan, newestStamp(readBack))) return [];
  const decision = decidePlan(plan, limits, plan, modes);
  if (decision.kind === 'refuse') return [];
  return decision.classes.flatMap((entry) => {
    if (entry.kind === 'skip') return [];
    const found = readBack.routes.find((route) => route.class === entry.class)?.raw ?? '';
    const wasApplied = applied?.includes(entry.class) ?? true;
    return found === entry.text ? [] : [{ class: entry.class, expected: entry.text, found, wasApplied }];
  });
}

/**
 * Whether the probe itself writes the text expected.
 *
 * @param policy - of the plan held; undefined for the plan of a hub that sends it again by itself.
 * @param occasion - `boot`: Asterisk has come up, and what it lost is written whatever the policy; `check`: a look now and then.
 */
export function isWrittenBack(
  { found, wasApplied }: RouteDrift,
  policy: DriftPolicy | undefined,
  occasion: 'boot' | 'check',
): boolean {
  if (policy === 'repair') return true;
  if (occasion === 'check') return false;
  return policy === undefined || found === '' || !wasApplied;
}
