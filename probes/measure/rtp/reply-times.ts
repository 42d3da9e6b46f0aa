/** What the reply to one packet tells of times, milliseconds. */
export type ReplyTimes = {
  /** How late the packet had left. */
  readonly lateMs: number;
  /** By two stamp clocks that need not agree. */
  readonly forwardMs: number;
  readonly reverseMs: number;
  /** To be added to the way there, and taken off the way back, for true time; NaN where nobody knows. */
  readonly apartMs: number;
  /** How far that may be out. */
  readonly errorMs: number;
  /** The running estimates of interarrival jitter after this packet, and after this reply. */
  readonly forwardJitterMs: number;
  readonly reverseJitterMs: number;
};

/** The same of many packets, one entry each, in the order in which the replies came. */
export type TimeColumns = { readonly [Key in keyof ReplyTimes]: Float64Array };

const WIDTH = 8;
const GROW_ROWS = 128;

/** Times of the packets of which no report was made yet, in one block: an object for each would take five times as much. */
export class ReplyTimesTable {
  #rows: Float64Array<ArrayBuffer>;
  #count = 0;

  /** @param rows - packets that room is made for at once; it grows by itself. */
  constructor(rows: number) {
    this.#rows = new Float64Array(rows * WIDTH);
  }

  /** @param extended - number of the packet. */
  add(extended: number, times: ReplyTimes): void {
    const at = this.#count * WIDTH;
    if (at === this.#rows.length) {
      const grown = new Float64Array(at + GROW_ROWS * WIDTH);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows[at] = extended;
    this.#rows[at + 1] = times.lateMs;
    this.#rows[at + 2] = times.forwardMs;
    this.#rows[at + 3] = times.reverseMs;
    this.#rows[at + 4] = times.apartMs;
    this.#rows[at + 5] = times.errorMs;
    this.#rows[at + 6] = times.forwardJitterMs;
    this.#rows[at + 7] = times.reverseJitterMs;
    this.#count += 1;
  }

  /** Gives the times of the packets numbered below `extended` and forgets them. */
  takeBelow(extended: number): TimeColumns {
    const taken: number[] = [];
    const kept: number[] = [];
    for (let row = 0; row < this.#count; row += 1) {
      const at = row * WIDTH;
      ((this.#rows[at] ?? 0) < extended ? taken : kept).push(at);
    }
    const column = (place: number): Float64Array => Float64Array.from(taken, (at) => this.#rows[at + place] ?? 0);
    const columns = {
      lateMs: column(1),
      forwardMs: column(2),
      reverseMs: column(3),
      apartMs: column(4),
      errorMs: column(5),
      forwardJitterMs: column(6),
      reverseJitterMs: column(7),
    };
    // In place: blocks that were made anew for each interval would outlive it by minutes.
    for (const [row, at] of kept.entries()) this.#rows.copyWithin(row * WIDTH, at, at + WIDTH);
    this.#count = kept.length;
    return columns;
  }
}
