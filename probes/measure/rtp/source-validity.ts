/** What is known of the source whose packets are counted, and of one that may take its place. */
export type SourceState = {
  readonly valid?: { readonly ssrc: number; readonly highestExtended: number };
  /** One packet of a source not yet believed, or after a jump: the next of its kind decides. */
  readonly held?: SequenceOf;
};

/** What tells one packet's place in its source. */
export type SequenceOf = { readonly ssrc: number; readonly sequenceNumber: number };

/** What became of one packet. */
export type SourceStep = {
  readonly state: SourceState;
  /** Extended sequence of this packet; `undefined` while it is held back. */
  readonly extended: number | undefined;
  /** The packet held before is believed with this one, and a new run of sequence numbers begins with the two. */
  readonly heldExtended: number | undefined;
};

/** Larger steps forward are a jump. @see RFC 3550 A.1 */
export const MAX_DROPOUT = 3000;
/** Larger steps back are a jump. @see RFC 3550 A.1 */
export const MAX_MISORDER = 100;

/**
 * Decides whether a packet belongs to the source that is counted, and extends its sequence number over wraps.
 *
 * As in the RFC a source is believed, and a jump or another SSRC accepted as a restart, only with its second packet. Unlike
 * there the two need not follow each other at once: any step of at most {@link MAX_MISORDER} will do, and the first of the
 * two counts, so that a loss among the first packets of a call is not hidden.
 *
 * @see RFC 3550 A.1
 */
export function stepSource(state: SourceState, packet: SequenceOf): SourceStep {
  const { held, valid } = state;
  if (valid?.ssrc === packet.ssrc) {
    const step = signedStep(valid.highestExtended, packet.sequenceNumber);
    if (step < MAX_DROPOUT && step >= -MAX_MISORDER) {
      const extended = valid.highestExtended + step;
      const highestExtended = Math.max(extended, valid.highestExtended);
      return { state: { valid: { ssrc: packet.ssrc, highestExtended } }, extended, heldExtended: undefined };
    }
  }
  if (held?.ssrc === packet.ssrc) {
    const step = signedStep(held.sequenceNumber, packet.sequenceNumber);
    if (step !== 0 && Math.abs(step) <= MAX_MISORDER) {
      const extended = held.sequenceNumber + step;
      const highestExtended = Math.max(extended, held.sequenceNumber);
      const believed = { ssrc: packet.ssrc, highestExtended };
      return { state: { valid: believed }, extended, heldExtended: held.sequenceNumber };
    }
  }
  const { ssrc, sequenceNumber } = packet;
  return {
    state: { ...(valid && { valid }), held: { ssrc, sequenceNumber } },
    extended: undefined,
    heldExtended: undefined,
  };
}

/** From an extended number to the nearest one with these low 16 bits: -32,768 to 32,767. */
function signedStep(fromExtended: number, sequenceNumber: number): number {
  return ((sequenceNumber - fromExtended) << 16) >> 16;
}
