import Type, { type TSchema } from 'typebox';
import { Identifier } from '../../wire/identifiers.ts';
import { Mode, ModeFunction } from '../../wire/plan.ts';

const Text = Type.String();
const Epoch = Type.Number({ description: 'Epoch milliseconds of the hub.' });
const Count = Type.Integer({ minimum: 0 });
const Ratio = Type.Number({ minimum: 0, maximum: 1 });

/** One page of a list: `next` is the cursor for the following page, absent on the last. */
export function pageOf(item: TSchema): TSchema {
  return Type.Object({ items: Type.Array(item), next: Type.Optional(Text) });
}

/** Paging common to every list: `after` is the cursor of the page before. */
export const PageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  after: Type.Optional(Type.String({ maxLength: 200 })),
};

/** Answer to anything refused: a code to branch on and a sentence to read. */
export const ErrorBody = Type.Object({ code: Text, message: Text });

/** What any route may answer instead: bad request, no token, role too low, and the hub's own trouble (503: try again). */
export const REFUSALS = { 400: ErrorBody, 401: ErrorBody, 403: ErrorBody, 500: ErrorBody, 503: ErrorBody } as const;

/** A path with its figures, their n and window. */
export const PathView = Type.Object({
  key: Text,
  pbx: Text,
  site: Text,
  target: Text,
  provider: Type.Optional(Text),
  trunk: Type.Optional(Text),
  edge: Type.Optional(Text),
  peer: Type.Optional(Text),
  state: Text,
  sinceEpochMs: Epoch,
  reason: Text,
  sent: Count,
  lost: Count,
  lossLowRatio: Ratio,
  lossHighRatio: Ratio,
  windowMs: Type.Number(),
  rttP50Ms: Type.Optional(Type.Number()),
  rttP95Ms: Type.Optional(Type.Number()),
  rttN: Count,
  icmpSent: Count,
  icmpLost: Count,
  icmpLowRatio: Type.Optional(Ratio),
  icmpHighRatio: Type.Optional(Ratio),
  icmpWindowMs: Type.Optional(Type.Number()),
  lastSampleAtEpochMs: Type.Optional(Epoch),
  isAbstaining: Type.Optional(Type.Boolean()),
  inheritedFrom: Type.Optional(Type.Array(Text)),
  lossEvidence: Type.Optional(Text),
  intervalMs: Type.Optional(Count),
});

/** What a trouble has touched and cost; what nobody could count is absent. */
export const CostView = Type.Object({
  fromEpochMs: Epoch,
  pbxes: Count,
  sites: Count,
  classes: Type.Array(Type.Object({ class: Text, attempted: Count, failed: Count })),
  calls: Type.Optional(
    Type.Object({
      attempted: Count,
      answered: Count,
      failed: Count,
      failedBy: Type.Array(Type.Object({ by: Text, calls: Count })),
      givenUp: Count,
      short: Count,
      unknown: Count,
    }),
  ),
  media: Type.Optional(Type.Object({ calls: Count, bad: Count })),
  noCalls: Type.Optional(Text),
  blindPbxes: Type.Array(Text),
  sentence: Text,
});

/** A verdict as shown in the live view. */
export const VerdictView = Type.Object({
  verdictId: Text,
  symptom: Text,
  certainty: Text,
  place: Text,
  group: Type.Array(Text),
  posterior: Ratio,
  runnerUp: Type.Optional(Type.Object({ place: Text, posterior: Ratio })),
  direction: Text,
  witnesses: Type.Array(Text),
  sentence: Text,
  sinceEpochMs: Type.Optional(Epoch),
  sinceLowEpochMs: Type.Optional(Epoch),
  sinceHighEpochMs: Type.Optional(Epoch),
  reopenings: Type.Optional(Count),
  cost: Type.Optional(CostView),
  mergedInto: Type.Optional(Text),
  openedAtEpochMs: Epoch,
  updatedAtEpochMs: Epoch,
  clearedAtEpochMs: Type.Optional(Epoch),
  windowMs: Type.Optional(Type.Number()),
  evidence: Type.Optional(
    Type.Array(Type.Object({ pathKey: Text, sent: Count, lost: Count, lowRatio: Ratio, highRatio: Ratio })),
  ),
  kinds: Type.Optional(
    Type.Array(
      Type.Object({
        kind: Text,
        sent: Count,
        lost: Count,
        sentOutside: Count,
        lostOutside: Count,
        isLossy: Type.Boolean(),
      }),
    ),
  ),
  wouldSplit: Type.Optional(Text),
});

