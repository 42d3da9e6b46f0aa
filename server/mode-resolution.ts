import type { Mode, ModeFunction, PbxModes } from '../wire/plan.ts';
import type { HubConfig } from './config-schema.ts';

/** A mode as it was set, for the fleet or a narrower scope. */
export type ScopedMode = {
  readonly function: ModeFunction;
  readonly mode: Mode;
  readonly scope:
    | { readonly kind: 'fleet' }
    | { readonly kind: 'site'; readonly site: string }
    | { readonly kind: 'pbx'; readonly pbx: string }
    | { readonly kind: 'class'; readonly class: string };
};

/** Whose modes are asked for. */
export type ModeSubject = { readonly pbx: string; readonly site: string; readonly classes: readonly string[] };

/**
 * Resolves scopes for one PBX: its own mode before its site's before the fleet's; nothing set means observe (rule 7).
 * A class acts when it is set to enforce itself and neither the PBX nor its site was set to observe by name: between two
 * words of equal weight the careful one wins.
 */
export function resolveModes(modes: readonly ScopedMode[], isStopped: boolean, subject: ModeSubject): PbxModes {
  const routing = placeMode(modes, 'routing', subject);
  const classes = subject.classes.flatMap((name) => {
    const own = modes.find(
      ({ function: of, scope }) => of === 'routing' && scope.kind === 'class' && scope.class === name,
    );
    if (!own) return [];
    const isHeldBack = routing.isNamed && routing.mode === 'observe';
    return [{ class: name, routing: isHeldBack ? ('observe' as const) : own.mode }];
  });
  return {
    stopped: isStopped,
    routing: routing.mode,
    spend: placeMode(modes, 'spend', subject).mode,
    security: placeMode(modes, 'security', subject).mode,
    survival: placeMode(modes, 'survival', subject).mode,
    classes,
  };
}

/** The fleet's own mode of a function; observe unless set. */
export function fleetMode(modes: readonly ScopedMode[], of: ModeFunction): Mode {
  return modes.find((entry) => entry.function === of && entry.scope.kind === 'fleet')?.mode ?? 'observe';
}

function placeMode(
  modes: readonly ScopedMode[],
  of: ModeFunction,
  { pbx, site }: ModeSubject,
): { readonly mode: Mode; readonly isNamed: boolean } {
  const own = modes.filter((entry) => entry.function === of);
  const named =
    own.find(({ scope }) => scope.kind === 'pbx' && scope.pbx === pbx) ??
    own.find(({ scope }) => scope.kind === 'site' && scope.site === site);
  return named ? { mode: named.mode, isNamed: true } : { mode: fleetMode(modes, of), isNamed: false };
}

/** Where a mode applies, from the fields of a configuration or an order; none of them means the fleet. */
export function modeScope(scope: {
  readonly site?: string;
  readonly pbx?: string;
  readonly class?: string;
}): ScopedMode['scope'] {
  if (scope.pbx !== undefined) return { kind: 'pbx', pbx: scope.pbx };
  if (scope.site !== undefined) return { kind: 'site', site: scope.site };
  if (scope.class !== undefined) return { kind: 'class', class: scope.class };
  return { kind: 'fleet' };
}

/** Modes as a configuration sets them at the first start. */
export function configuredModes({ modes }: Pick<HubConfig, 'modes'>): readonly ScopedMode[] {
  return modes.map(({ function: of, mode, scope = {} }) => ({ function: of, mode, scope: modeScope(scope) }));
}
