/** Pace of one target as assigned: it stands before the policy's. Times on the probe's monotonic clock. */
export type TargetPace = {
  /** False: nothing is sent to it, also no confirmation and no control; others measure it. */
  readonly isAsked: boolean;
  readonly intervalMs: number;
  /** Time of any one slot: attempts are at `slotAtMs` plus whole intervals, without jitter. */
  readonly slotAtMs: number;
  /** Mean of the Poisson loss schedule; 0 turns it off. */
  readonly lossMeanMs: number;
  /** Attempts in any 60 s, of all schedules together. */
  readonly perMinute: number;
  /** Those of them that may be confirmations and controls. */
  readonly confirmPerMinute: number;
  /** The other target of a striped pair, asked in the same pass. */
  readonly pairedWith: string | undefined;
};

/** How far a slot may move before the pace counts as another: two readings of a far clock differ by the way they came. */
const SAME_SLOT_MS = 50;

/** First slot at or after a time. */
export function slotAfterMs({ intervalMs, slotAtMs }: TargetPace, fromMs: number): number {
  return slotAtMs + Math.ceil((fromMs - slotAtMs) / intervalMs) * intervalMs;
}

/** Whether going on as before is right: slots that differ by no more than two readings of the hub's clock do are the same. */
export function isSamePace(a: TargetPace, b: TargetPace | undefined): boolean {
  if (!b) return false;
  const apartMs = Math.abs(a.slotAtMs - b.slotAtMs) % a.intervalMs;
  return (
    a.isAsked === b.isAsked &&
    a.intervalMs === b.intervalMs &&
    a.lossMeanMs === b.lossMeanMs &&
    a.perMinute === b.perMinute &&
    a.confirmPerMinute === b.confirmPerMinute &&
    a.pairedWith === b.pairedWith &&
    Math.min(apartMs, a.intervalMs - apartMs) <= SAME_SLOT_MS
  );
}
