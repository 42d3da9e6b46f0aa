import { DueQueue } from './due-queue.ts';
import { judgementDueAtMs } from './judgement-due.ts';
import { type PathEntry, pathFacts } from './path-entry.ts';
import type { HealthState } from './path-health.ts';
import { judgePath } from './path-judgement.ts';
import type { PathPolicy } from './path-policy.ts';
import { isInherited, type ProbeEntry, type ProbeGround } from './probe-entry.ts';

/**
 * Judges the paths of a probe when something was heard of it, and again when time alone may change what was found. Remembers
 * which paths are to be read anew since they were last read. Mutable; owned by the path table.
 */
export class PathJudge {
  readonly #policy: PathPolicy;
  readonly #due = new DueQueue<ProbeEntry>();
  #touched = new Map<PathEntry, ProbeEntry>();

  constructor(policy: PathPolicy) {
    this.#policy = policy;
  }

  /** A path is to be read anew, though its state may stand. */
  touch(probe: ProbeEntry, entry: PathEntry): void {
    this.#touched.set(entry, probe);
  }

  /** Paths touched since they were last taken, for the caller to keep; the next touches go into a fresh list. */
  takeTouched(): Map<PathEntry, ProbeEntry> {
    const taken = this.#touched;
    this.#touched = new Map();
    return taken;
  }

  /** Something besides measurements has changed about a probe: all its paths are judged at the next occasion. */
  expect(probe: ProbeEntry): void {
    probe.dueAtMs = 0;
    this.#due.put(probe, 0);
  }

  /** Probes whose paths must be judged at `nowMs` even if nothing was heard. */
  takeDue(nowMs: number): readonly ProbeEntry[] {
    return this.#due.take(nowMs);
  }

  /**
   * Judges the paths of a probe as of now; those left to others only for their own words, which may speak before a witness.
   *
   * @param measured - paths of which something was measured, where nothing else has happened: then, unless their probe itself is
   *   otherwise now, only these are judged and those whose judgement hangs on what answers besides.
   * @returns keys of paths whose state changed.
   */
  judge(probe: ProbeEntry, nowMs: number, measured?: ReadonlySet<PathEntry>): readonly string[] {
    const ground = groundOf(probe, this.#policy, nowMs);
    const isOtherSickness = ground.isSick !== probe.ground?.isSick;
    const isWhole = !measured || nowMs >= probe.dueAtMs || !isSame(ground, probe.ground);
    probe.ground = ground;
    const { sickUntilMs } = probe.condition;
    const changedKeys: string[] = [];
    let dueAtMs = isWhole ? Number.POSITIVE_INFINITY : probe.dueAtMs;
    for (const entry of isWhole ? probe.paths.values() : measured.union(probe.uneasy)) {
      const facts = { ...pathFacts(entry, probe.condition, nowMs), sickUntilMs };
      const { because, state } = judgePath(facts, this.#policy, nowMs);
      dueAtMs = Math.min(dueAtMs, judgementDueAtMs(facts, this.#policy, nowMs));
      if (because !== entry.because || isOtherSickness) this.touch(probe, entry);
      entry.because = because;
      if (entry.path.run.misses > 0 || entry.path.failedCalls.length > 0) probe.uneasy.add(entry);
      else probe.uneasy.delete(entry);
      if (isInherited(entry) || state === entry.state) continue;
      this.note(probe, entry, state, nowMs);
      changedKeys.push(entry.ref.key);
    }
    probe.dueAtMs = dueAtMs;
    this.#due.put(probe, dueAtMs);
    return changedKeys;
  }

  /** Notes that a path is in another state from now on. */
  note(probe: ProbeEntry, entry: PathEntry, state: HealthState, nowMs: number): void {
    entry.state = state;
    entry.sinceMs = nowMs;
    entry.samplesInState = 0;
    entry.lostInState = 0;
    this.touch(probe, entry);
  }
}

function groundOf({ condition }: ProbeEntry, { staleAfterMs }: PathPolicy, nowMs: number): ProbeGround {
  const { backlogMs, lastHeardAtMs, sickUntilMs } = condition;
  return {
    isSilent: lastHeardAtMs === undefined || nowMs - lastHeardAtMs >= staleAfterMs,
    isBehind: backlogMs >= staleAfterMs,
    isSick: nowMs < sickUntilMs,
  };
}

function isSame(ground: ProbeGround, before: ProbeGround | undefined): boolean {
  return ground.isSilent === before?.isSilent && ground.isBehind === before.isBehind && ground.isSick === before.isSick;
}
