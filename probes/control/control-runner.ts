import type { CommandFrame, PlanFrame } from '../../wire/hub-frames.ts';
import type { ClassResult, PbxModes, PlanReadBack } from '../../wire/plan.ts';
import type { EventBody, PlanResultFrame, ReadBackFrame } from '../../wire/probe-frames.ts';
import type { AstDbClient, AstDbFault } from '../asterisk/astdb/astdb-client.ts';
import type { ControlMemory, ControlStore } from './control-store.ts';
import { type DemotionEffect, type DemotionInput, type DemotionState, newDemotion, stepDemotion } from './demotion.ts';
import { decidePlan, isOlder, type OwnLimits, type PlanStamp, reasonNotToAct, refusePlan } from './plan-decision.ts';
import { newestStamp, toReadBack } from './stored-plan.ts';

/** What control needs from the outside. None of the callbacks may throw. */
export type ControlDeps = {
  readonly astdb: AstDbClient;
  readonly store: ControlStore;
  readonly memory: ControlMemory;
  readonly limits: OwnLimits;
  readonly targets: readonly { readonly target: string; readonly trunk: string | undefined }[];
  readonly markMs: number;
  readonly clock: { readonly nowMs: () => number; readonly epochMs: () => number };
  readonly sendPlanResult: (frame: PlanResultFrame) => void;
  readonly sendReadBack: (frame: ReadBackFrame) => void;
  /** A durable event; the callee keeps it safe. */
  readonly emit: (body: EventBody) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/**
 * Acts on AstDB: the hub's plans, and the probe's own down marks. One thing at a time, in order; the newest plan wins
 * over those still waiting. Alone when the hub is away, it goes by the modes it last heard.
 */
export class ControlRunner {
  readonly #deps: ControlDeps;
  #memory: ControlMemory;
  #demotion: DemotionState;
  #tail: Promise<void> = Promise.resolve();
  #waitingPlan: PlanFrame | undefined;
  #readBack: PlanReadBack | undefined;
  #stamp: PlanStamp;

  constructor(deps: ControlDeps) {
    this.#deps = deps;
    this.#memory = deps.memory;
    this.#stamp = deps.memory.plan ?? { fence: deps.memory.fence, version: 0 };
    this.#demotion = newDemotion(deps.targets);
  }

  /** Highest fence of any hub heard so far; a hub with a lower one must rise above it before its plans are taken. */
  get heldFence(): number {
    return Math.max(this.#memory.fence, this.#held().fence);
  }

  /** AstDB as last read; undefined while it is not known. */
  get readBack(): PlanReadBack | undefined {
    return this.#readBack;
  }

  /** Trunks marked down by the probe itself now. */
  get markedTrunks(): readonly string[] {
    return [...this.#demotion.marks.keys()];
  }

  /** Modes in force, undefined before the first welcome of this probe's life. */
  get modes(): PbxModes | undefined {
    return this.#memory.modes;
  }

  /** Tells a hub that has just welcomed this probe what AstDB holds: its hello may have been written before that was read. */
  tellReadBack(): void {
    if (this.#readBack) this.#deps.sendReadBack({ v: 1, type: 'read-back', plan: this.#readBack });
  }

  /** The hub has said which modes apply; they are remembered over a restart. */
  takeModes(modes: PbxModes, fence?: number): void {
    const highest = Math.max(this.#memory.fence, fence ?? 0);
    if (highest > this.#stamp.fence) this.#stamp = { fence: highest, version: 0 };
    this.#remember({ ...this.#memory, modes, fence: highest });
  }

  /** Takes a plan; what becomes of it is sent back as a plan result. */
  takePlan(plan: PlanFrame): void {
    const waiting = this.#waitingPlan;
    if (waiting && isOlder(plan, waiting)) {
      const reason = `plan ${plan.fence}.${plan.version} is older than ${waiting.fence}.${waiting.version}`;
      this.#report(plan, refusePlan(plan, reason).results);
      return;
    }
    this.#waitingPlan = plan;
    if (!waiting) this.#queue('plan', () => this.#applyWaiting());
  }

  /** Carries out a command of the closed list. */
  takeCommand({ command }: CommandFrame): void {
    switch (command.kind) {
      case 'read-back':
        this.#queue('read-back', () => this.#read(true));
        return;
      case 'clear-down':
        if (this.#deps.limits.trunks.has(command.trunk)) {
          this.#queue('clear-down', () => this.#clearMark(command.trunk, 'ordered by the hub'));
        }
        return;
      default:
        command satisfies never;
    }
  }

  /** Feeds the probe's own judgement with what was measured, or lets time pass. */
  learn(input: DemotionInput): void {
    const step = stepDemotion(this.#demotion, input, this.#deps.clock.nowMs(), this.#deps.markMs);
    this.#demotion = step.state;
    for (const effect of step.effects) this.#queue('down mark', () => this.#demote(effect));
  }

  /** Asterisk is (back) up: reads AstDB, repairs routes that differ from the plan held and marks that hold, tells the hub. */
  asteriskUp(): Promise<void> {
    this.#queue('re-assert', async () => {
      await this.#read(false);
      await this.#reassert();
      for (const [trunk, { untilMs }] of this.#demotion.marks) {
        await this.#demote({ kind: 'mark', trunk, untilMs, misses: 0, isNew: false, reason: 'still marked' });
      }
      await this.#read(true);
    });
    return this.#tail;
  }

  /** AMI is logged in, though Asterisk may still be booting: AstDB can be read. */
  asteriskConnected(): void {
    this.#queue('read-back', () => this.#read(true));
  }

  /** Asterisk is away: what AstDB holds is unknown, not empty (safety rule 2). */
  asteriskLost(): void {
    this.#readBack = undefined;
  }

  /** Compares AstDB with the plan held and reports a difference; call now and then. */
  checkDrift(): void {
    this.#queue('drift check', async () => {
      await this.#read(false);
      for (const { class: name, expected, found } of this.#drift()) {
        this.#deps.emit({ kind: 'route-drift', class: name, expected, found });
      }
    });
  }

  /** Resolves when everything taken so far is done. */
  settled(): Promise<void> {
    return this.#tail;
  }

  async #applyWaiting(): Promise<void> {
    const plan = this.#waitingPlan;
    this.#waitingPlan = undefined;
    if (!plan) return;
    const decision = decidePlan(plan, this.#deps.limits, this.#held(), this.#memory.modes);
    if (decision.kind === 'refuse') {
      this.#report(plan, decision.results);
      return;
    }
    this.#stamp = { fence: plan.fence, version: plan.version };
    this.#remember({ ...this.#memory, plan, fence: Math.max(plan.fence, this.#memory.fence) });
    const results: ClassResult[] = [];
    for (const entry of decision.classes) {
      results.push(entry.kind === 'skip' ? entry.result : await this.#write(entry.class, entry.text));
    }
    await this.#read(false);
    this.#report(plan, results);
  }

  async #write(className: string, text: string): Promise<ClassResult> {
    const put = await this.#deps.astdb.putRoute(className, text);
    if (!put.ok) return { class: className, outcome: 'failed', reason: faultText(put.fault) };
    if (put.value === text) return { class: className, outcome: 'applied', readBack: text };
    const reason = 'the text read back differs from the one put';
    return put.value === undefined
      ? { class: className, outcome: 'failed', reason: 'the route is absent after the put' }
      : { class: className, outcome: 'failed', readBack: put.value.slice(0, 1000), reason };
  }

  async #reassert(): Promise<void> {
    const { plan } = this.#memory;
    if (!plan || !this.#readBack) return;
    for (const { class: name, expected, found } of this.#drift()) {
      this.#deps.emit({ kind: 'route-drift', class: name, expected, found });
      const result = await this.#write(name, expected);
      if (result.outcome !== 'applied') this.#deps.onFault('re-assert', new Error(`${name}: ${result.reason ?? ''}`));
    }
  }

  #drift(): readonly { readonly class: string; readonly expected: string; readonly found: string }[] {
    const { plan, modes } = this.#memory;
    const { readBack } = this;
    if (!plan || !readBack || isOlder(plan, newestStamp(readBack))) return [];
    const decision = decidePlan(plan, this.#deps.limits, plan, modes);
    if (decision.kind === 'refuse') return [];
    return decision.classes.flatMap((entry) => {
      if (entry.kind === 'skip') return [];
      const found = readBack.routes.find((route) => route.class === entry.class)?.raw ?? '';
      return found === entry.text ? [] : [{ class: entry.class, expected: entry.text, found }];
    });
  }

  async #demote(effect: DemotionEffect): Promise<void> {
    const { trunk, reason } = effect;
    const observed = reasonNotToAct(undefined, 'enforce', this.#memory.modes);
    if (effect.kind === 'clear') {
      if (observed === undefined) await this.#clearMark(trunk, reason);
      else this.#deps.emit({ kind: 'down-cleared', trunk, reason: `${reason}; AstDB left alone: ${observed}` });
      return;
    }
    const lifeMs = effect.untilMs - this.#deps.clock.nowMs();
    if (lifeMs <= 0) return;
    const untilEpochS = Math.ceil((this.#deps.clock.epochMs() + lifeMs) / 1000);
    const put = observed === undefined ? await this.#deps.astdb.putDown(trunk, untilEpochS) : undefined;
    const isWritten = put?.ok === true && put.value === String(untilEpochS);
    if (put && !put.ok) this.#deps.onFault('down mark', new Error(`${trunk}: ${faultText(put.fault)}`));
    if (!effect.isNew) return;
    this.#deps.emit({
      kind: 'down-marked',
      trunk,
      misses: effect.misses,
      untilEpochMs: untilEpochS * 1000,
      written: isWritten,
      reason: observed === undefined ? reason : `${reason}; not written: ${observed}`,
    });
    await this.#read(true);
  }

  async #clearMark(trunk: string, reason: string): Promise<void> {
    const cleared = await this.#deps.astdb.clearDown(trunk);
    if (!cleared.ok) this.#deps.onFault('down mark', new Error(`${trunk}: ${faultText(cleared.fault)}`));
    this.#deps.emit({ kind: 'down-cleared', trunk, reason });
    await this.#read(true);
  }

  async #read(isSent: boolean): Promise<void> {
    const stored = await this.#deps.astdb.readPlan();
    if (!stored.ok) {
      this.#readBack = undefined;
      return;
    }
    this.#readBack = toReadBack(stored.value, this.#deps.limits, this.#deps.clock.epochMs());
    if (isSent) this.#deps.sendReadBack({ v: 1, type: 'read-back', plan: this.#readBack });
  }

  #held(): PlanStamp {
    const stored = this.#readBack ? newestStamp(this.#readBack) : this.#stamp;
    return isOlder(stored, this.#stamp) ? this.#stamp : stored;
  }

  #report(plan: PlanFrame, results: readonly ClassResult[]): void {
    this.#deps.sendPlanResult({
      v: 1,
      type: 'plan-result',
      fence: plan.fence,
      version: plan.version,
      results: [...results],
      finishedAtMs: this.#deps.clock.nowMs(),
      finishedAtEpochMs: this.#deps.clock.epochMs(),
    });
  }

  #remember(memory: ControlMemory): void {
    this.#memory = memory;
    this.#deps.store.save(memory).catch((cause: unknown) => this.#deps.onFault('control memory', cause));
  }

  #queue(place: string, work: () => Promise<void>): void {
    this.#tail = this.#tail.then(work).catch((cause: unknown) => this.#deps.onFault(place, cause));
  }
}

function faultText(fault: AstDbFault): string {
  return fault.kind === 'unknown' ? `no answer from Asterisk (${fault.cause.code})` : fault.message;
}
