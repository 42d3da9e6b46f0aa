import Type, { type Static } from 'typebox';
import { Identifier } from '../wire/identifiers.ts';
import { SecretSource } from '../wire/secret-source.ts';
import { ClassCeiling, dialSettings, TenantSource } from './dialplan-schema.ts';
import { TestCall } from './test-call-schema.ts';

const closed = { additionalProperties: false } as const;
const Digits = (maxLength: number) =>
  Type.String({ pattern: `^[0-9]{1,${maxLength}}$`, description: `digits alone, 1 to ${maxLength} of them` });
const Port = (port: number) => Type.Integer({ minimum: 1, maximum: 65_535, default: port });
const Address = Type.String({ minLength: 2, maxLength: 45 });
const HostName = Type.String({
  pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$',
  description: 'a host name: letters, digits, dots and hyphens, a letter or digit at either end, 253 at most',
});
/** Name of a section of `pjsip.conf`. */
const PjsipName = Type.String({
  pattern: '^[A-Za-z0-9_.-]{1,64}$',
  description: 'the name of a section of pjsip.conf: letters, digits and _ . - alone, 1 to 64 of them',
});

const OptionsPolicy = Type.Object(
  {
    /** Liveness interval until a hub has assigned one; its jitter is ±10 %. Providers ban who asks much faster. */
    intervalMs: Type.Integer({ minimum: 500, maximum: 600_000, default: 10_000 }),
    /** Gap between the quick confirmations after a miss. */
    confirmGapMs: Type.Integer({ minimum: 50, maximum: 10_000, default: 100 }),
    /** Mean of the Poisson loss schedule; 0 turns it off. */
    lossMeanMs: Type.Integer({ minimum: 0, maximum: 600_000, default: 0 }),
    /** All OPTIONS to one target, at most so many in a minute: six at the default interval, the rest to confirm a miss. */
    budgetPerMinute: Type.Integer({ minimum: 1, maximum: 6000, default: 18 }),
    minTimeoutMs: Type.Integer({ minimum: 50, maximum: 10_000, default: 200 }),
    maxTimeoutMs: Type.Integer({ minimum: 100, maximum: 30_000, default: 2000 }),
    /** Longest silence that a 503 with Retry-After can ask for; 0 asks on regardless. */
    retryAfterMaxS: Type.Integer({ minimum: 0, maximum: 86_400, default: 300 }),
  },
  { ...closed, default: {} },
);

const IcmpPolicy = Type.Object(
  {
    isEnabled: Type.Boolean({ default: true }),
    intervalMs: Type.Integer({ minimum: 200, maximum: 60_000, default: 1000 }),
    timeoutMs: Type.Integer({ minimum: 1000, maximum: 10_000, default: 1000 }),
  },
  { ...closed, default: {} },
);

const MeshPolicy = Type.Object(
  {
    isEnabled: Type.Boolean({ default: true }),
    /** UDP, for both families; opened with the first assigned stream. Peers are answered and sent to on theirs. */
    port: Port(9465),
    /** Of one direction, all streams together, those reflected for peers too. One G.711 stream takes 88. */
    maxKbps: Type.Integer({ minimum: 100, maximum: 1_000_000, default: 1000 }),
    /** From so many live calls on nothing is sent; below, 100 kbit/s of the maximum are left to each. */
    yieldAtCalls: Type.Integer({ minimum: 1, maximum: 10_000, default: 50 }),
  },
  { ...closed, default: {} },
);

