import Type, { type Static } from 'typebox';
import { Identifier } from '../wire/identifiers.ts';
import { DriftPolicy, Mode, ModeFunction } from '../wire/plan.ts';
import { SecretSource } from '../wire/secret-source.ts';
import { ActuatorsSchema } from './actuate/actuator-schema.ts';
import { DeckLayout } from './spend/rates/deck-layout.ts';
import { SpendPolicy } from './spend/spend-schema.ts';

const closed = { additionalProperties: false } as const;
const PathText = Type.String({ minLength: 1, maxLength: 500 });

/** What a token may do. `probe` opens only the probe uplink, and only for its own PBX. */
export const UserRole = Type.Union([Type.Literal('viewer'), Type.Literal('operator'), Type.Literal('admin')]);
/** Static type of {@link UserRole}. */
export type UserRole = Static<typeof UserRole>;

const TrunkSchema = Type.Object(
  {
    trunk: Identifier,
    edges: Type.Array(Identifier, { minItems: 1, maxItems: 16 }),
    /** What the provider lets through, over the whole fleet: near it a share of the calls goes elsewhere. Unset: no bound known. */
    capacity: Type.Optional(
      Type.Object(
        {
          channels: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
          callsPerSecond: Type.Optional(Type.Number({ minimum: 0.01, maximum: 100_000 })),
        },
        { ...closed, minProperties: 1 },
      ),
    ),
  },
  closed,
);

/** Route policy of one class. */
const ClassSchema = Type.Object(
  {
    class: Identifier,
    /** In the order wanted when all is well. */
    trunks: Type.Array(Identifier, { minItems: 1, maxItems: 50 }),
    /** Shares of new calls when all is well, by trunk; the others stand by. Unset: all calls go to the first. */
    weights: Type.Optional(Type.Record(Identifier, Type.Integer({ minimum: 1, maximum: 900 }), { minProperties: 1 })),
    /** Which trunk a failed call tries next: the next in the list (unset), or the next of another provider. */
    fallback: Type.Optional(Type.Union([Type.Literal('configured'), Type.Literal('other-provider')])),
  },
  closed,
);

const OptionsBudget = Type.Object(
  {
    /** OPTIONS that one edge is asked in a minute, over all sites, the PBXs' own qualify included. */
    attemptsPerMinute: Type.Integer({ minimum: 1, maximum: 60_000, default: 6 }),
    /** Burst on top of it, in any minute and over all sites, to confirm a miss. */
    confirmPerMinute: Type.Integer({ minimum: 0, maximum: 60_000, default: 12 }),
    /** PBXs of a site that ask, at most; the others inherit what they see. */
    witnessesPerSite: Type.Integer({ minimum: 1, maximum: 3, default: 3 }),
    /** No PBX asks faster at its interval; what the budget leaves beyond becomes the Poisson loss schedule. */
    fastestIntervalMs: Type.Integer({ minimum: 500, maximum: 600_000, default: 1000 }),
    /** Replies to OPTIONS that say the service is there: codes (`404`) and classes (`4xx`). */
    aliveCodes: Type.Array(
      Type.String({
        pattern: '^[2-6]([0-9]{2}|xx)$',
        description: 'a code of a final reply such as 404, or a class such as 4xx',
      }),
      { minItems: 1, maxItems: 100, default: ['2xx', '3xx', '4xx', '6xx'] },
    ),
  },
  { ...closed, default: {} },
);

/** Scheduled test calls over each edge of a provider; number, price and bounds stand in the probes' own files. */
const TestCalls = Type.Object(
  {
    everyMs: Type.Integer({ minimum: 60_000, maximum: 604_800_000, default: 3_600_000 }),
    /** PBXs of a site that call, each at that interval. */
    witnessesPerSite: Type.Integer({ minimum: 1, maximum: 3, default: 1 }),
  },
  closed,
);