const Weighted = Type.Object({ trunk: Text, weight: Count });

/** Why a route is as it is, trunk by trunk: also why one does not lead. */
export const RouteExplanationView = Type.Object({
  pbx: Text,
  class: Text,
  mode: Mode,
  reason: Text,
  isPanic: Type.Boolean(),
  isWaiting: Type.Boolean(),
  trunks: Type.Array(
    Type.Object({
      trunk: Text,
      shareRatio: Ratio,
      place: Count,
      configuredPlace: Count,
      tier: Text,
      score: Type.Optional(Ratio),
      factors: Type.Array(Type.Object({ of: Text, factor: Ratio })),
      reason: Text,
      why: Text,
      verdictId: Type.Optional(Text),
    }),
  ),
});

/** A route with its reasons; `trunks` also says why a trunk does not lead. */
export const RouteView = Type.Object({
  pbx: Text,
  class: Text,
  mode: Mode,
  planned: Type.Array(Weighted),
  configured: Type.Array(Text),
  readBack: Type.Optional(Text),
  isApplied: Type.Boolean(),
  fence: Count,
  version: Count,
  reason: Text,
  trunks: Type.Array(Type.Object({ trunk: Text, tier: Text, reason: Text })),
  changedAtEpochMs: Epoch,
  explanation: Type.Optional(RouteExplanationView),
  observed: Type.Optional(
    Type.Object({
      actual: Text,
      proposed: Text,
      sinceEpochMs: Epoch,
      onActual: Type.Object({ calls: Count, failed: Count }),
      onProposed: Type.Object({ calls: Count, failed: Count }),
    }),
  ),
});

/** A site with its PBXs and their probes. */
export const SiteView = Type.Object({
  site: Text,
  pbxes: Type.Array(
    Type.Object({
      pbx: Text,
      site: Text,
      probe: Text,
      sinceEpochMs: Epoch,
      asteriskVersion: Type.Optional(Text),
      asteriskAway: Type.Optional(Text),
      fileDifferences: Type.Optional(Type.Array(Text)),
      softwareVersion: Type.Optional(Text),
      isSick: Type.Boolean(),
      eventLoopDelayP99Ms: Type.Optional(Type.Number()),
      selfProbeRttMs: Type.Optional(Type.Number()),
      selfProbeSent: Type.Optional(Count),
      selfProbeLost: Type.Optional(Count),
      instrumentWindowMs: Type.Optional(Type.Number()),
      clockOffsetMs: Type.Optional(Type.Number()),
      hostClock: Type.Optional(
        Type.Object({
          offsetMs: Type.Number(),
          errorMs: Type.Number(),
          source: Text,
          isSynchronised: Type.Boolean(),
        }),
      ),
      droppedMeasurements: Count,
    }),
  ),
});

/** One journal entry with its full record. */
export const JournalView = Type.Object({
  id: Count,
  atEpochMs: Epoch,
  kind: Text,
  actor: Text,
  sentence: Text,
  scope: Type.Object({
    site: Type.Optional(Text),
    provider: Type.Optional(Text),
    trunk: Type.Optional(Text),
    pbx: Type.Optional(Text),
    class: Type.Optional(Text),
  }),
  detail: Type.Optional(Type.Unknown()),
});

/** A mode that is set; a scope without a field is the whole fleet's. */
export const ModeView = Type.Object({
  function: ModeFunction,
  mode: Mode,
  scope: Type.Object({ site: Type.Optional(Text), pbx: Type.Optional(Text), class: Type.Optional(Text) }),
});

