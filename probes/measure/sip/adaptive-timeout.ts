/** Bounds of the time-out, milliseconds. */
export type TimeoutBounds = {
  readonly minMs: number;
  readonly maxMs: number;
  /** Before anything has answered. */
  readonly firstMs: number;
};

/** Bounds where nothing else is configured. */
export const DEFAULT_TIMEOUT_BOUNDS: TimeoutBounds = { minMs: 200, maxMs: 2000, firstMs: 1000 };

/** What is remembered of a target's answers. Start with {@link NO_ANSWERS}. */
export type TimeoutState = {
  /** Smoothed round trip and its mean deviation; absent before the first answer. */
  readonly smoothed: { readonly rttMs: number; readonly deviationMs: number } | undefined;
  /** 1 after an answer, grows with each miss. */
  readonly backOff: number;
};

/** Nothing has answered yet. */
export const NO_ANSWERS: TimeoutState = { smoothed: undefined, backOff: 1 };

/** Room for this instrument's own delays and for a server that is briefly busy. */
const GUARD_MS = 150;
/** A reply this many times slower than usual is slow, not lost. */
const SLOWER_BY = 5;
const BACK_OFF_FACTOR = 1.5;
const RTT_GAIN = 1 / 8;
const DEVIATION_GAIN = 1 / 4;
const DEVIATIONS = 4;

/**
 * How long to wait for the next answer.
 *
 * `guard 150 ms + max(5 × smoothed RTT, smoothed RTT + 4 × deviation)`, times the back-off, within the bounds. A steady
 * 20 ms gives 250 ms and a steady 100 ms gives 650 ms. Three misses in a row from a steady 20 ms therefore take
 * 250 + 375 + 562 = 1,188 ms. The promise that a reply slowed to 5 × RTT is no miss ends where the upper bound bites: above
 * 400 ms at the default of 2,000 ms.
 *
 * @see RFC 6298 §2 for the two estimators; the multiple and the guard are ours, since a miss here is a vote and not a
 *   retransmission.
 */
export function timeoutMs(state: TimeoutState, bounds: TimeoutBounds = DEFAULT_TIMEOUT_BOUNDS): number {
  const { smoothed, backOff } = state;
  const base = smoothed
    ? GUARD_MS + Math.max(SLOWER_BY * smoothed.rttMs, smoothed.rttMs + DEVIATIONS * smoothed.deviationMs)
    : bounds.firstMs;
  return Math.min(bounds.maxMs, Math.max(bounds.minMs, base) * backOff);
}

/** Folds in the round trip of an answer, and ends any back-off. */
export function addAnswer(state: TimeoutState, rttMs: number): TimeoutState {
  const { smoothed } = state;
  if (!smoothed) return { smoothed: { rttMs, deviationMs: rttMs / 2 }, backOff: 1 };
  const deviationMs = smoothed.deviationMs + DEVIATION_GAIN * (Math.abs(rttMs - smoothed.rttMs) - smoothed.deviationMs);
  return { smoothed: { rttMs: smoothed.rttMs + RTT_GAIN * (rttMs - smoothed.rttMs), deviationMs }, backOff: 1 };
}

/**
 * Folds in a miss: the next time-out is half as long again, up to the bound, so that a target that has become slow is
 * heard within a few attempts while one that is dead is still confirmed fast.
 */
export function addMiss(state: TimeoutState, bounds: TimeoutBounds = DEFAULT_TIMEOUT_BOUNDS): TimeoutState {
  return timeoutMs(state, bounds) >= bounds.maxMs ? state : { ...state, backOff: state.backOff * BACK_OFF_FACTOR };
}

/**
 * Folds in a reply that came after its attempt had been settled as a miss. It mends no measurement; it raises the back-off
 * at once to where the next reply as slow would be in time.
 *
 * @param rttMs - from sending to the late arrival.
 */
export function addLateReply(
  state: TimeoutState,
  rttMs: number,
  bounds: TimeoutBounds = DEFAULT_TIMEOUT_BOUNDS,
): TimeoutState {
  const wantedMs = Math.min(bounds.maxMs, rttMs + GUARD_MS);
  const currentMs = timeoutMs(state, bounds);
  return wantedMs <= currentMs ? state : { ...state, backOff: (state.backOff * wantedMs) / currentMs };
}
