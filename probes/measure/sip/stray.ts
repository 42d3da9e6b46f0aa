import type { SipFault } from './fault.ts';
import type { OptionsTarget } from './options-target.ts';
import type { IgnoredReason } from './options-transaction.ts';
import type { Source } from './response.ts';

/** A datagram that became no measurement, and why. `late` and `duplicate` fit an attempt that is over. */
export type Stray = { readonly source: Source } & (
  | { readonly reason: 'unparsable'; readonly fault: SipFault }
  | { readonly reason: 'late'; readonly target: OptionsTarget; readonly rttMs: number }
  | { readonly reason: 'duplicate' | 'unknown-branch' | Exclude<IgnoredReason, 'wrong-branch' | 'settled'> }
);

/** What strays are counted by. */
export type StrayReason = Stray['reason'];