/** A change of mode asked for by an admin. Without a scope it is the whole fleet's. */
export const ModeChange = Type.Object(
  {
    function: ModeFunction,
    /** `null` takes the scope's own mode away, so that the wider one applies again. */
    mode: Type.Union([Mode, Type.Null()]),
    scope: Type.Optional(
      Type.Object(
        {
          site: Type.Optional(Identifier),
          pbx: Type.Optional(Identifier),
          class: Type.Optional(Identifier),
        },
        { additionalProperties: false, maxProperties: 1 },
      ),
    ),
    reason: Type.String({ minLength: 1, maxLength: 300 }),
  },
  { additionalProperties: false },
);

/** The global stop switch, set by an operator. */
export const StopChange = Type.Object(
  { isStopped: Type.Boolean(), reason: Type.String({ minLength: 1, maxLength: 300 }) },
  { additionalProperties: false },
);

/** One edge with those who ask it and those who inherit. */
export const AssignmentView = Type.Object({
  edge: Text,
  provider: Text,
  attemptsPerMinute: Type.Number({ description: 'What the witnesses use together, at intervals.' }),
  budgetPerMinute: Count,
  confirmPerMinute: Count,
  qualifyPerMinute: Type.Number({ description: "What the PBXs' own qualify uses." }),
  isOverrun: Type.Boolean(),
  intervalMs: Count,
  lossMeanMs: Count,
  witnesses: Type.Array(Type.Object({ pbx: Text, site: Text, phaseMs: Count, confirmPerMinute: Count })),
  inheriting: Type.Array(Type.Object({ site: Text, count: Count, from: Type.Array(Text) })),
  reason: Text,
});

/** One stream of the RTP mesh with its duty and what was last heard of it. */
export const MeshStreamView = Type.Object({
  pair: Text,
  sender: Text,
  senderSite: Text,
  reflector: Text,
  reflectorSite: Text,
  packetMs: Count,
  payloadBytes: Count,
  onMs: Count,
  offMs: Count,
  electedAtEpochMs: Epoch,
  reportedAtEpochMs: Type.Optional(Epoch),
  idle: Type.Optional(Type.Object({ because: Text, atEpochMs: Epoch })),
  state: Type.String({ description: '`measuring`, `idle` or `unheard`.' }),
});

/** One figure with everything that it stands on; see wire/figures.ts. */
export const FigureView = Type.Object({
  kind: Text,
  direction: Text,
  value: Type.Number(),
  unit: Text,
  low: Type.Optional(Type.Number()),
  high: Type.Optional(Type.Number()),
  n: Count,
  sample: Text,
  windowMs: Type.Number(),
  newestAtEpochMs: Epoch,
  source: Text,
  notes: Type.Array(Text),
});

/** Every figure of one path or trunk, and why others are not there. */
export const FigureSheetView = Type.Object({
  key: Text,
  title: Text,
  figures: Type.Array(FigureView),
  noData: Type.Optional(
    Type.Array(
      Type.Object({
        what: Text,
        direction: Text,
        because: Text,
        newestAtEpochMs: Type.Optional(Epoch),
      }),
    ),
  ),
});

/** Calls of one PBX (`*`: of the whole fleet) at one trunk; without edge and class all of them together. `causes` are of Q.850. */
export const CallView = Type.Object({
  key: Text,
  pbx: Text,
  trunk: Text,
  edge: Type.Optional(Text),
  class: Type.Optional(Text),
  causes: Type.Array(Type.Object({ causeCode: Count, calls: Count })),
  figures: Type.Array(FigureView),
});

const Milliseconds = Type.Optional(Type.Number({ minimum: 0 }));

/** One trace with its hops and what it says; see wire/traces.ts. */
export const TraceView = Type.Object({
  pbx: Text,
  probe: Type.Optional(Text),
  target: Text,
  endedAtEpochMs: Epoch,
  outcome: Text,
  sentence: Text,
  source: Text,
  hops: Type.Array(
    Type.Object({
      hop: Count,
      address: Type.Optional(Text),
      sent: Count,
      lost: Count,
      lowRatio: Type.Optional(Ratio),
      highRatio: Type.Optional(Ratio),
      bestMs: Milliseconds,
      averageMs: Milliseconds,
      worstMs: Milliseconds,
      remark: Text,
    }),
  ),
});
