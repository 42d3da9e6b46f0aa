import type { FrameFault } from '../../wire/codec.ts';
import type { HubFrame, PlanFrame, RefuseFrame } from '../../wire/hub-frames.ts';
import type { EventFrame } from '../../wire/probe-frames.ts';

/** Events sent and not yet acknowledged, at most. */
export const EVENT_WINDOW = 64;

/** `waiting` for its next attempt, `connecting`, `greeting` from the open socket until the welcome, `flowing`, `stopped`. */
export type UplinkPhase = 'waiting' | 'connecting' | 'greeting' | 'flowing' | 'stopped';

/** Memory of the uplink; start with {@link newUplink}. Times on the probe's monotonic clock. */
export type UplinkState = {
  readonly phase: UplinkPhase;
  /** Counts connection attempts, so that late answers to an earlier one are recognised. */
  readonly connection: number;
  /** Attempts in a row since a connection was last stable. */
  readonly failures: number;
  readonly welcomedAtMs: number | undefined;
  /** Highest fence ever seen; never falls. */
  readonly fence: number;
  readonly outboxId: string;
  /** Highest event sent on this connection, and in this run of the probe. */
  readonly sentThrough: number;
  readonly everSentThrough: number;
  readonly acknowledgedThrough: number;
  /** Sequences sent on this connection and not acknowledged, ascending. */
  readonly inFlight: readonly number[];
  /** When the first of them was sent, or the last acknowledgement came. */
  readonly progressAtMs: number;
  readonly isLoading: boolean;
  /** The outbox may hold events beyond `sentThrough`. */
  readonly hasMore: boolean;
  readonly isCongested: boolean;
  /** Fatal refusal of this connection. */
  readonly refusal: RefuseFrame['code'] | undefined;
};

/** What happens to the uplink. */
export type UplinkInput =
  | { readonly kind: 'connect' }
  | { readonly kind: 'opened' }
  | { readonly kind: 'frame'; readonly frame: HubFrame }
  | { readonly kind: 'unreadable'; readonly fault: FrameFault }
  | { readonly kind: 'events-loaded'; readonly connection: number; readonly events: readonly EventFrame[] }
  | { readonly kind: 'load-failed'; readonly connection: number }
  | { readonly kind: 'outbox-changed' }
  | { readonly kind: 'congestion'; readonly isCongested: boolean }
  /** From time to time; nothing depends on how often. */
  | { readonly kind: 'tick' }
  /** @param random - uniform in [0, 1). */
  | { readonly kind: 'disconnected'; readonly isTokenRefused: boolean; readonly random: number }
  | { readonly kind: 'stop' };

/** What the shell is to do, in order. */
export type UplinkEffect =
  | { readonly kind: 'open'; readonly connection: number }
  | { readonly kind: 'send-hello' }
  | { readonly kind: 'load-events'; readonly connection: number; readonly after: number; readonly limit: number }
  | { readonly kind: 'send-event'; readonly frame: EventFrame }
  | { readonly kind: 'acknowledge'; readonly outboxId: string; readonly sequence: number }
  | { readonly kind: 'deliver'; readonly frame: HubFrame }
  /** A plan of a superseded hub: nothing of it is applied, and the hub is told. */
  | { readonly kind: 'refuse-plan'; readonly plan: PlanFrame; readonly reason: string }
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'reconnect'; readonly afterMs: number }
  | { readonly kind: 'report'; readonly notice: UplinkNotice };

/** What is worth a line in the log and a counter; the list is closed. */
export type UplinkNotice =
  | { readonly code: 'unreadable-frame'; readonly fault: FrameFault }
  | { readonly code: 'unexpected-frame'; readonly type: HubFrame['type'] }
  | {
      readonly code: 'stale-fence';
      readonly type: HubFrame['type'];
      readonly fence: number;
      readonly heldFence: number;
    }
  | { readonly code: 'refused'; readonly by: RefuseFrame['code']; readonly reason: string; readonly isFatal: boolean }
  | { readonly code: 'token-refused' }
  | { readonly code: 'foreign-acknowledgement'; readonly outboxId: string; readonly sequence: number }
  | { readonly code: 'events-unacknowledged'; readonly count: number }
  | { readonly code: 'outbox-unreadable' };

/** State after an input and what follows from it. */
export type UplinkStep = { readonly state: UplinkState; readonly effects: readonly UplinkEffect[] };

/**
 * An uplink that has not connected yet.
 *
 * @param fence - highest fence known from before (that of the plan read back from AstDB), 0 when none.
 */
export function newUplink(outboxId: string, fence: number): UplinkState {
  return {
    phase: 'waiting',
    connection: 0,
    failures: 0,
    welcomedAtMs: undefined,
    fence,
    outboxId,
    sentThrough: 0,
    everSentThrough: 0,
    acknowledgedThrough: 0,
    inFlight: [],
    progressAtMs: 0,
    isLoading: false,
    hasMore: true,
    isCongested: false,
    refusal: undefined,
  };
}