/** RTP between sites. What a PBX may send in all is bounded by its probe's own file. */
const MeshPolicy = Type.Object(
  {
    isEnabled: Type.Boolean({ default: true }),
    /** Of G.711, so 8 bytes of payload each millisecond. */
    packetMs: Type.Integer({ minimum: 20, maximum: 60, default: 20 }),
    /** Duty cycle: so long sending, so long silent; five minutes in all, so that no figure's window misses it. */
    onMs: Type.Integer({ minimum: 1000, maximum: 300_000, default: 10_000 }),
    offMs: Type.Integer({ minimum: 0, maximum: 299_000, default: 20_000 }),
    /** A pair that loses so much, while the pair beside it loses `cleanRatio` at most, is given up for `avoidMs`. */
    lossyRatio: Type.Number({ minimum: 0.001, maximum: 1, default: 0.02 }),
    cleanRatio: Type.Number({ minimum: 0, maximum: 0.5, default: 0.005 }),
    avoidMs: Type.Integer({ minimum: 60_000, maximum: 86_400_000, default: 900_000 }),
  },
  { ...closed, default: {} },
);

/** Transfers between sites, between PBXs whose probes' own files allow them; a probe's file bounds what it sends, too. */
const LinePolicy = Type.Object(
  {
    isEnabled: Type.Boolean({ default: true }),
    /** Each pair of sites, from either side, once in so long. */
    everyMs: Type.Integer({ minimum: 600_000, maximum: 604_800_000, default: 86_400_000 }),
    /** On suspicion, at most once in so long. */
    suspectEveryMs: Type.Integer({ minimum: 60_000, maximum: 86_400_000, default: 1_800_000 }),
    /** After one that could not be made; it doubles up to sixteen times. */
    retryMs: Type.Integer({ minimum: 60_000, maximum: 86_400_000, default: 1_800_000 }),
    /** In the whole fleet; a site has one at most. */
    atOnce: Type.Integer({ minimum: 1, maximum: 64, default: 2 }),
    /** Of each direction. */
    maxBytes: Type.Integer({ minimum: 10_000, maximum: 1_000_000_000, default: 4_194_304 }),
    maxMs: Type.Integer({ minimum: 500, maximum: 60_000, default: 5000 }),
  },
  { ...closed, default: {} },
);

const HealthPolicy = Type.Object(
  {
    /** A path without a sample for so long is unknown. */
    staleAfterMs: Type.Integer({ minimum: 2000, maximum: 600_000, default: 10_000 }),
    /** Event-loop delay (99th percentile) above which a probe abstains. */
    sickEventLoopMs: Type.Integer({ minimum: 5, maximum: 10_000, default: 100 }),
    /** Self-probe round trip above which a probe abstains. */
    sickSelfProbeMs: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
  },
  { ...closed, default: {} },
);

const CorrelatePolicy = Type.Object(
  {
    /** Quiet that must pass, however loud the fault was, before a verdict clears. */
    minQuietMs: Type.Integer({ minimum: 1000, maximum: 3_600_000, default: 30_000 }),
  },
  { ...closed, default: {} },
);

const RoutingPolicy = Type.Object(
  {
    holdDownMs: Type.Integer({ minimum: 1000, maximum: 3_600_000, default: 30_000 }),
    maxHoldDownMs: Type.Integer({ minimum: 1000, maximum: 86_400_000, default: 1_800_000 }),
    /** Fresh healthy evidence that a half-open trunk needs before it leads again. */
    halfOpenMs: Type.Integer({ minimum: 1000, maximum: 3_600_000, default: 20_000 }),
    halfOpenSamples: Type.Integer({ minimum: 3, maximum: 10_000, default: 20 }),
    /** First share of new calls for a trunk that comes back, then 25 and 50; 0: it comes back to all of them at once. */
    canaryPercent: Type.Integer({ minimum: 0, maximum: 20, default: 5 }),
    /** Calls, and time, that each such step needs; and after how long without calls probes alone are enough. */
    canaryCalls: Type.Integer({ minimum: 1, maximum: 60, default: 5 }),
    rampStepMs: Type.Integer({ minimum: 0, maximum: 3_600_000, default: 30_000 }),
    probesAloneAfterMs: Type.Integer({ minimum: 0, maximum: 86_400_000, default: 600_000 }),
    /** A verdict on less loss than this shifts half of the calls, one on more stops the trunk. */
    shedBelowLossRatio: Type.Number({ minimum: 0, maximum: 1, default: 0.05 }),
    /** Share of PBXs whose routes may change within a minute without a person; at least one. */
    maxChangedRatio: Type.Number({ minimum: 0, maximum: 1, default: 0.1 }),
    /** How long an issued plan is valid; past it a PBX keeps it and reports it as old. */
    planValidMs: Type.Integer({ minimum: 60_000, maximum: 2_592_000_000, default: 86_400_000 }),
    /** A route that somebody changed in AstDB or at an edge behind the hub is written back, or only told. */
    drift: Type.Union(DriftPolicy.anyOf, { default: 'repair' }),
  },
  { ...closed, default: {} },
);

