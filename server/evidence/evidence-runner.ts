import type { VerdictEffect } from '../correlate/verdict-effect.ts';
import type { PathSight } from '../paths/path-sight.ts';
import type { SpreadCount } from '../paths/quality/spread-loss.ts';
import type { Store } from '../store/database-store.ts';
import { MEDIA_LEAD_MINUTES, mediaMinute, WATCH_TAIL_MS, type Watch, watchOf } from './evidence-watch.ts';
import { verdictContext } from './verdict-context.ts';

const MINUTE_MS = 60_000;

/** What the runner reads and writes. */
export type EvidenceDeps = {
  readonly store: Store;
  /** Every path as the last pass saw it. */
  readonly watched: () => readonly PathSight[];
  readonly counts: (key: string, direction: 'forward' | 'reverse', sinceMs: number) => SpreadCount | undefined;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** Keeps on disk what stands beside verdicts, while it is there: the control group, and media by the minute. */
export class EvidenceRunner {
  readonly #deps: EvidenceDeps;
  readonly #watches = new Map<string, Watch>();

  constructor(deps: EvidenceDeps) {
    this.#deps = deps;
  }

  /**
   * Looks at what stands beside a verdict now.
   *
   * @returns writes it; call it once the verdict itself is on disk. A fault is told and loses nothing else.
   */
  observe({ kind, verdict }: VerdictEffect, nowMs: number): () => void {
    const { onFault, store, watched } = this.#deps;
    const { verdictId } = verdict;
    const context = verdictContext(verdict, watched(), nowMs);
    if (verdict.symptom === 'loss') this.#watch(verdictId, context, kind === 'verdict-cleared', nowMs);
    return () => {
      store.evidence
        .addContext(verdictId, verdict.updatedAtMs, context)
        .catch((cause: unknown) => onFault('evidence', cause));
    };
  }

  /** Of a path that is not measured, for months perhaps, there is nothing to keep by the minute. */
  #watch(verdictId: string, context: ReturnType<typeof verdictContext>, isCleared: boolean, nowMs: number): void {
    const before = this.#watches.get(verdictId);
    const untilMs = isCleared ? nowMs + WATCH_TAIL_MS : Number.POSITIVE_INFINITY;
    const watch = watchOf(context, before, untilMs);
    this.#watches.set(verdictId, watch);
    const minuteStartMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    if (before === undefined) {
      for (let ago = MEDIA_LEAD_MINUTES; ago > 1; ago -= 1) {
        this.#keepMedia(watch.media, minuteStartMs - ago * MINUTE_MS);
      }
    }
  }

  /** Keys of paths whose every minute is wanted now. */
  watched(nowMs: number): ReadonlySet<string> {
    for (const [id, { untilMs }] of this.#watches) if (untilMs <= nowMs) this.#watches.delete(id);
    return new Set([...this.#watches.values()].flatMap(({ pathKeys }) => [...pathKeys]));
  }

  /** A minute is over: keeps the media of the one before, of which every report has come by now. */
  closeMinute(minuteStartMs: number): void {
    const media = new Map([...this.#watches.values()].flatMap((watch) => [...watch.media]));
    if (media.size > 0) this.#keepMedia(media, minuteStartMs - MINUTE_MS);
  }

  #keepMedia(media: Watch['media'], minuteStartMs: number): void {
    const { counts, onFault, store } = this.#deps;
    const minutes = mediaMinute(media, counts, minuteStartMs);
    if (minutes.length === 0) return;
    store.evidence.putMedia(minutes).catch((cause: unknown) => onFault('evidence', cause));
  }
}
