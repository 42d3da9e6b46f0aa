/** Counts over a window. A run of consecutive lost samples counts once in `lossRuns`. */
export type LossCounts = { readonly sent: number; readonly lost: number; readonly lossRuns: number };

/** Counts of one second of one path: attempts, losses, and the runs of losses that begin in it. */
export type SecondCount = {
  /** Seconds since the epoch. */
  readonly second: number;
  readonly sent: number;
  readonly lost: number;
  readonly begun: number;
  /** The first loss of the second goes on with a run that began before it. */
  readonly isContinued: boolean;
};

/** Bytes of one second, and what stands in each; none goes beyond 255. */
const LANES = 4;
export const SENT = 0;
export const LOST = 1;
/** Runs that begin in the second. */
export const RUNS = 2;
/** 1 where the first loss of the second goes on with a run that began before it. */
export const CONTINUED = 3;

type Lane = typeof SENT | typeof LOST | typeof RUNS | typeof CONTINUED;

/** Shared by all that have counted nothing: in a large fleet most paths are never asked. */
const NO_LANES = new Uint8Array(0);

/** Seconds there is room for at first. */
const FIRST_ROOM = 8;

/**
 * Four counts for each second in which anything was counted, in the order of time; eight bytes a second. Memory is taken with the
 * first one and grows with what is counted. Mutable.
 */
export class SecondCounts {
  readonly #spanSeconds: number;
  /** Seconds since the epoch, ascending from `#from` up to before `#to`. */
  #seconds: Uint32Array | undefined;
  #lanes = NO_LANES;
  #from = 0;
  #to = 0;

  /** @param spanSeconds - seconds that lie further back than this from the newest are forgotten. */
  constructor(spanSeconds: number) {
    this.#spanSeconds = spanSeconds;
  }

  /** The place of a second, made if there is none; good until the next one is asked for. @returns undefined for one too old. */
  at(second: number): number | undefined {
    const newest = this.#newest();
    if (newest !== undefined && second <= newest - this.#spanSeconds) return undefined;
    const seconds = this.#seconds ?? new Uint32Array(0);
    let place = this.#to;
    while (place > this.#from && (seconds[place - 1] ?? 0) > second) place -= 1;
    if (place > this.#from && seconds[place - 1] === second) return place - 1;
    return this.#insert(place, second);
  }

  /** One count of a place. */
  read(place: number, lane: Lane): number {
    return this.#lanes[place * LANES + lane] ?? 0;
  }

  /** Changes a count of a place by so much. */
  add(place: number, lane: Lane, by: number): void {
    const at = place * LANES + lane;
    this.#lanes[at] = (this.#lanes[at] ?? 0) + by;
  }

  /** Sums from a second on. */
  since(second: number): LossCounts {
    const seconds = this.#seconds;
    const newest = this.#newest();
    if (!seconds || newest === undefined) return { sent: 0, lost: 0, lossRuns: 0 };
    const first = Math.max(second, newest - this.#spanSeconds + 1);
    const lanes = this.#lanes;
    let sent = 0;
    let lost = 0;
    let lossRuns = 0;
    let continued = 0;
    for (let place = this.#to - 1; place >= this.#from && (seconds[place] ?? 0) >= first; place -= 1) {
      const at = place * LANES;
      sent += lanes[at + SENT] ?? 0;
      const lostHere = lanes[at + LOST] ?? 0;
      if (lostHere === 0) continue;
      lost += lostHere;
      lossRuns += lanes[at + RUNS] ?? 0;
      continued = lanes[at + CONTINUED] ?? 0;
    }
    return { sent, lost, lossRuns: lossRuns + continued };
  }

  /** Seconds in which anything was counted, from a second on, in the order of time. */
  series(second: number): readonly SecondCount[] {
    const newest = this.#newest();
    if (newest === undefined) return [];
    const first = Math.max(second, newest - this.#spanSeconds + 1);
    const found: SecondCount[] = [];
    for (let place = this.#from; place < this.#to; place += 1) {
      const at = this.#seconds?.[place] ?? 0;
      if (at < first) continue;
      const [sent, lost, begun] = [this.read(place, SENT), this.read(place, LOST), this.read(place, RUNS)];
      found.push({ second: at, sent, lost, begun, isContinued: this.read(place, CONTINUED) > 0 });
    }
    return found;
  }

  #newest(): number | undefined {
    return this.#to > this.#from ? this.#seconds?.[this.#to - 1] : undefined;
  }

  #insert(place: number, second: number): number {
    const oldest = second - this.#spanSeconds;
    while (this.#from < place && (this.#seconds?.[this.#from] ?? 0) <= oldest) this.#from += 1;
    const at = place - this.#makeRoom();
    const seconds = this.#seconds ?? new Uint32Array(0);
    seconds.copyWithin(at + 1, at, this.#to);
    this.#lanes.copyWithin((at + 1) * LANES, at * LANES, this.#to * LANES);
    seconds[at] = second;
    this.#lanes.fill(0, at * LANES, (at + 1) * LANES);
    this.#to += 1;
    return at;
  }

  /** Makes room for one more at the end. @returns by how many places everything moved towards the start. */
  #makeRoom(): number {
    const seconds = this.#seconds ?? new Uint32Array(0);
    if (this.#to < seconds.length) return 0;
    const moved = this.#from;
    const held = this.#to - moved;
    const room =
      held > seconds.length / 2 ? Math.max(FIRST_ROOM, 2 * seconds.length) : Math.max(FIRST_ROOM, seconds.length);
    const next = new Uint32Array(room);
    next.set(seconds.subarray(moved, this.#to));
    const lanes = new Uint8Array(room * LANES);
    lanes.set(this.#lanes.subarray(moved * LANES, this.#to * LANES));
    this.#seconds = next;
    this.#lanes = lanes;
    this.#from = 0;
    this.#to = held;
    return moved;
  }
}
