import type { Incident } from './incident.ts';
import type { Verdict } from './verdict.ts';
import type { VerdictEffect } from './verdict-effect.ts';

/** A finding that waits for its second window; `key` names its places. Hub time. */
export type Candidate = { readonly key: string; readonly sinceMs: number; readonly seenAtMs: number };

/** Memory of incidents. Start with {@link NO_INCIDENTS}. */
export type IncidentsState = {
  readonly open: readonly Incident[];
  /** Cleared of late: the same place reopens under the same id. */
  readonly held: readonly Verdict[];
  readonly candidates: readonly Candidate[];
  /** See {@link Sight.freshFromMs}. */
  readonly freshFromMs: ReadonlyMap<string, number>;
};

/** No trouble yet. */
export const NO_INCIDENTS: IncidentsState = { open: [], held: [], candidates: [], freshFromMs: new Map() };

/** Result of one step. */
export type IncidentsStep = { readonly state: IncidentsState; readonly effects: readonly VerdictEffect[] };
