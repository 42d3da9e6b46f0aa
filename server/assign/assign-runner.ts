import { performance } from 'node:perf_hooks';
import type { AssignmentFrame, MeshDuty } from '../../wire/assignment.ts';
import type { Measurement } from '../../wire/measurement.ts';
import type { HelloFrame } from '../../wire/probe-frames.ts';
import { finish, portions, type Steps } from '../steps.ts';
import type { AssignPbx } from './asked-edge.ts';
import { type AssignmentNote, assignmentNotes } from './assignment-changes.ts';
import type { AssignmentPlan, AssignPolicy, PbxDuties } from './assignment-plan.ts';
import { Elections } from './elections.ts';

/** What the runner needs from the outside. None of the callbacks may throw. */
export type AssignDeps = {
  readonly policy: AssignPolicy;
  readonly nowMs: () => number;
  readonly fence: () => number;
  /** @returns false when no probe of that PBX is connected or it does not keep up. */
  readonly send: (pbx: string, frame: AssignmentFrame) => boolean;
  /** Streams of the mesh by PBX, looked at once a second; the same while nothing changed. */
  readonly mesh?: (pbxes: readonly AssignPbx[], nowMs: number) => ReadonlyMap<string, readonly MeshDuty[]>;
  /** Measurements of a sound PBX's batch, for who elects the streams. */
  readonly meshMeasured?: (pbx: string, measurements: readonly Measurement[], nowMs: number) => void;
  /** Another plan is in force; may take steps. */
  readonly onPlan: (plan: AssignmentPlan) => Steps<void> | void;
  readonly onNote: (note: AssignmentNote) => void;
};

const NO_DUTIES: PbxDuties = { options: [], testCalls: [] };
const NO_MESH: readonly MeshDuty[] = [];

/** PBXs that may be sent their assignment before others get a turn. */
const STEP_SENT = 100;

/**
 * Tells each probe what to measure: elects anew when something changed, and sends a PBX its assignment when it is another
 * than the last one sent there, after each welcome, and when the fence has risen.
 */
export class AssignRunner {
  readonly #deps: AssignDeps;
  readonly #elections: Elections;
  /** By PBX: what was last sent on its present connection, and its text. */
  readonly #sent = new Map<
    string,
    { readonly duties: PbxDuties; readonly mesh: readonly MeshDuty[]; readonly text: string }
  >();
  #mesh: ReadonlyMap<string, readonly MeshDuty[]> = new Map();
  #sick: ReadonlySet<string> = new Set();
  #fence: number;
  #version = 0;

  constructor(deps: AssignDeps) {
    this.#deps = deps;
    this.#elections = new Elections(deps.policy, () => performance.now());
    this.#fence = deps.fence();
  }

  /** Who asks whom now. */
  get plan(): AssignmentPlan {
    return this.#elections.plan;
  }

  /** A probe has said hello; what it had been sent before is forgotten, for its run may be another. */
  hello(pbx: string, hello: HelloFrame): void {
    this.#elections.hello(pbx, hello);
    this.#sent.delete(pbx);
  }

  /** The welcome has been sent: what is known already may follow. */
  ready(pbx: string): void {
    if (this.plan.duties.has(pbx)) this.#send(pbx);
  }

  /** It watches other targets now. */
  retarget(pbx: string, targets: HelloFrame['targets']): void {
    this.#elections.retarget(pbx, targets);
  }

  /** Its connection is gone. */
  gone(pbx: string): void {
    this.#elections.gone(pbx, this.#deps.nowMs());
    this.#sent.delete(pbx);
  }

  /** Looks for the PBX's own qualify in a batch, and for what its streams met unless its instrument is sick. */
  measured(pbx: string, measurements: readonly Measurement[]): void {
    if (!this.#sick.has(pbx)) this.#deps.meshMeasured?.(pbx, measurements, this.#deps.nowMs());
    this.#elections.measured(pbx, measurements);
  }

  /** {@link tickSteps} in one go. */
  tick(sick: ReadonlySet<string>): void {
    finish(this.tickSteps(sick));
  }

  /**
   * Lets time pass, in steps: about once a second, one after the other.
   *
   * @param sick - PBXs whose probe abstains now.
   */
  *tickSteps(sick: ReadonlySet<string>): Steps<void> {
    const nowMs = this.#deps.nowMs();
    this.#sick = sick;
    const before = yield* this.#elections.tickSteps(sick, nowMs);
    if (before) {
      yield;
      const told = this.#deps.onPlan(this.plan);
      if (told) yield* told;
      for (const note of assignmentNotes(before, this.plan)) this.#deps.onNote(note);
    }
    const { mesh } = this.#deps;
    if (mesh) this.#mesh = mesh(this.#elections.pbxes(nowMs), nowMs);
    if (this.#fence !== this.#deps.fence()) {
      this.#fence = this.#deps.fence();
      this.#sent.clear();
    }
    for (const some of portions([...this.plan.duties.keys()], STEP_SENT)) {
      const isAnySent = some.filter((pbx) => this.#send(pbx)).length > 0;
      if (isAnySent) yield;
    }
  }

  /** @returns whether what it is to measure had to be looked at. */
  #send(pbx: string): boolean {
    const duties = this.plan.duties.get(pbx) ?? NO_DUTIES;
    const mesh = this.#mesh.get(pbx) ?? NO_MESH;
    const sent = this.#sent.get(pbx);
    if (sent?.duties === duties && sent.mesh === mesh) return false;
    const wanted = { ...duties, mesh };
    const text = JSON.stringify(wanted);
    if (sent?.text === text) {
      this.#sent.set(pbx, { duties, mesh, text });
      return true;
    }
    const frame: AssignmentFrame = {
      v: 1,
      type: 'assignment',
      fence: this.#fence,
      version: this.#version + 1,
      issuedAtEpochMs: this.#deps.nowMs(),
      options: [...wanted.options],
      mesh: [...wanted.mesh],
      testCalls: [...wanted.testCalls],
    };
    if (!this.#deps.send(pbx, frame)) return true;
    this.#version += 1;
    this.#sent.set(pbx, { duties, mesh, text });
    return true;
  }
}
