/** What was sent, and what may be sent at once. Start with {@link startPace}. */
export type SendPace = { readonly atMs: number; readonly creditBytes: number };

/** Credit that a pause can save up: so long of the rate, and never less than one packet's worth. */
const BURST_MS = 20;
const LEAST_BURST_BYTES = 1500;

/** A sender that has sent nothing yet, on any monotonic clock. */
export function startPace(nowMs: number): SendPace {
  return { atMs: nowMs, creditBytes: 0 };
}

/**
 * Lets time pass: a bucket that fills at the rate and holds 20 ms of it, so that a line that took nothing for a while is not
 * given it all at once.
 *
 * @param kbps - kbit/s, at least 1.
 * @returns `creditBytes` of the pace: whole bytes that may be sent now; subtract what was with {@link spend}.
 */
export function earn({ atMs, creditBytes }: SendPace, kbps: number, nowMs: number): SendPace {
  const bytesPerMs = kbps / 8;
  const most = Math.max(LEAST_BURST_BYTES, bytesPerMs * BURST_MS);
  return { atMs: nowMs, creditBytes: Math.min(most, creditBytes + Math.max(0, nowMs - atMs) * bytesPerMs) };
}

/** Takes off what was sent. */
export function spend(pace: SendPace, bytes: number): SendPace {
  return { ...pace, creditBytes: pace.creditBytes - bytes };
}