const LinePolicy = Type.Object(
  {
    /** Off unless turned on here: a transfer fills the line for as long as it lasts. */
    isEnabled: Type.Boolean({ default: false }),
    /** TCP, open for the time of an order only, to the peer that the order names. */
    port: Port(9466),
    /** Of one direction; no order of the hub goes beyond. */
    maxBytes: Type.Integer({ minimum: 10_000, maximum: 1_000_000_000, default: 4_194_304 }),
    maxMs: Type.Integer({ minimum: 500, maximum: 60_000, default: 5000 }),
    /** No faster than this is sent, and the other end is told so; the slower of both holds. */
    maxKbps: Type.Integer({ minimum: 100, maximum: 10_000_000, default: 50_000 }),
    /** From so many live calls on no transfer begins, and one that runs is broken off. */
    yieldAtCalls: Type.Integer({ minimum: 1, maximum: 10_000, default: 1 }),
    /** Between the beginnings of two transfers with the same peer, however often the hub orders them. */
    leastEveryMs: Type.Integer({ minimum: 0, maximum: 86_400_000, default: 600_000 }),
    /** With all peers, both directions, in any 24 hours; a transfer counts with all that it may move. */
    maxBytesPerDay: Type.Integer({ minimum: 20_000, maximum: 1_000_000_000_000, default: 268_435_456 }),
  },
  { ...closed, default: {} },
);

const TracePolicy = Type.Object(
  {
    isEnabled: Type.Boolean({ default: true }),
    /** ICMP echo, or UDP to high ports, which edges seldom answer. */
    protocol: Type.Union([Type.Literal('icmp'), Type.Literal('udp')], { default: 'icmp' }),
  },
  { ...closed, default: {} },
);

const DnsPolicy = Type.Object(
  {
    /** `ADDRESS` or `ADDRESS:PORT` of the name servers to ask; the system's where absent. */
    servers: Type.Optional(Type.Array(Type.String({ minLength: 2, maxLength: 60 }), { minItems: 1, maxItems: 4 })),
    /** Of each question. */
    timeoutMs: Type.Integer({ minimum: 200, maximum: 10_000, default: 3000 }),
  },
  { ...closed, default: {} },
);

const Edge = Type.Object(
  {
    edge: Identifier,
    /** Literal IP address that is measured. Either this or `host`. */
    address: Type.Optional(Address),
    /** Name that is looked up (RFC 3263); each of its addresses is measured. */
    host: Type.Optional(HostName),
    /** With `address` 5060 unless given, 5061 over TLS. With `host` it turns SRV off, as in RFC 3263 §4.2. */
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    /** How OPTIONS travel. With `address` UDP unless given; with `host` NAPTR and SRV decide unless given. */
    transport: Type.Optional(Type.Union([Type.Literal('udp'), Type.Literal('tcp'), Type.Literal('tls')])),
    /** TLS: sent as SNI and held against the certificate; without it the certificate must name `host`, or the address. */
    serverName: Type.Optional(HostName),
    /** TLS: PEM file of the authorities to believe instead of the system's. */
    caFile: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    /** Dial URI with `{number}`; without it the endpoint's own contact is dialled. */
    dialUri: Type.Optional(
      Type.String({
        pattern: '^sips?:\\{number\\}@[A-Za-z0-9.:\\[\\]-]{2,80}(;[a-z0-9=.-]{1,40}){0,4}$',
        maxLength: 200,
        description:
          'like sip:{number}@HOST or sip:{number}@HOST:PORT;transport=tcp: {number} once, four parameters at most',
      }),
    ),
  },
  closed,
);

const Trunk = Type.Object(
  {
    trunk: Identifier,
    /** PJSIP endpoint in Asterisk. */
    endpoint: PjsipName,
    /** PJSIP registration of this trunk, where the registration does not name the endpoint (its `line` is off). */
    registration: Type.Optional(PjsipName),
    edges: Type.Array(Edge, { minItems: 1, maxItems: 16 }),
    /** Further local addresses to ask every edge of their family from; they bear on verdicts and on no route. */
    sources: Type.Array(Type.Object({ source: Identifier, address: Address }, closed), { maxItems: 8, default: [] }),
    /** Answers the 401 or 407 of a provider that challenges OPTIONS. */
    auth: Type.Optional(
      Type.Object(
        {
          username: Type.String({ minLength: 1, maxLength: 128 }),
          password: SecretSource,
          /** Answer this realm alone; any when absent. */
          realm: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
        },
        closed,
      ),
    ),
    ...dialSettings,
  },
  closed,
);

