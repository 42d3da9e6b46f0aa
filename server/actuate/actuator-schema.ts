import Type, { type Static } from 'typebox';
import { Identifier } from '../../wire/identifiers.ts';
import { SecretSource } from '../../wire/secret-source.ts';

const closed = { additionalProperties: false } as const;
const Url = Type.String({
  pattern: '^https?://[^\\s@]+$',
  maxLength: 500,
  description: 'a URL with http or https and without a password',
});
const On = Type.Array(Type.Union([Type.Literal('flip'), Type.Literal('flip-proposed')]), {
  minItems: 1,
  maxItems: 2,
  default: ['flip'],
});
const MaxWaiting = Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 });

/** What a URL of the hub's own file needs where it is neither https nor loopback: named, never by omission (safety rule 10). */
const AllowPlaintext = Type.Boolean({ default: false });

/** One destination of a dispatcher set, and the trunk that it leads to. */
const Destination = Type.Object(
  {
    trunk: Identifier,
    uri: Type.String({
      pattern: '^sips?:[^\\s<>"|&]+$',
      maxLength: 200,
      description: 'a SIP URI as the dispatcher has it',
    }),
  },
  closed,
);

const Webhook = Type.Object(
  {
    name: Identifier,
    url: Url,
    /** Key of the signature, at least 22 characters: `whsec_` and base64, or any token. */
    secret: SecretSource,
    on: On,
    allowPlaintext: AllowPlaintext,
    timeoutMs: Type.Integer({ minimum: 100, maximum: 60_000, default: 5000 }),
    /** In about two minutes with eight: 1 s, 2, 4 … between them, five minutes at the longest. */
    attempts: Type.Integer({ minimum: 1, maximum: 50, default: 8 }),
    atOnce: Type.Integer({ minimum: 1, maximum: 64, default: 4 }),
    maxWaiting: MaxWaiting,
  },
  closed,
);
const Program = Type.Object(
  {
    name: Identifier,
    /** Absolute path; no shell is between. */
    program: Type.String({ pattern: '^/[^\\0]+$', maxLength: 500, description: 'an absolute path' }),
    args: Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 50, default: [] }),
    /** All the environment that it gets, beside `TRUNKWARD_DELIVERY_ID` and `TRUNKWARD_ATTEMPT`. */
    env: Type.Record(Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,63}$' }), Type.String({ maxLength: 2000 }), {
      default: {},
    }),
    on: On,
    timeoutMs: Type.Integer({ minimum: 100, maximum: 300_000, default: 10_000 }),
    maxOutputBytes: Type.Integer({ minimum: 0, maximum: 65_536, default: 4096 }),
    attempts: Type.Integer({ minimum: 1, maximum: 50, default: 3 }),
    atOnce: Type.Integer({ minimum: 1, maximum: 16, default: 1 }),
    maxWaiting: MaxWaiting,
  },
  closed,
);
const Kamailio = Type.Object(
  {
    name: Identifier,
    /** Of its JSON-RPC over HTTP (`jsonrpcs` and `xhttp`). */
    url: Url,
    /** Sent as `Authorization: Bearer`, for its `xhttp:request` route to check. */
    secret: Type.Optional(SecretSource),
    allowPlaintext: AllowPlaintext,
    /** The PBX whose routes this edge carries out. */
    follows: Identifier,
    timeoutMs: Type.Integer({ minimum: 100, maximum: 30_000, default: 2000 }),
    /** Its dispatcher is read and compared once in so long. */
    checkEveryMs: Type.Integer({ minimum: 1000, maximum: 600_000, default: 30_000 }),
    sets: Type.Array(
      Type.Object(
        {
          set: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
          class: Identifier,
          destinations: Type.Array(Destination, { minItems: 1, maxItems: 50 }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 64 },
    ),
  },
  closed,
);
/**
 * Where decisions take effect besides AstDB. All of it is in the hub's own file: no address, program or argument comes from anywhere
 * else.
 */
export const ActuatorsSchema = Type.Object(
  {
    webhooks: Type.Array(Webhook, { maxItems: 50, default: [] }),
    exec: Type.Array(Program, { maxItems: 50, default: [] }),
    kamailio: Type.Array(Kamailio, { maxItems: 100, default: [] }),
  },
  { ...closed, default: {} },
);

/** Actuators as configured, with defaults filled in. */
export type ActuatorsConfig = Static<typeof ActuatorsSchema>;
