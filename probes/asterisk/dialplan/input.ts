/**
 * Who the provider is told is calling. `pass` leaves the caller's own number; `fixed` sends `number` (digits, `+` allowed in
 * front); `tenant` sends the number of the tenant that calls, and `otherwise` for any that is not listed.
 */
export type CallerIdRule =
  | { readonly rule: 'pass' }
  | { readonly rule: 'fixed'; readonly number: string }
  | { readonly rule: 'tenant'; readonly numbers: Readonly<Record<string, string>>; readonly otherwise: string };

/** Where the tenant that calls is named: a channel variable (`set_var` of his endpoint) or the account code. Never caller ID. */
export type TenantSource = { readonly from: 'variable'; readonly variable: string } | { readonly from: 'accountcode' };

/** One SIP address of a trunk, dialled in the order given. */
export type DialEdge = {
  readonly edge: string;
  /** Request URI with the token `{number}`, e.g. `sip:{number}@10.0.1.10:5060`; without it the endpoint's own contact is dialled. */
  readonly dialUri?: string;
};

/** What differs from the reroute table for one trunk. */
export type RerouteRules = {
  /** SIP statuses after which the next trunk is tried too, 400 to 599 without 486 and 487. */
  readonly next: readonly number[];
  /** SIP statuses that end the call here, though the table would go on. */
  readonly final: readonly number[];
  /** An announcement (183) does not end the search; ringing always does. */
  readonly afterEarlyMedia: boolean;
};

/** What is shown in P-Asserted-Identity: a number by a rule of its own, at the domain the provider expects. */
export type AssertedIdentity = { readonly callerId: CallerIdRule; readonly domain: string };

/** One trunk as this PBX dials it. */
export type DialTrunk = {
  readonly trunk: string;
  /** PJSIP endpoint in this Asterisk. */
  readonly endpoint: string;
  readonly edges: readonly DialEdge[];
  /** What the provider wants to see, with `{e164}` (digits, no `+`) at its end: `+{e164}`, `00{e164}`, `9711#{e164}`. */
  readonly numberTemplate: string;
  /** How numbers of one country are written instead, with `{national}` (digits without the country code) at the end. */
  readonly national?: { readonly countryCode: string; readonly template: string };
  readonly callerId: CallerIdRule;
  readonly assertedIdentity?: AssertedIdentity;
  /** Offered in this order, and nothing else; what the endpoint allows where absent. */
  readonly codecs?: readonly string[];
  /** Which edge comes first: the first, or any of them with equal chance. The others follow in their order. */
  readonly edgeChoice?: 'in-order' | 'random';
  /** Dialled as `Local/<number>@<context>/n`: that context reaches the provider, by whatever means. */
  readonly localContext?: string;
  /** Legs up at once, and attempts begun in one second of the clock; the next trunk takes what is above. */
  readonly capacity?: { readonly calls?: number; readonly callsPerS?: number };
  readonly reroute?: RerouteRules;
  /** Micro-units of the currency of the ceilings, a minute, by class. */
  readonly pricesMicrosPerMinute?: Readonly<Record<string, number>>;
  /**
   * Seconds one attempt may take, 1 to 600, ringing included: Asterisk has one time-out for both. How long a silent
   * provider holds a call is the smaller of this and PJSIP's `timer_b` (pjsip.conf, section of type `system`, default 32 s).
   */
  readonly dialTimeoutS: number;
};

/** A set of destinations and its trunks in the order used when AstDB says nothing. */
export type DialClass = {
  readonly class: string;
  /** E.164 digits without `+`; the longest prefix over all classes wins. */
  readonly prefixes: readonly string[];
  readonly trunks: readonly string[];
  /** No trunk above this, and none of unknown price, is dialled; micro-units. None: no ceiling but the caller's own. */
  readonly ceilingMicrosPerMinute?: number;
};

/** Emergency numbers as they are dialled and sent, and their own trunk list. */
export type DialEmergency = { readonly numbers: readonly string[]; readonly trunks: readonly string[] };

/** Turns what is dialled into E.164 digits: numbers that begin with `prefix` lose `strip` characters and gain `prepend`. The longest prefix wins. */
export type DialRule = { readonly prefix: string; readonly strip: number; readonly prepend: string };

/** Everything the include is rendered from. */
export type DialplanInput = {
  readonly trunks: readonly DialTrunk[];
  readonly classes: readonly DialClass[];
  readonly emergency: DialEmergency;
  readonly dialRules: readonly DialRule[];
  /** The channel variable TENANT where absent. */
  readonly tenant?: TenantSource;
};

/** A value that must not reach extensions.conf; `path` as in the config, e.g. `trunks[2].endpoint`. */
export type DialplanFault = { readonly path: string; readonly message: string };
