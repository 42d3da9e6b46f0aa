import type { DownMark, PbxModes, ReadBackRoute } from '../wire/plan.ts';
import type { HelloFrame } from '../wire/probe-frames.ts';
import type { Fleet } from './fleet.ts';
import type { PathRef } from './paths/path-health.ts';
import type { PbxRouteInput } from './routing/route-input.ts';

/** What a probe declares that it watches and lets be routed. */
export type PbxDeclaration = Pick<HelloFrame, 'targets' | 'trunks' | 'classes'>;

type Target = HelloFrame['targets'][number];

/** What one PBX's probe said in its hello, and what AstDB held when it was last read. */
export type PbxState = PbxDeclaration & {
  readonly targetOf: ReadonlyMap<string, Target>;
  readonly readBack: readonly ReadBackRoute[] | undefined;
  readonly down: readonly DownMark[];
  /** What its routes are planned from, but for modes and what was read back. */
  readonly order: Pick<PbxRouteInput, 'pbx' | 'site' | 'trunks' | 'classes'>;
};

/** What was found in AstDB. */
export type FoundInAstDb = Pick<PbxState, 'readBack' | 'down'>;

/** Takes up a declaration: only classes and trunks that both the hub and the probe name are planned (safety rule 10). */
export function pbxState(
  fleet: Fleet,
  pbx: string,
  declared: PbxDeclaration & { readonly refs: readonly PathRef[] },
  found: FoundInAstDb,
): PbxState {
  const { classes, refs, targets, trunks } = declared;
  return {
    targets,
    trunks,
    classes,
    targetOf: new Map(targets.map((target) => [target.target, target])),
    readBack: found.readBack,
    down: found.down,
    order: routeOrder(fleet, pbx, { classes, refs, trunks }),
  };
}

/** The declaration as it was taken up. */
export function declaredIn({ classes, targets, trunks }: PbxState): PbxDeclaration {
  return { targets, trunks, classes };
}

/** What a planning of a PBX looks at. */
export function routeInput({ order, readBack }: PbxState, modes: PbxModes): PbxRouteInput {
  return { ...order, modes, readBack };
}

function classPolicy({ fallback, weights }: Fleet['classes'][number]) {
  return {
    ...(weights && { weights: new Map(Object.entries(weights)) }),
    ...(fallback === 'other-provider' && { isFallbackDiverse: true }),
  };
}

function routeOrder(
  fleet: Fleet,
  pbx: string,
  { classes, refs, trunks }: Pick<PbxDeclaration, 'classes' | 'trunks'> & { readonly refs: readonly PathRef[] },
): PbxState['order'] {
  const keysOf = new Map<string, string[]>();
  for (const { end, key } of refs) {
    if (end.kind !== 'trunk' || end.source !== undefined) continue;
    const keys = keysOf.get(end.trunk);
    if (keys) keys.push(key);
    else keysOf.set(end.trunk, [key]);
  }
  const own = trunks.flatMap((trunk) => {
    const provider = fleet.providerOf.get(trunk);
    return provider === undefined ? [] : [{ trunk, provider, pathKeys: keysOf.get(trunk) ?? [] }];
  });
  const known = new Set(own.map(({ trunk }) => trunk));
  const orders = fleet.classes.flatMap((entry) => {
    const wanted = entry.trunks.filter((trunk) => known.has(trunk));
    if (!classes.includes(entry.class) || wanted.length === 0) return [];
    return [{ class: entry.class, trunks: wanted, ...classPolicy(entry) }];
  });
  return { pbx, site: fleet.siteOf.get(pbx) ?? '', trunks: own, classes: orders };
}
