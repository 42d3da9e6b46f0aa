import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { PathSight } from '../paths/path-sight.ts';
import { type AnyPlace, factsOf, isOfPlace } from './place-paths.ts';

const closed = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0 });
const Name = Type.String({ maxLength: 200 });

/** One path as it stood when a verdict was judged. `inside` belongs to the place of the verdict, `control` does not. */
export const ContextPath = Type.Object(
  {
    pathKey: Name,
    role: Type.Union([Type.Literal('inside'), Type.Literal('control')]),
    pbx: Name,
    site: Name,
    target: Name,
    provider: Type.Optional(Name),
    trunk: Type.Optional(Name),
    edge: Type.Optional(Name),
    peer: Type.Optional(Name),
    peerSite: Type.Optional(Name),
    state: Name,
    sent: Count,
    lost: Count,
    rttN: Count,
    rttP50Ms: Type.Optional(Type.Number({ minimum: 0 })),
    rttP95Ms: Type.Optional(Type.Number({ minimum: 0 })),
    icmpSent: Count,
    icmpLost: Count,
    icmpWindowMs: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
);
/** Static type of {@link ContextPath}. */
export type ContextPath = Static<typeof ContextPath>;

const PathSum = Type.Object({ paths: Count, sent: Count, lost: Count }, closed);

/** What stood beside a verdict when it was judged. Sums are over all paths, also those not listed. */
export const VerdictContext = Type.Object(
  {
    format: Type.Literal('trunkward-context-1'),
    windowMs: Type.Number({ minimum: 0 }),
    paths: Type.Array(ContextPath),
    inside: PathSum,
    outside: PathSum,
  },
  closed,
);
/** Static type of {@link VerdictContext}. */
export type VerdictContext = Static<typeof VerdictContext>;

/** Most paths of each role that are listed. */
export const MAX_LISTED_PATHS = 100;

/** The part of a verdict that says which paths are its own. */
export type ContextVerdict = {
  readonly place: AnyPlace;
  readonly group: readonly AnyPlace[];
  readonly windowMs: number;
  readonly evidence: readonly { readonly pathKey: string; readonly sent: number; readonly lost: number }[];
  readonly clearedAtMs: number | undefined;
};

const validator = Compile(VerdictContext);

/** Reads a context as it lies in the store; undefined for one that this program does not understand. */
export function readContext(value: unknown): VerdictContext | undefined {
  return validator.Check(value) ? value : undefined;
}

/**
 * Gathers what stands beside a verdict: the paths of its place, and as control group the paths elsewhere, those that share a PBX
 * or a target with the place first. Inherited figures and those of a sick probe are nobody's witness and are left out.
 *
 * @param nowMs - hub time; the window ends now. While the verdict is open its own counts are taken for the paths it lists.
 */
export function verdictContext(verdict: ContextVerdict, sights: readonly PathSight[], nowMs: number): VerdictContext {
  const own = new Map(verdict.clearedAtMs === undefined ? verdict.evidence.map((count) => [count.pathKey, count]) : []);
  const listed = new Set(verdict.evidence.map(({ pathKey }) => pathKey));
  const found = sights.flatMap(({ countsSince, health }): ContextPath[] => {
    if (health.isAbstaining || health.inheritedFrom !== undefined) return [];
    const facts = factsOf(health.ref);
    const told = own.get(facts.pathKey) ?? countsSince(nowMs - verdict.windowMs);
    const isInside = verdict.group.some((place) => isOfPlace(place, facts) ?? listed.has(facts.pathKey));
    const rtt = health.rtt && { rttP50Ms: health.rtt.p50Ms, rttP95Ms: health.rtt.p95Ms };
    const icmp = health.icmp && { icmpWindowMs: health.icmp.windowMs };
    return [
      {
        ...facts,
        role: isInside ? 'inside' : 'control',
        state: health.state,
        sent: told.sent,
        lost: told.lost,
        rttN: health.rtt?.n ?? 0,
        ...rtt,
        icmpSent: health.icmp?.sent ?? 0,
        icmpLost: health.icmp?.lost ?? 0,
        ...icmp,
      },
    ];
  });
  const inside = found.filter(({ role, sent }) => role === 'inside' && sent > 0);
  const outside = found.filter(({ role, sent }) => role === 'control' && sent > 0);
  const pbxes = new Set(inside.map(({ pbx }) => pbx));
  const targets = new Set(inside.map(({ target }) => target));
  const nearness = ({ pbx, target }: ContextPath) => Number(pbxes.has(pbx)) + Number(targets.has(target));
  return {
    format: 'trunkward-context-1',
    windowMs: verdict.windowMs,
    paths: [
      ...inside.toSorted((one, other) => other.lost - one.lost || byKey(one, other)).slice(0, MAX_LISTED_PATHS),
      ...outside
        .toSorted((one, other) => nearness(other) - nearness(one) || byKey(one, other))
        .slice(0, MAX_LISTED_PATHS),
    ],
    inside: pathSum(inside),
    outside: pathSum(outside),
  };
}

function pathSum(paths: readonly ContextPath[]): VerdictContext['inside'] {
  return {
    paths: paths.length,
    sent: paths.reduce((sum, { sent }) => sum + sent, 0),
    lost: paths.reduce((sum, { lost }) => sum + lost, 0),
  };
}

function byKey(one: ContextPath, other: ContextPath): number {
  return one.pathKey < other.pathKey ? -1 : Number(one.pathKey > other.pathKey);
}
