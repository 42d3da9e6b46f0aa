import type { ReconnectBounds } from '../../reconnect-delay.ts';
import type { AmiErrorCode } from './ami-error.ts';
import type { AmiPacket } from './ami-packet.ts';

/** Where Asterisk listens: an address of this host and a port, or a Unix socket's path. */
export type AmiAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** The connection as its owner sees it. `retryInMs` counts from the moment of the change. */
export type AmiState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly amiVersion: string }
  | { readonly kind: 'lost'; readonly code: AmiErrorCode; readonly reason: string; readonly retryInMs: number }
  | { readonly kind: 'closed' };

/** Asterisk's answer to one action. An Error is an answer too; `message` is Asterisk's text, often empty. */
export type AmiResponse = { readonly isSuccess: boolean; readonly message: string; readonly packet: AmiPacket };

/** Answer to a list action: the events between the response and the event that completes the list, in order. */
export type AmiListResponse = AmiResponse & { readonly items: readonly AmiPacket[] };

/** Per action: its deadline in ms (the client's own when absent) and who may cancel it. */
export type ActionOptions = { readonly timeoutMs?: number; readonly signal?: AbortSignal };

/** All times in ms. */
export type AmiTimings = {
  readonly loginTimeoutMs: number;
  readonly actionTimeoutMs: number;
  /** Between a Ping's answer and the next Ping. */
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  readonly reconnect: ReconnectBounds;
};

/** Login within 5 s; a half-open connection is found within 10 s. */
export const DEFAULT_AMI_TIMINGS: AmiTimings = {
  loginTimeoutMs: 5_000,
  actionTimeoutMs: 5_000,
  pingIntervalMs: 5_000,
  pingTimeoutMs: 5_000,
  /** Quick for a restart of Asterisk beside us, slow enough not to trouble a host that stays down. */
  reconnect: { firstMs: 250, maxMs: 15_000 },
};

/** How to reach and use one Asterisk. The secret is read at each login and kept nowhere else. */
export type AmiClientOptions = {
  readonly address: AmiAddress;
  readonly username: string;
  readonly readSecret: () => string;
  readonly auth: 'plain' | 'md5';
  /** Value of `Events` at login, such as `system,call,security`. */
  readonly eventMask: string;
  readonly timings?: Partial<AmiTimings>;
  readonly maxInFlight?: number;
  readonly maxListItems?: number;
  readonly maxListBytes?: number;
  readonly nowMs?: () => number;
  /** Uniform in [0, 1); spreads the reconnects. */
  readonly random?: () => number;
  readonly newActionId?: () => string;
};

/** Since the client was made: what was passed over without harm. */
export type AmiCounts = { readonly malformedLines: number; readonly strayPackets: number; readonly logins: number };