/** The hub's configuration file. Unknown keys are refused; defaults stand in the schema. */
export const HubConfigSchema = Type.Object(
  {
    listen: Type.Object(
      {
        host: Type.String({ minLength: 2, maxLength: 45, default: '127.0.0.1' }),
        port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8480 }),
        tls: Type.Optional(Type.Object({ certFile: PathText, keyFile: PathText }, closed)),
        /** Plaintext on other addresses than loopback: named, never by omission (safety rule 10). */
        allowPlaintext: Type.Boolean({ default: false }),
        /** On loopback a viewer needs no token when true; for trying out on one machine. */
        allowAnonymousViewer: Type.Boolean({ default: false }),
      },
      { ...closed, default: {} },
    ),
    dataDir: PathText,
    store: Type.Object(
      {
        driver: Type.Union([Type.Literal('node:sqlite'), Type.Literal('sqlite3')], { default: 'node:sqlite' }),
        journalDays: Type.Integer({ minimum: 1, maximum: 3650, default: 400 }),
        rollupDays: Type.Integer({ minimum: 1, maximum: 3650, default: 90 }),
      },
      { ...closed, default: {} },
    ),
    sites: Type.Array(Type.Object({ site: Identifier }, closed), { minItems: 1, maxItems: 500 }),
    pbxes: Type.Array(
      Type.Object({ pbx: Identifier, site: Identifier, probe: Identifier, token: SecretSource }, closed),
      { minItems: 1, maxItems: 5000 },
    ),
    providers: Type.Array(
      Type.Object(
        {
          provider: Identifier,
          trunks: Type.Array(TrunkSchema, { minItems: 1, maxItems: 50 }),
          options: OptionsBudget,
          /** Zone of its engineers (IANA, `Europe/Berlin`): evidence gives times in it beside UTC. */
          timeZone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
          testCalls: Type.Optional(TestCalls),
          /** How its rate decks are to be read. */
          rates: DeckLayout,
        },
        closed,
      ),
      { minItems: 1, maxItems: 50 },
    ),
    /** Route policy of each class: its trunks in the order wanted when all is well. */
    classes: Type.Array(ClassSchema, { minItems: 1, maxItems: 64 }),
    tokens: Type.Array(Type.Object({ name: Identifier, role: UserRole, token: SecretSource }, closed), {
      maxItems: 1000,
      default: [],
    }),
    /** Modes at first start; later ones set through the API stay in the store. Nothing named: observe. */
    modes: Type.Array(
      Type.Object(
        {
          function: ModeFunction,
          mode: Mode,
          scope: Type.Optional(
            Type.Union([
              Type.Object({ site: Identifier }, closed),
              Type.Object({ pbx: Identifier }, closed),
              Type.Object({ class: Identifier }, closed),
            ]),
          ),
        },
        closed,
      ),
      { maxItems: 1000, default: [] },
    ),
    mesh: MeshPolicy,
    line: LinePolicy,
    health: HealthPolicy,
    correlate: CorrelatePolicy,
    routing: RoutingPolicy,
    actuators: ActuatorsSchema,
    spend: SpendPolicy,
  },
  closed,
);
/** The hub's configuration with defaults filled in. */
export type HubConfig = Static<typeof HubConfigSchema>;
