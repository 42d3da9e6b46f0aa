import Type, { type Static, type TObject, type TProperties } from 'typebox';

const Text = Type.String();
const Count = Type.Integer({ minimum: 0 });
const Epoch = Type.Number({ description: 'Epoch milliseconds, by the clock of the hub.' });
const Ratio = Type.Number({ minimum: 0, maximum: 1 });
const Milliseconds = Type.Number({ minimum: 0 });
const Role = Type.Union([Type.Literal('inside'), Type.Literal('control')], {
  description: '`inside` belongs to the place that the verdict speaks of; `control` lies elsewhere.',
});
const Direction = Type.Union([Type.Literal('forward'), Type.Literal('reverse')], {
  description: '`forward` leaves our PBX, `reverse` comes to it.',
});

/**
 * Losses with their interval. `lossRatio` is absent where nothing was sent: unknown is not zero. The interval is Wilson's at
 * 95 %, 0 to 1 where nothing was sent.
 */
const COUNTED = { sent: Count, lost: Count, lossRatio: Type.Optional(Ratio), lowRatio: Ratio, highRatio: Ratio };
const RTT = { rttP50Ms: Type.Optional(Milliseconds), rttP95Ms: Type.Optional(Milliseconds) };

function closed<Members extends TProperties>(members: Members): TObject<Members> {
  return Type.Object(members, { additionalProperties: false });
}

/** Losses of some packets or attempts, with their interval. */
export const Counted = closed(COUNTED);
/** Static type of {@link Counted}. */
export type Counted = Static<typeof Counted>;

/** One path with its counts over the window of a look. */
export const PackPath = closed({
  pathKey: Text,
  role: Role,
  pbx: Text,
  site: Text,
  target: Text,
  provider: Type.Optional(Text),
  trunk: Type.Optional(Text),
  edge: Type.Optional(Text),
  peer: Type.Optional(Text),
  state: Text,
  ...COUNTED,
  isClean: Type.Boolean({ description: 'Nothing speaks for a loss above 1 %: the low end of the interval is below.' }),
  rttN: Count,
  ...RTT,
  icmp: Type.Optional(Counted),
});
/** Static type of {@link PackPath}. */
export type PackPath = Static<typeof PackPath>;

const PathTotal = closed({ paths: Count, ...COUNTED });

/** The paths as they stood at one moment of the verdict. Totals are over all paths of the fleet, also those not listed. */
export const PackLook = closed({
  moment: Type.Union([Type.Literal('opened'), Type.Literal('worst'), Type.Literal('latest')]),
  atEpochMs: Epoch,
  windowMs: Milliseconds,
  paths: Type.Array(PackPath),
  inside: PathTotal,
  outside: PathTotal,
});
/** Static type of {@link PackLook}. */
export type PackLook = Static<typeof PackLook>;

/** Sums of a path, or of several together, over one span of time. */
export const PackSpan = closed({ startEpochMs: Epoch, lengthMs: Milliseconds, ...COUNTED, ...RTT });
/** Static type of {@link PackSpan}. */
export type PackSpan = Static<typeof PackSpan>;

/**
 * One path over time. From the minute of `followedFromEpochMs` on every minute was kept; before it, or where it is absent, only
 * minutes that were lossy. `whole` sums, within the time of the verdict, the minutes since then and the quarters of an hour.
 */
export const PackSeries = closed({
  pathKey: Text,
  role: Role,
  followedFromEpochMs: Type.Optional(Epoch),
  whole: Counted,
  spans: Type.Array(PackSpan),
});
/** Static type of {@link PackSeries}. */
export type PackSeries = Static<typeof PackSeries>;

/**
 * Packets with what tells bursts: `lostSquares` sums lost² / sent over the reports. The interval is Wilson's for as many
 * independent packets as would vary as much.
 */
const SPREAD = { ...COUNTED, intervals: Count, lostSquares: Type.Number({ minimum: 0 }) };

/** What media met in one direction: evidence that can tell one way from the other. */
export const PackDirection = closed({
  mediaKey: Text,
  source: Type.Union([Type.Literal('mesh'), Type.Literal('calls')]),
  direction: Direction,
  role: Role,
  ...SPREAD,
  minutes: Type.Array(closed({ startEpochMs: Epoch, ...SPREAD })),
});
/** Static type of {@link PackDirection}. */
export type PackDirection = Static<typeof PackDirection>;

/** One line of what happened. */
export const PackEvent = closed({ atEpochMs: Epoch, kind: Text, actor: Text, sentence: Text });
/** Static type of {@link PackEvent}. */
export type PackEvent = Static<typeof PackEvent>;

/** A trace that was made for the verdict, with what is read from it. */
export const PackTrace = closed({
  atEpochMs: Epoch,
  pbx: Text,
  target: Text,
  judgement: Text,
  sentence: Text,
  hops: Type.Array(
    closed({
      hop: Count,
      address: Type.Optional(Text),
      ...COUNTED,
      bestMs: Type.Optional(Milliseconds),
      averageMs: Type.Optional(Milliseconds),
      worstMs: Type.Optional(Milliseconds),
    }),
  ),
});
/** Static type of {@link PackTrace}. */
export type PackTrace = Static<typeof PackTrace>;

