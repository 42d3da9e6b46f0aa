import { splitPathKey } from '../paths/path-key.ts';
import { wilsonInterval } from '../paths/wilson.ts';
import { counted } from './counted.ts';
import type { PackLook, PackPath } from './evidence-pack.ts';
import type { KeptVerdict } from './kept-verdict.ts';
import type { ContextAt } from './pack-input.ts';
import type { ContextPath, VerdictContext } from './verdict-context.ts';

/** A path is clean where nothing speaks for a loss above this. */
export const CLEAN_RATIO = 0.01;

/** The paths as they stood when the verdict was opened, at its worst and last; one moment that is several is told once. */
export function packLooks(contexts: readonly ContextAt[]): readonly PackLook[] {
  const first = contexts.at(0);
  const latest = contexts.at(-1);
  if (!first || !latest) return [];
  const worst = contexts.reduce((one, other) => (severity(other) > severity(one) ? other : one), first);
  return [
    look('opened', first),
    ...(worst === first ? [] : [look('worst', worst)]),
    ...(latest === first || latest === worst ? [] : [look('latest', latest)]),
  ];
}

/**
 * The context of a verdict that was kept without one (by a hub before this was recorded): its own counts, and no control group.
 *
 * @param siteOf - site of a PBX, as far as it is still configured.
 */
export function contextOfCounts(
  verdict: KeptVerdict,
  siteOf: (pbx: string) => string | undefined,
): VerdictContext | undefined {
  if (verdict.evidence.length === 0) return undefined;
  const paths = verdict.evidence.map(({ lost, pathKey, sent }): ContextPath => {
    const { name, pbx } = splitPathKey(pathKey);
    const [head = '', ...rest] = name.split('.');
    const end = head === 'peer' ? { peer: rest.join('.') } : { trunk: head };
    const unknown = { state: 'not recorded', rttN: 0, icmpSent: 0, icmpLost: 0 };
    return { pathKey, role: 'inside', pbx, site: siteOf(pbx) ?? '', target: name, ...end, sent, lost, ...unknown };
  });
  const inside = { paths: paths.length, sent: sum(paths, 'sent'), lost: sum(paths, 'lost') };
  const outside = { paths: 0, sent: 0, lost: 0 };
  return { format: 'trunkward-context-1', windowMs: verdict.windowMs, paths, inside, outside };
}

function severity({ context: { inside } }: ContextAt): number {
  return inside.sent === 0 ? 0 : wilsonInterval(inside).lowRatio;
}

function look(moment: PackLook['moment'], { atEpochMs, context }: ContextAt): PackLook {
  const { inside, outside, windowMs } = context;
  return {
    moment,
    atEpochMs,
    windowMs,
    paths: context.paths.map(packPath),
    inside: { paths: inside.paths, ...counted(inside) },
    outside: { paths: outside.paths, ...counted(outside) },
  };
}

function packPath({ icmpLost, icmpSent, ...path }: ContextPath): PackPath {
  const { edge, lost, pathKey, pbx, peer, provider, role, rttN, rttP50Ms, rttP95Ms, sent, site, state, target, trunk } =
    path;
  const counts = counted({ sent, lost });
  return {
    pathKey,
    role,
    pbx,
    site,
    target,
    ...(provider !== undefined && { provider }),
    ...(trunk !== undefined && { trunk }),
    ...(edge !== undefined && { edge }),
    ...(peer !== undefined && { peer }),
    state,
    ...counts,
    isClean: sent > 0 && counts.lowRatio <= CLEAN_RATIO,
    rttN,
    ...(rttP50Ms !== undefined && { rttP50Ms }),
    ...(rttP95Ms !== undefined && { rttP95Ms }),
    ...(icmpSent > 0 && { icmp: counted({ sent: icmpSent, lost: icmpLost }) }),
  };
}

function sum(paths: readonly ContextPath[], field: 'sent' | 'lost'): number {
  return paths.reduce((total, path) => total + path[field], 0);
}
