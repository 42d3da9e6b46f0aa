/** The estimator after one arrival. */
export type JitterState = {
  readonly arrivalTicks: number;
  readonly rtpTimestamp: number;
  /** In ticks of the stream's clock: divide by its rate for seconds. */
  readonly jitterTicks: number;
};

/**
 * Folds one arrival into the interarrival jitter.
 *
 * The RFC's sample code rounds to whole ticks; here, as in Wireshark, nothing is rounded.
 *
 * @param previous - state after the packet that arrived before this one, or `undefined` for the first.
 * @param arrivalTicks - arrival in ticks of the stream's clock (seconds × rate), with any fixed origin; may be a fraction.
 * @param rtpTimestamp - 32 bits of the header; its wrap is taken care of.
 * @see RFC 3550 §6.4.1 (definition), A.8 (estimator with gain 1/16)
 */
export function addArrival(previous: JitterState | undefined, arrivalTicks: number, rtpTimestamp: number): JitterState {
  if (!previous) return { arrivalTicks, rtpTimestamp, jitterTicks: 0 };
  const sentApartTicks = (rtpTimestamp - previous.rtpTimestamp) | 0;
  const deviation = Math.abs(arrivalTicks - previous.arrivalTicks - sentApartTicks);
  return { arrivalTicks, rtpTimestamp, jitterTicks: previous.jitterTicks + (deviation - previous.jitterTicks) / 16 };
}
