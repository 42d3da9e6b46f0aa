import type { DialplanInput, DialTrunk } from '../../probes/asterisk/dialplan/input.ts';

/** Where the providers of the scenario `dialplan` are. */
export type DialplanPlaces = { readonly a: string; readonly b: string; readonly secondB: string };

/** A trunk with a plain template, the caller's own number and the endpoint's own contact, with whatever else is said. */
export function labTrunk(trunk: string, endpoint: string, rest: Partial<DialTrunk> = {}): DialTrunk {
  return {
    trunk,
    endpoint,
    edges: [{ edge: 'e1' }],
    numberTemplate: '+{e164}',
    callerId: { rule: 'pass' },
    dialTimeoutS: 30,
    ...rest,
  };
}

/** Numbers of the tenants at provider B. */
export const NUMBERS_AT_B = {
  rule: 'tenant',
  numbers: { acme: '+4930222001', 'big-co': '+4930222002' },
  otherwise: '+4930222000',
} as const;

/** What the include of the scenario `dialplan` is rendered from. Trunks on `alpha` and `delta` go to A, on `beta` to B. */
export function dialplanInput({ a, b, secondB }: DialplanPlaces): DialplanInput {
  return {
    trunks: [
      labTrunk('alpha-1', 'alpha', {
        edges: [{ edge: 'e1', dialUri: `sip:{number}@${a}:5060` }],
        pricesMicrosPerMinute: { priced: 20_000, dear: 20_000 },
        dialTimeoutS: 3,
      }),
      labTrunk('beta', 'beta', {
        numberTemplate: '00{e164}',
        callerId: { rule: 'fixed', number: '+4930555000' },
        pricesMicrosPerMinute: { priced: 40_000, dear: 40_000 },
      }),
      labTrunk('gamma', 'beta', {
        edges: [
          { edge: 'e1', dialUri: `sip:{number}@${a}:5060` },
          { edge: 'e2', dialUri: `sip:{number}@${secondB}:5060` },
        ],
        numberTemplate: '9711{e164}',
        dialTimeoutS: 60,
      }),
      labTrunk('refused-tcp', 'beta', { edges: [{ edge: 'e1', dialUri: `sip:{number}@${b}:5999;transport=tcp` }] }),
      labTrunk('no-endpoint', 'missing'),
      labTrunk('formats-a', 'delta', {
        numberTemplate: '00{e164}',
        national: { countryCode: '49', template: '0{national}' },
        assertedIdentity: { callerId: { rule: 'fixed', number: '+4930111000' }, domain: 'a.example.net' },
        codecs: ['alaw', 'ulaw'],
        reroute: { next: [404], final: [500], afterEarlyMedia: true },
      }),
      labTrunk('strict-pass', 'beta', { reroute: { next: [403], final: [], afterEarlyMedia: false } }),
      labTrunk('strict-own', 'beta', { callerId: NUMBERS_AT_B }),
      labTrunk('local-b', 'beta', { localContext: 'site-b' }),
      labTrunk('narrow', 'delta', { capacity: { calls: 2 } }),
      labTrunk('paced', 'delta', { capacity: { callsPerS: 3 } }),
      labTrunk('spread', 'beta', {
        edges: [
          { edge: 'e1', dialUri: `sip:{number}@${a}:5060` },
          { edge: 'e2', dialUri: `sip:{number}@${secondB}:5060` },
        ],
        edgeChoice: 'random',
      }),
      labTrunk('late', 'late', { dialTimeoutS: 20 }),
      labTrunk('second-source', 'second'),
    ],
    classes: [
      { class: 'national', prefixes: ['49'], trunks: ['alpha-1', 'beta'] },
      { class: 'mobile', prefixes: ['4915', '4916'], trunks: ['gamma'] },
      { class: 'broken', prefixes: ['4919'], trunks: ['no-endpoint', 'refused-tcp', 'beta'] },
      { class: 'formats', prefixes: ['4920'], trunks: ['formats-a', 'strict-pass', 'strict-own'] },
      { class: 'foreign', prefixes: ['33'], trunks: ['formats-a', 'strict-own'] },
      { class: 'local', prefixes: ['4921'], trunks: ['local-b', 'alpha-1'] },
      { class: 'narrow', prefixes: ['4922'], trunks: ['narrow', 'beta'] },
      { class: 'paced', prefixes: ['4923'], trunks: ['paced', 'beta'] },
      { class: 'spread', prefixes: ['4924'], trunks: ['spread'] },
      { class: 'late', prefixes: ['4925'], trunks: ['late', 'beta'] },
      {
        class: 'priced',
        prefixes: ['4926'],
        trunks: ['alpha-1', 'beta', 'strict-own'],
        ceilingMicrosPerMinute: 30_000,
      },
      { class: 'dear', prefixes: ['4927'], trunks: ['beta', 'alpha-1'] },
      { class: 'second', prefixes: ['4928'], trunks: ['second-source'] },
    ],
    emergency: { numbers: ['112', '911'], trunks: ['beta', 'alpha-1'] },
    dialRules: [
      { prefix: '00', strip: 2, prepend: '' },
      { prefix: '+', strip: 1, prepend: '' },
      { prefix: '0', strip: 1, prepend: '49' },
    ],
  };
}

/**
 * An include in which nothing but emergency calls may pass freely: every trunk has room for one call, one attempt a second,
 * and a price; the tenant stands in the account code.
 */
export function guardedInput({ a }: DialplanPlaces): DialplanInput {
  const capacity = { calls: 1, callsPerS: 1 };
  return {
    trunks: [
      labTrunk('guarded', 'beta', {
        capacity,
        callerId: NUMBERS_AT_B,
        assertedIdentity: { callerId: NUMBERS_AT_B, domain: 'b.example.net' },
        pricesMicrosPerMinute: { free: 0, national: 1 },
      }),
      labTrunk('guarded-a', 'alpha', { edges: [{ edge: 'e1', dialUri: `sip:{number}@${a}:5060` }], capacity }),
    ],
    classes: [
      { class: 'national', prefixes: ['49'], trunks: ['guarded', 'guarded-a'], ceilingMicrosPerMinute: 0 },
      { class: 'free', prefixes: ['4980'], trunks: ['guarded'], ceilingMicrosPerMinute: 0 },
    ],
    emergency: { numbers: ['112'], trunks: ['guarded', 'guarded-a'] },
    dialRules: [{ prefix: '0', strip: 1, prepend: '49' }],
    tenant: { from: 'accountcode' },
  };
}
