import type { AssignmentFrame, MeshDuty, TestCallDuty } from '../wire/assignment.ts';
import type { HubFrame } from '../wire/hub-frames.ts';
import { ALONE_AFTER_MS, pacesOf } from './duties-pace.ts';
import type { TargetPaces } from './measure/schedule/schedule-state.ts';

/** What the duties need from the outside. None of the callbacks may throw. */
export type DutiesDeps = {
  readonly nowMs: () => number;
  /** This host's wall clock stands for the hub's until a hub has been heard. */
  readonly epochMs: () => number;
  /** The assignment of an earlier life. */
  readonly stored?: AssignmentFrame | undefined;
  /** Another assignment is in force and is to be remembered. */
  readonly save?: (frame: AssignmentFrame) => void;
  /** A hub has welcomed this probe and the connection stands. */
  readonly isHubHeard: () => boolean;
  readonly onPaces: (paces: TargetPaces) => void;
  /** Whole each time, also when nothing of it changed. */
  readonly onMesh?: (duties: readonly MeshDuty[]) => void;
  /** As {@link DutiesDeps.onMesh}. */
  readonly onTestCalls?: (duties: readonly TestCallDuty[], hubClockOffsetMs: number) => void;
};

/**
 * Keeps what the hub has assigned, over reconnections too, and says what follows from it. Before the first assignment ever the
 * probe's own file holds; when no hub is heard for a while, and after a restart until one is, the pace for being alone.
 */
export class DutiesRunner {
  readonly #deps: DutiesDeps;
  #frame: AssignmentFrame | undefined;
  #offsetMs: number;
  #lastHeardAtMs: number;
  #isAlone = false;

  constructor(deps: DutiesDeps) {
    this.#deps = deps;
    this.#lastHeardAtMs = deps.nowMs();
    this.#offsetMs = deps.epochMs() - deps.nowMs();
    this.#frame = deps.stored;
    this.#isAlone = deps.stored !== undefined;
    this.#apply();
  }

  /** The pace for being alone is in force. */
  get isAlone(): boolean {
    return this.#isAlone && this.#frame !== undefined;
  }

  /** Stamp of the assignment in force; undefined before the first. */
  get stamp(): { readonly fence: number; readonly version: number } | undefined {
    return this.#frame && { fence: this.#frame.fence, version: this.#frame.version };
  }

  /** Takes any frame of a hub; all but welcome and assignment pass unheeded. An assignment older than the one held is left. */
  take(frame: HubFrame): void {
    if (frame.type === 'welcome') {
      this.#offsetMs = frame.sentAtEpochMs - this.#deps.nowMs();
      this.#hear();
      return;
    }
    if (frame.type !== 'assignment' || (this.#frame && isOlder(frame, this.#frame))) return;
    this.#frame = frame;
    this.#deps.save?.(frame);
    this.#hear();
    this.#deps.onMesh?.(frame.mesh);
    this.#deps.onTestCalls?.(frame.testCalls, this.#offsetMs);
    this.#apply();
  }

  /** Lets time pass: call about once a second. */
  tick(): void {
    const nowMs = this.#deps.nowMs();
    if (this.#deps.isHubHeard()) this.#hear();
    else if (!this.#isAlone && nowMs - this.#lastHeardAtMs >= ALONE_AFTER_MS) {
      this.#isAlone = true;
      this.#apply();
    }
  }

  #hear(): void {
    this.#lastHeardAtMs = this.#deps.nowMs();
    if (!this.#isAlone) return;
    this.#isAlone = false;
    this.#apply();
  }

  #apply(): void {
    if (!this.#frame) return;
    this.#deps.onPaces(pacesOf(this.#frame.options, { offsetMs: this.#offsetMs }, this.#isAlone));
  }
}

function isOlder(a: AssignmentFrame, b: AssignmentFrame): boolean {
  return a.fence < b.fence || (a.fence === b.fence && a.version < b.version);
}
