/** Samples remembered while an earlier one may still be waiting for its time-out: 16 a second with one of 2 s. */
const MAX_REMEMBERED = 32;

/** A sample of the past: when it was sent (hub time) and what became of it. */
export type SentSample = { readonly atMs: number; readonly isLost: boolean };

/** Where a sample stands among those sent before and after it. */
export type Standing = {
  /** Sent just before; undefined where none was. */
  readonly before: SentSample | undefined;
  /** Sent just after and settled already. */
  readonly after: SentSample | undefined;
  /** The last that was lost of those sent before. */
  readonly lostBefore: SentSample | undefined;
  /** So far back that what was sent before it is not remembered. */
  readonly isBeyondMemory: boolean;
};

/**
 * The latest samples of one path in the order of sending, though they settle in another: an answer at once, a loss only with its
 * time-out, and that is not the same for all. Mutable.
 */
export class SendingOrder {
  /** Ascending; a loss is written with a minus. Times are one greater than they are, so that none is 0. */
  readonly #marks: number[] = [];
  #hasForgotten = false;

  /** Takes in a sample. @returns undefined where it changes no run: it was answered, and no loss was sent just after it. */
  add(atMs: number, isLost: boolean): Standing | undefined {
    const marks = this.#marks;
    let at = marks.length;
    while (at > 0 && Math.abs(marks[at - 1] ?? 0) > atMs + 1) at -= 1;
    const standing = isLost || (marks[at] ?? 0) < 0 ? this.#standing(at) : undefined;
    if (at === 0 && this.#hasForgotten) return standing;
    const mark = isLost ? -(atMs + 1) : atMs + 1;
    if (at === marks.length) marks.push(mark);
    else marks.splice(at, 0, mark);
    if (marks.length > MAX_REMEMBERED) {
      marks.shift();
      this.#hasForgotten = true;
    }
    return standing;
  }

  #standing(at: number): Standing {
    const marks = this.#marks;
    let lost = at - 1;
    while (lost >= 0 && (marks[lost] ?? 0) > 0) lost -= 1;
    return {
      before: sampleOf(marks[at - 1]),
      after: sampleOf(marks[at]),
      lostBefore: sampleOf(marks[lost]),
      isBeyondMemory: at === 0 && this.#hasForgotten,
    };
  }
}

function sampleOf(mark: number | undefined): SentSample | undefined {
  return mark === undefined ? undefined : { atMs: Math.abs(mark) - 1, isLost: mark < 0 };
}
