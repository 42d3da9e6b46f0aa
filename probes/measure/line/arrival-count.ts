import type { LineCount } from './line-record.ts';

type Point = { readonly atMs: number; readonly bytes: number };

/** Arrivals within so long are one point: a transfer of a minute has 12,000 of them at most. */
const POINT_MS = 5;
/** A steady part shorter than this tells no rate. */
const LEAST_STEADY_MS = 50;
/** Where the steady part may begin, or with the last arrival before, and from where on it may end; parts of the whole time. */
const BEGINS = [0.1, 0.5] as const;
const ENDS_FROM = 0.8;

/**
 * Counts what arrives of one transfer, and when. The first tenth of the time holds slow start and whatever a shaper lets pass
 * in one go, so the rate is told from the rest. TCP hands on nothing behind a lost packet until that has come again, and then
 * all at once: begun in such a wait, the rest would look faster than the line is. So the steady part ends where most had
 * come, held against the mean rate, and begins where the rate from there to its end is least.
 */
export class ArrivalCount {
  readonly #points: Point[] = [];
  #firstAtMs: number | undefined;
  #bytes = 0;

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the first of them came; undefined before. */
  get firstAtMs(): number | undefined {
    return this.#firstAtMs;
  }

  /** @param atMs - monotonic, never stepping back. */
  add(atMs: number, bytes: number): void {
    this.#firstAtMs ??= atMs;
    this.#bytes += bytes;
    const last = this.#points.at(-1);
    const point = { atMs, bytes: this.#bytes };
    const isWithin = last !== undefined && Math.floor(last.atMs / POINT_MS) === Math.floor(atMs / POINT_MS);
    if (isWithin) this.#points[this.#points.length - 1] = point;
    else this.#points.push(point);
  }

  /**
   * @param cutAtMs - where the time was up before the sender had ended: the silence up to it counts. Absent: the last
   * arrival is the end.
   */
  count(cutAtMs?: number): LineCount {
    const firstAtMs = this.#firstAtMs;
    const last = this.#points.at(-1);
    if (firstAtMs === undefined || !last) return { bytes: 0, durationMs: 0, steadyBytes: 0, steadyMs: 0 };
    const endAtMs = Math.max(last.atMs, cutAtMs ?? last.atMs);
    const whole = { bytes: this.#bytes, durationMs: endAtMs - firstAtMs };
    const mean = this.#bytes / whole.durationMs;
    const partOf = ({ atMs }: Point): number => (atMs - firstAtMs) / whole.durationMs;
    const ends = this.#points.filter((each) => partOf(each) >= ENDS_FROM);
    const end = leastBy(ends, ({ atMs, bytes }) => mean * (atMs - firstAtMs) - bytes);
    const before = this.#points.findLast((each) => partOf(each) < BEGINS[0]);
    const begins = this.#points.filter((each) => partOf(each) >= BEGINS[0] && partOf(each) <= BEGINS[1]);
    const start =
      end &&
      leastBy([...(before ? [before] : []), ...begins], ({ atMs, bytes }) => (end.bytes - bytes) / (end.atMs - atMs));
    const steadyMs = start && end ? end.atMs - start.atMs : 0;
    return start && end && steadyMs >= LEAST_STEADY_MS
      ? { ...whole, steadyBytes: end.bytes - start.bytes, steadyMs }
      : { ...whole, steadyBytes: 0, steadyMs: 0 };
  }
}

function leastBy(points: readonly Point[], rank: (point: Point) => number): Point | undefined {
  let best: { readonly point: Point; readonly value: number } | undefined;
  for (const point of points) {
    const value = rank(point);
    if (!best || value < best.value) best = { point, value };
  }
  return best?.point;
}