/** One call at a trunk of the place, by the names that Asterisk gave it; no number that was dialled. */
export const PackCall = closed({
  pbx: Text,
  trunk: Text,
  edge: Type.Optional(Text),
  class: Type.Optional(Text),
  linkedId: Text,
  uniqueId: Text,
  startedAtEpochMs: Epoch,
  answeredAtEpochMs: Type.Optional(Epoch),
  endedAtEpochMs: Epoch,
  statusCode: Type.Optional(Count),
  causeCode: Type.Optional(Count),
  pddMs: Type.Optional(Milliseconds),
  endedBy: Type.Optional(Text),
});
/** Static type of {@link PackCall}. */
export type PackCall = Static<typeof PackCall>;

/** What the trouble touched and cost, counted by the end of the calls; what nobody could count is absent. */
export const PackCost = closed({
  fromEpochMs: Epoch,
  newestAtEpochMs: Type.Optional(Epoch),
  pbxes: Count,
  sites: Count,
  classes: Type.Array(closed({ class: Text, attempted: Count, failed: Count })),
  calls: Type.Optional(
    closed({
      attempted: Count,
      answered: Count,
      failed: Count,
      failedBy: Type.Array(closed({ by: Text, calls: Count })),
      givenUp: Count,
      short: Count,
      unknown: Count,
    }),
  ),
  media: Type.Optional(
    closed({
      calls: Count,
      bad: Count,
      isCut: Type.Optional(Type.Boolean({ description: 'More calls were up at once than are followed.' })),
    }),
  ),
  noCalls: Type.Optional(Text),
  blindPbxes: Type.Array(Text),
});
/** Static type of {@link PackCost}. */
export type PackCost = Static<typeof PackCost>;

/** What one kind of evidence other than OPTIONS counted at the place and elsewhere. Its losses come in bursts, so no plain interval. */
export const PackKind = closed({
  kind: Text,
  sent: Count,
  lost: Count,
  sentOutside: Count,
  lostOutside: Count,
  isLossy: Type.Boolean({ description: 'Loss at the place lies clearly above the background of this kind.' }),
});
/** Static type of {@link PackKind}. */
export type PackKind = Static<typeof PackKind>;

/** The verdict in words and figures. Places are texts such as `provider telco-a`. */
export const PackVerdict = closed({
  verdictId: Text,
  symptom: Text,
  certainty: Text,
  place: Text,
  group: Type.Array(Text),
  posterior: Ratio,
  runnerUp: Type.Optional(closed({ place: Text, posterior: Ratio })),
  direction: Type.String({
    description: 'As seen from the place: packets `towards` it or `from` it are lost, or `both`, or `unknown`.',
  }),
  towards: Type.Optional(Counted),
  from: Type.Optional(Counted),
  witnesses: Type.Array(Text),
  siteCount: Count,
  sentence: Text,
  wouldSplit: Type.Optional(Text),
  sinceEpochMs: Type.Optional(
    Type.Number({ description: 'When it began. Absent: before `sinceHighEpochMs`, or unknown without that.' }),
  ),
  sinceLowEpochMs: Type.Optional(
    Type.Number({ description: 'Early end of the 95 % interval; absent: perhaps before anything remembered.' }),
  ),
  sinceHighEpochMs: Type.Optional(Type.Number({ description: 'Late end of the 95 % interval.' })),
  reopenings: Type.Optional(Count),
  mergedInto: Type.Optional(Text),
  cost: Type.Optional(PackCost),
  kinds: Type.Optional(Type.Array(PackKind)),
  openedAtEpochMs: Epoch,
  updatedAtEpochMs: Epoch,
  clearedAtEpochMs: Type.Optional(Epoch),
  firstLossAtEpochMs: Type.Optional(
    Type.Number({ description: 'Start of the first minute on record of the losses that led to it.' }),
  ),
});
/** Static type of {@link PackVerdict}. */
export type PackVerdict = Static<typeof PackVerdict>;

/** The figures of a pack. Each member is one part of the manifest. */
export const PACK_PARTS = {
  verdict: PackVerdict,
  summary: closed({ headline: Text, sentences: Type.Array(Text) }),
  timeline: Type.Array(PackEvent),
  looks: Type.Array(PackLook),
  pooled: closed({ inside: Type.Array(PackSpan), control: Type.Array(PackSpan) }),
  series: Type.Array(PackSeries),
  directions: Type.Array(PackDirection),
  traces: Type.Array(PackTrace),
  calls: Type.Array(PackCall),
  method: Type.Array(closed({ title: Text, text: Text })),
  missing: Type.Array(Text, {
    description: 'What this pack does not hold, and why. Empty: nothing is known to be missing.',
  }),
} as const;

/** Names of the parts, in order. */
export type PackPart = keyof typeof PACK_PARTS;

/** Names one version of the shape of a pack; another shape gets another name. */
export const PACK_FORMAT = 'trunkward-evidence-1';

/**
 * The evidence of one verdict. The digest of a part is SHA-256 over its compact JSON text (members in the order of the file, no
 * spaces, UTF-8); that of `evidence.csv` is over the file.
 */
export const EvidencePack = closed({
  format: Type.Literal(PACK_FORMAT),
  softwareVersion: Text,
  madeAtEpochMs: Epoch,
  numbers: Type.Union([Type.Literal('masked'), Type.Literal('full')]),
  timeZone: Type.Optional(Type.String({ description: "The provider's zone (IANA). Times in this file need none." })),
  ...PACK_PARTS,
  manifest: Type.Array(closed({ part: Text, bytes: Count, sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) })),
});
/** Static type of {@link EvidencePack}. */
export type EvidencePack = Static<typeof EvidencePack>;

/** A pack before its parts are signed for. */
export type UnsealedPack = Omit<EvidencePack, 'manifest'>;
