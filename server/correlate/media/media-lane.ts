import { type LaneSays, ShiftBook } from '../shift/shift-book.ts';
import type { PathShift } from '../verdict.ts';
import { JITTER_RULE, MIN_LEGS, MOS_RULE } from './media-rules.ts';

/** What a lane is about: one figure of one direction of one codec, which is compared with nothing else. */
export type MediaSubject = Pick<PathShift, 'direction'> & {
  readonly what: 'jitter' | 'delay-variation' | 'mos';
  /** As Asterisk names it; absent for the mesh, whose packets are always of one kind. */
  readonly codec?: string;
};

/** One lane, and the two calls that last reported on it: an echo of who shows the shift. */
export type MediaLane = MediaSubject & {
  readonly lane: number;
  legs: readonly { readonly leg: number; readonly atMs: number }[];
};

/** A MOS is kept as what it lacks of this, so that all figures rise with trouble. */
const BEST_MOS = 4.5;

/** The two ledgers behind media lanes: milliseconds, and points of MOS. Deterministic; mutable. */
export class MediaLedger {
  readonly #jitter = new ShiftBook(JITTER_RULE);
  readonly #mos = new ShiftBook(MOS_RULE);

  /** True while a lane that is still fed is shifted. */
  isAnyShifted(nowMs: number): boolean {
    return this.#jitter.isAnyShifted(nowMs) || this.#mos.isAnyShifted(nowMs);
  }

  /** A lane that knows nothing yet. */
  open(subject: MediaSubject): MediaLane {
    return { ...subject, lane: this.#bookOf(subject).open(), legs: [] };
  }

  /** Forgets a lane. */
  close(lane: MediaLane): void {
    this.#bookOf(lane).close(lane.lane);
  }

  /** Gives a new lane the baseline of an earlier life of the hub. */
  recall(lane: MediaLane, { spread, usual }: Pick<PathShift, 'usual' | 'spread'>): void {
    this.#bookOf(lane).recall(lane.lane, stored(lane, usual), spread);
  }

  /** @param leg - the call that reports; undefined for the mesh. */
  add(lane: MediaLane, atMs: number, value: number, leg: number | undefined): void {
    this.#bookOf(lane).add(lane.lane, atMs, stored(lane, value));
    if (leg === undefined) return;
    lane.legs = [...lane.legs.filter((other) => other.leg !== leg), { leg, atMs }].slice(-MIN_LEGS);
  }

  /** As of `nowMs`; a shift that fewer than two calls show is a doubt only. */
  says(lane: MediaLane, nowMs: number): LaneSays {
    return withLegs(lane, this.#bookOf(lane).says(lane.lane, nowMs));
  }

  /** The same, from reports after `sinceMs` alone. */
  saysSince(lane: MediaLane, sinceMs: number, nowMs: number): LaneSays {
    return withLegs(lane, this.#bookOf(lane).saysSince(lane.lane, sinceMs, nowMs));
  }

  /** Figures beside the baseline; undefined before that is learnt. */
  figures(lane: MediaLane, pathKey: string, nowMs: number): PathShift | undefined {
    const found = this.#bookOf(lane).figures(lane.lane);
    if (!found) return undefined;
    const { codec, direction, what } = lane;
    const isMos = what === 'mos';
    const shown = isMos
      ? {
          ...found,
          usual: BEST_MOS - found.usual,
          now: BEST_MOS - found.now,
          low: BEST_MOS - found.high,
          high: BEST_MOS - found.low,
        }
      : found;
    const says = this.says(lane, nowMs);
    return {
      pathKey,
      what,
      unit: isMos ? 'mos' : 'milliseconds',
      direction,
      ...(codec !== undefined && { codec }),
      ...shown,
      ...(says.kind === 'shifted' ? { isShifted: true, sinceMs: says.sinceMs } : { isShifted: false }),
    };
  }

  /** When a shift of this lane last became its baseline. */
  settledAtMs(lane: MediaLane): number | undefined {
    return this.#bookOf(lane).settledAtMs(lane.lane);
  }

  #bookOf({ what }: MediaSubject): ShiftBook {
    return what === 'mos' ? this.#mos : this.#jitter;
  }
}

function stored({ what }: MediaSubject, value: number): number {
  return what === 'mos' ? BEST_MOS - value : value;
}

function withLegs({ codec, legs }: MediaLane, says: LaneSays): LaneSays {
  if (says.kind !== 'shifted' || codec === undefined) return says;
  return legs.filter(({ atMs }) => atMs >= says.sinceMs).length >= MIN_LEGS ? says : { ...says, kind: 'unsure' };
}
