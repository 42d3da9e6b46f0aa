/** Who the provider is told is calling. `pass` leaves the caller's own number; `fixed` sends `number` (digits, `+` allowed in front). */
export type CallerIdRule = { readonly rule: 'pass' } | { readonly rule: 'fixed'; readonly number: string };

/** One SIP address of a trunk, dialled in the order given. */
export type DialEdge = {
  readonly edge: string;
  /** Request URI with the token `{number}`, e.g. `sip:{number}@10.0.1.10:5060`; without it the endpoint's own contact is dialled. */
  readonly dialUri?: string;
};

/** One trunk as this PBX dials it. */
export type DialTrunk = {
  readonly trunk: string;
  /** PJSIP endpoint in this Asterisk. */
  readonly endpoint: string;
  readonly edges: readonly DialEdge[];
  /** What the provider wants to see, with `{e164}` (digits, no `+`) at its end: `+{e164}`, `00{e164}`, `9711#{e164}`. */
  readonly numberTemplate: string;
  readonly callerId: CallerIdRule;
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
};

/** A value that must not reach extensions.conf; `path` as in the config, e.g. `trunks[2].endpoint`. */
export type DialplanFault = { readonly path: string; readonly message: string };