const Peer = Type.Object(
  {
    pbx: Identifier,
    address: Address,
    port: Port(5060),
    /** Where its probe listens for the RTP mesh. */
    meshPort: Port(9465),
    /** Where its probe listens for transfers over the line. */
    linePort: Port(9466),
  },
  closed,
);

const DialRule = Type.Object(
  {
    /** Leading characters of the dialled number. */
    prefix: Type.String({ pattern: '^[+0-9]{1,8}$', description: 'digits and + alone, 1 to 8 of them' }),
    strip: Type.Integer({ minimum: 0, maximum: 8 }),
    prepend: Type.String({ pattern: '^[0-9]{0,15}$', description: 'digits alone, 15 at most', default: '' }),
  },
  closed,
);

/** The probe's configuration file. Unknown keys are refused; defaults stand in the schema. */
export const ProbeConfigSchema = Type.Object(
  {
    probe: Identifier,
    pbx: Identifier,
    hub: Type.Object(
      {
        urls: Type.Array(
          Type.String({
            pattern: '^wss?://[^\\s@]{3,300}$',
            description: 'like wss://hub.example.net:8443/api/v1/probe: ws or wss, no user name, no spaces',
          }),
          { minItems: 1, maxItems: 8 },
        ),
        token: SecretSource,
        caFile: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
        /** Plaintext to other hosts than loopback: named, never by omission (safety rule 10). */
        allowPlaintext: Type.Boolean({ default: false }),
      },
      closed,
    ),
    ami: Type.Object(
      {
        /** AMI stays on the PBX's loopback. */
        host: Type.Union([Type.Literal('127.0.0.1'), Type.Literal('::1')], { default: '127.0.0.1' }),
        port: Port(5038),
        username: Type.String({ minLength: 1, maxLength: 64 }),
        secret: SecretSource,
      },
      closed,
    ),
    dataDir: Type.String({ minLength: 1, maxLength: 500 }),
    /** Literal address to measure from; the host's own choice when absent. */
    sourceAddress: Type.Optional(Address),
    sipPort: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
    metrics: Type.Object(
      {
        host: Type.String({ default: '127.0.0.1', maxLength: 45 }),
        port: Type.Integer({ minimum: 0, maximum: 65_535, default: 9464 }),
      },
      { ...closed, default: {} },
    ),
    options: OptionsPolicy,
    icmp: IcmpPolicy,
    mesh: MeshPolicy,
    line: LinePolicy,
    trace: TracePolicy,
    /** For edges that are configured by name. */
    dns: DnsPolicy,
    trunks: Type.Array(Trunk, { minItems: 1, maxItems: 64 }),
    peers: Type.Array(Peer, { maxItems: 64, default: [] }),
    /** Numbers to call for a measurement; the hub says when, never whom. None: no test calls. */
    testCalls: Type.Array(TestCall, { maxItems: 64, default: [] }),
    /** Classes that the hub may route, with their static order. */
    classes: Type.Array(
      Type.Object(
        {
          class: Identifier,
          prefixes: Type.Array(Digits(15), { minItems: 1, maxItems: 1000 }),
          trunks: Type.Array(Identifier, { minItems: 1, maxItems: 50 }),
          ceilingMicrosPerMinute: ClassCeiling,
        },
        closed,
      ),
      { minItems: 1, maxItems: 64 },
    ),
    /** Matched before anything else and sent by a list of their own (safety rule 4). */
    emergency: Type.Object(
      {
        numbers: Type.Array(Digits(8), { minItems: 1, maxItems: 32 }),
        trunks: Type.Array(Identifier, { minItems: 1, maxItems: 16 }),
      },
      closed,
    ),
    /** Needed: by E.164 digits alone no call finds its class. `config.ts` says so in words. */
    dialRules: Type.Array(DialRule, { maxItems: 32, default: [] }),
    tenant: TenantSource,
    /** How long the probe's own down mark lasts unless refreshed, seconds. */
    downMarkS: Type.Integer({ minimum: 5, maximum: 3600, default: 60 }),
  },
  closed,
);
/** A probe's configuration with defaults filled in. */
export type ProbeConfig = Static<typeof ProbeConfigSchema>;
