import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { describePlace } from '../correlate/places.ts';
import type { Place } from '../correlate/verdict.ts';
import { PackKind, type PackVerdict } from './evidence-pack.ts';
import { KeptCost, packCost } from './kept-cost.ts';
import type { AnyPlace } from './place-paths.ts';

const Text = Type.String();
const Ratio = Type.Number({ minimum: 0, maximum: 1 });
const KeptPlace = Type.Object({ kind: Text });
const KeptCount = Type.Object({
  pathKey: Text,
  sent: Type.Integer({ minimum: 0 }),
  lost: Type.Integer({ minimum: 0 }),
});

const KeptWay = Type.Object({
  sent: Type.Integer({ minimum: 0 }),
  lost: Type.Integer({ minimum: 0 }),
  lowRatio: Ratio,
  highRatio: Ratio,
});

const KeptFigure = Type.Number();
/** A figure beside its baseline, of a verdict on latency or media. */
const KeptShift = Type.Object({
  pathKey: Text,
  what: Text,
  unit: Text,
  direction: Text,
  codec: Type.Optional(Text),
  usual: KeptFigure,
  now: KeptFigure,
  low: KeptFigure,
  high: KeptFigure,
  n: Type.Integer({ minimum: 0 }),
  isShifted: Type.Boolean(),
});

/** What another kind of evidence counted. */
const KeptKind = Type.Object(PackKind.properties);

/** A verdict as it lies in the store, whichever version of the hub wrote it: what a pack needs of it, and more beside. */
export const KeptVerdict = Type.Object({
  verdictId: Text,
  symptom: Text,
  certainty: Text,
  place: KeptPlace,
  group: Type.Array(KeptPlace),
  posterior: Ratio,
  runnerUp: Type.Optional(Type.Object({ place: KeptPlace, posterior: Ratio })),
  direction: Text,
  directionEvidence: Type.Optional(Type.Object({ towards: Type.Optional(KeptWay), from: Type.Optional(KeptWay) })),
  witnesses: Type.Array(Text),
  siteCount: Type.Integer({ minimum: 0 }),
  windowMs: Type.Number({ minimum: 0 }),
  evidence: Type.Array(KeptCount),
  shifts: Type.Optional(Type.Array(KeptShift)),
  kinds: Type.Optional(Type.Array(KeptKind)),
  wouldSplit: Type.Optional(Text),
  sinceMs: Type.Optional(Type.Number()),
  sinceLowMs: Type.Optional(Type.Number()),
  sinceHighMs: Type.Optional(Type.Number()),
  reopenedAtMs: Type.Optional(Type.Array(Type.Number())),
  mergedInto: Type.Optional(Text),
  cost: Type.Optional(KeptCost),
  openedAtMs: Type.Number(),
  updatedAtMs: Type.Number(),
  clearedAtMs: Type.Optional(Type.Number()),
  sentence: Text,
});
/** Static type of {@link KeptVerdict}. */
export type KeptVerdict = Static<typeof KeptVerdict>;

const validator = Compile(KeptVerdict);

/** Reads a verdict of the store; undefined for what is none. */
export function readVerdict(value: unknown): KeptVerdict | undefined {
  return validator.Check(value) ? value : undefined;
}

/** A place in words, also one of a kind that is not known here. */
export function placeText(place: AnyPlace): string {
  const text: unknown = describePlace(place as Place);
  return typeof text === 'string' ? text : Object.values(place).join(' ');
}

/** Places that a verdict speaks of: one, or those that share its evidence. */
export function placesOf({ group, place }: KeptVerdict): readonly AnyPlace[] {
  return group.length > 0 ? group : [place];
}

/** Counts of each way that the verdict itself rests on. */
function wayCounts({ directionEvidence: counts }: KeptVerdict): Pick<PackVerdict, 'towards' | 'from'> {
  const way = ({ highRatio, lost, lowRatio, sent }: NonNullable<NonNullable<typeof counts>['from']>) => ({
    sent,
    lost,
    ...(sent > 0 && { lossRatio: lost / sent }),
    lowRatio,
    highRatio,
  });
  return {
    ...(counts?.towards && { towards: way(counts.towards) }),
    ...(counts?.from && { from: way(counts.from) }),
  };
}

/** Since when, how often it came back, and of what it has turned out to be a part. */
function beginning({ mergedInto, reopenedAtMs, sinceHighMs, sinceLowMs, sinceMs }: KeptVerdict): Partial<PackVerdict> {
  return {
    ...(sinceMs !== undefined && { sinceEpochMs: sinceMs }),
    ...(sinceLowMs !== undefined && { sinceLowEpochMs: sinceLowMs }),
    ...(sinceHighMs !== undefined && { sinceHighEpochMs: sinceHighMs }),
    ...(reopenedAtMs && { reopenings: reopenedAtMs.length }),
    ...(mergedInto !== undefined && { mergedInto }),
  };
}

function kindCounts({ isLossy, kind, lost, lostOutside, sent, sentOutside }: Static<typeof KeptKind>): PackKind {
  return { kind, sent, lost, sentOutside, lostOutside, isLossy };
}

/** The verdict as a pack holds it. */
export function packVerdict(verdict: KeptVerdict, firstLossAtEpochMs: number | undefined): PackVerdict {
  const { certainty, clearedAtMs, direction, posterior, runnerUp, sentence, siteCount, symptom } = verdict;
  const cost = verdict.cost && packCost(verdict.cost);
  const next = runnerUp && { place: placeText(runnerUp.place), posterior: runnerUp.posterior };
  return {
    verdictId: verdict.verdictId,
    symptom,
    certainty,
    place: placeText(verdict.place),
    group: placesOf(verdict).map(placeText),
    posterior,
    ...(next && { runnerUp: next }),
    direction,
    ...wayCounts(verdict),
    witnesses: [...verdict.witnesses],
    siteCount,
    sentence,
    ...(verdict.wouldSplit !== undefined && { wouldSplit: verdict.wouldSplit }),
    ...beginning(verdict),
    ...(cost && { cost }),
    ...(verdict.kinds && { kinds: verdict.kinds.map(kindCounts) }),
    openedAtEpochMs: verdict.openedAtMs,
    updatedAtEpochMs: verdict.updatedAtMs,
    ...(clearedAtMs !== undefined && { clearedAtEpochMs: clearedAtMs }),
    ...(firstLossAtEpochMs !== undefined && { firstLossAtEpochMs }),
  };
}
