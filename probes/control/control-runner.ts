import type { CommandFrame, PlanFrame } from '../../wire/hub-frames.ts';
import type { ClassResult, PbxModes, PlanReadBack } from '../../wire/plan.ts';
import type { EventBody, PlanResultFrame, ReadBackFrame } from '../../wire/probe-frames.ts';
import { type AstDbClient, faultText } from '../asterisk/astdb/astdb-client.ts';
import type { ControlMemory, ControlStore } from './control-store.ts';
import type { DemotionEffect, DemotionInput } from './demotion.ts';
import { type MarkDeps, MarkRunner, type MarkTarget } from './mark-runner.ts';
import { decidePlan, isOlder, type OwnLimits, type PlanStamp, refusePlan } from './plan-decision.ts';
import { isWrittenBack, type RouteDrift, routeDrift } from './route-drift.ts';
import { newestStamp, toReadBack } from './stored-plan.ts';

/** What control needs from the outside. None of the callbacks may throw. */
export type ControlDeps = MarkDeps & {
  readonly astdb: AstDbClient;
  readonly store: ControlStore;
  readonly memory: ControlMemory;
  readonly limits: OwnLimits;
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
  readonly #marks: MarkRunner;
  /** What was found in AstDB instead of the plan when it was last told, by class. */
  #driftTold = new Map<string, string>();
  #expiredTold: PlanFrame | undefined;
  #tail: Promise<void> = Promise.resolve();
  #saved: Promise<void> = Promise.resolve();
  #waitingPlan: PlanFrame | undefined;
  #readBack: PlanReadBack | undefined;
  #stamp: PlanStamp;

  constructor(deps: ControlDeps) {
    this.#deps = deps;
    this.#memory = deps.memory;
    this.#stamp = deps.memory.plan ?? { fence: deps.memory.fence, version: 0 };
    this.#marks = new MarkRunner(deps, deps.memory.answered);
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
    return this.#marks.trunks;
  }

  /** Modes in force, undefined before the first welcome of this probe's life. */
  get modes(): PbxModes | undefined {
    return this.#memory.modes;
  }

  /** Tells a hub that has just welcomed this probe what AstDB holds: its hello may have been written before that was read. */
  tellReadBack(): void {
    if (this.#readBack) this.#deps.sendReadBack({ v: 1, type: 'read-back', plan: this.#readBack });
  }

  /**
   * A hub has said which modes apply; they are remembered over a restart. A hub of a lower fence than one heard before
   * has been superseded and changes nothing: it must rise first.
   */
  takeModes(modes: PbxModes, fence: number): void {
    if (fence < this.#memory.fence) return;
    if (fence > this.#stamp.fence) this.#stamp = { fence, version: 0 };
    this.#remember({ ...this.#memory, modes, fence });
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
          this.#queue('clear-down', async () => {
            await this.#marks.clear(command.trunk, 'ordered by the hub');
            await this.#read(true);
          });
        }
        return;
      case 'trace':
      case 'line-test':
        return;
      default:
        command satisfies never;
    }
  }

  /** Feeds the probe's own judgement with what was measured, or lets time pass. */
  learn(input: DemotionInput): void {
    for (const effect of this.#marks.learn(input)) this.#queue('down mark', () => this.#demote(effect));
    const { answered } = this.#marks;
    if (answered.length !== this.#memory.answered.length) this.#remember({ ...this.#memory, answered });
  }

  /** Edges by name have come to stand for other addresses. */
  retarget(targets: readonly MarkTarget[]): void {
    this.#marks.retarget(targets);
  }

  /** Asterisk is (back) up: reads AstDB, writes back what it lost of the plan held and of the marks, tells the hub. */
  asteriskUp(): Promise<void> {
    this.#queue('re-assert', async () => {
      await this.#read(false);
      await this.#writeBack(this.#tellDrift(), 'boot');
      for (const effect of this.#marks.meant) await this.#demote(effect);
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

  /**
   * Compares AstDB with the plan held; call now and then. A difference is told when it is new or has changed, written back where
   * the plan's policy says so, and the hub is shown AstDB as long as it lasts.
   */
  checkDrift(): void {
    this.#queue('drift check', async () => {
      await this.#read(false);
      const drift = this.#tellDrift();
      if (drift.length === 0) return;
      await this.#writeBack(drift, 'check');
      this.tellReadBack();
    });
  }

  /** Says once of each plan held that its validity has passed; it is kept all the same. Call now and then. */
  checkPlanAge(): void {
    const { plan } = this.#memory;
    if (!plan || plan === this.#expiredTold || this.#deps.clock.epochMs() <= plan.validUntilEpochMs) return;
    this.#expiredTold = plan;
    const until = new Date(plan.validUntilEpochMs).toISOString();
    const text = `plan ${plan.fence}.${plan.version} was valid until ${until}; it is kept, no newer one has come`;
    this.#deps.emit({ kind: 'probe-note', code: 'plan-expired', text });
  }

  /** Resolves when everything taken so far is done, and what is to be remembered is on disk. */
  async settled(): Promise<void> {
    await this.#tail;
    await this.#saved;
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
    this.#remember({ ...this.#memory, plan, applied: [], fence: Math.max(plan.fence, this.#memory.fence) });
    const results: ClassResult[] = [];
    for (const entry of decision.classes) {
      results.push(entry.kind === 'skip' ? entry.result : await this.#write(entry.class, entry.text));
    }
    this.#rememberApplied(results);
    await this.#read(false);
    this.#report(plan, results);
  }

  #rememberApplied(results: readonly ClassResult[]): void {
    const applied = results.flatMap(({ class: name, outcome }) => (outcome === 'applied' ? [name] : []));
    if (applied.length === 0) return;
    this.#remember({ ...this.#memory, applied: [...new Set([...(this.#memory.applied ?? []), ...applied])] });
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

  /** Writes back what is to be, and answers for the plan held anew: its texts were journaled when it was issued (safety rule 7). */
  async #writeBack(drift: readonly RouteDrift[], occasion: 'boot' | 'check'): Promise<void> {
    const { plan } = this.#memory;
    if (!plan) return;
    const results: ClassResult[] = [];
    for (const each of drift.filter((one) => isWrittenBack(one, plan.drift, occasion))) {
      const result = await this.#write(each.class, each.expected);
      results.push(result);
      if (result.outcome === 'applied') this.#driftTold.delete(each.class);
      else this.#deps.onFault('write back', new Error(`${each.class}: ${result.reason ?? ''}`));
    }
    if (results.length === 0) return;
    this.#rememberApplied(results);
    if (plan.drift === undefined) return;
    this.#report(plan, results);
    await this.#read(false);
  }

  /** Tells each difference once, before anything is done about it. */
  #tellDrift(): readonly RouteDrift[] {
    if (!this.#readBack) return [];
    const drift = routeDrift(this.#memory, this.#readBack, this.#deps.limits);
    const policy = this.#memory.plan?.drift;
    for (const { class: name, expected, found } of drift) {
      if (this.#driftTold.get(name) === found) continue;
      this.#deps.emit({ kind: 'route-drift', class: name, expected, found, ...(policy && { policy }) });
    }
    this.#driftTold = new Map(drift.map(({ class: name, found }) => [name, found]));
    return drift;
  }

  async #demote(effect: DemotionEffect): Promise<void> {
    const isTold = await this.#marks.act(effect, { modes: this.#memory.modes, readBack: this.#readBack });
    if (isTold) await this.#read(true);
  }

  async #read(isSent: boolean): Promise<void> {
    const stored = await this.#deps.astdb.readPlan();
    if (!stored.ok) {
      this.#readBack = undefined;
      return;
    }
    this.#readBack = this.#withDrifted(toReadBack(stored.value, this.#deps.limits, this.#deps.clock.epochMs()));
    this.#marks.takeRead(this.#readBack);
    if (isSent) this.#deps.sendReadBack({ v: 1, type: 'read-back', plan: this.#readBack });
  }

  #withDrifted(readBack: PlanReadBack): PlanReadBack {
    if (this.#memory.plan?.drift === undefined) return readBack;
    const drift = routeDrift(this.#memory, readBack, this.#deps.limits);
    return { ...readBack, drifted: drift.flatMap((each) => (each.wasApplied ? [each.class] : [])) };
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
    const { onFault, store } = this.#deps;
    this.#saved = store.save(memory).catch((cause: unknown) => onFault('control memory', cause));
  }

  #queue(place: string, work: () => Promise<void>): void {
    this.#tail = this.#tail.then(work).catch((cause: unknown) => this.#deps.onFault(place, cause));
  }
}
