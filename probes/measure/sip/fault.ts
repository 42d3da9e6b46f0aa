/** Everything that can be wrong with a datagram that should be a SIP message; closed, so every code can be counted. */
export const SIP_FAULTS = [
  'too-large',
  'empty',
  'bad-line-ending',
  'bad-start-line',
  'unsupported-version',
  'bad-status-code',
  'bad-request-uri',
  'bad-header',
  'unterminated-headers',
  'missing-header',
  'repeated-header',
  'bad-via',
  'bad-cseq',
  'method-mismatch',
  'bad-call-id',
  'bad-from',
  'bad-to',
  'bad-contact',
  'bad-max-forwards',
  'bad-content-length',
  'body-truncated',
] as const;

/** One of {@link SIP_FAULTS}. */
export type SipFault = (typeof SIP_FAULTS)[number];

/** A refusal. `offset` is the byte of the datagram (or the character of a lone value) at which reading stopped. */
export type Refusal = { readonly ok: false; readonly fault: SipFault; readonly offset: number };

/** What was read, or why and where it could not be. */
export type Parsed<Value> = { readonly ok: true; readonly value: Value } | Refusal;

/** Makes a refusal; see {@link Refusal} for what `offset` counts. */
export function refuse(fault: SipFault, offset: number): Refusal {
  return { ok: false, fault, offset };
}
