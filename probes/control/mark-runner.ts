import type { PbxModes, PlanReadBack } from '../../wire/plan.ts';
import type { EventBody } from '../../wire/probe-frames.ts';
import { type AstDbClient, faultText } from '../asterisk/astdb/astdb-client.ts';
import {
  adoptMarks,
  answeredTargets,
  type DemotionEffect,
  type DemotionInput,
  type DemotionState,
  newDemotion,
  stepDemotion,
  withFoundMarks,
  withTargets,
  withWrittenMark,
} from './demotion.ts';
import { reasonNotToMark } from './plan-decision.ts';

/** One target as the marks know it. */
export type MarkTarget = {
  readonly target: string;
  readonly trunk: string | undefined;
  readonly address: string;
  readonly port: number;
};

/** A class of the probe's own file with the trunks of its static order. */
export type MarkClass = { readonly class: string; readonly trunks: readonly string[] };

/** What the marks need from the outside. None of the callbacks may throw. */
export type MarkDeps = {
  readonly astdb: AstDbClient;
  readonly targets: readonly MarkTarget[];
  readonly classes: readonly MarkClass[];
  /** Life of a mark in milliseconds. */
  readonly markMs: number;
  readonly clock: { readonly nowMs: () => number; readonly epochMs: () => number };
  readonly emit: (body: EventBody) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** What a mark is written by: the modes in force and AstDB as last read; undefined where not known. */
export type MarkGrounds = { readonly modes: PbxModes | undefined; readonly readBack: PlanReadBack | undefined };

/**
 * The probe's own down marks: judged by `demotion.ts`, written to AstDB here, and told whenever one comes to stand there
 * (safety rule 7). The caller sees to it that one effect is carried out at a time.
 */
export class MarkRunner {
  readonly #deps: MarkDeps;
  #targets: readonly MarkTarget[];
  #state: DemotionState;
  #hasAdopted = false;
  /** Keys of all that ever answered, those included that are no target now and may be again. */
  #spoke: ReadonlySet<string>;

  /** @param answered - as {@link answered} gave it in an earlier life. */
  constructor(deps: MarkDeps, answered: readonly string[]) {
    this.#deps = deps;
    this.#targets = deps.targets;
    this.#spoke = new Set(answered);
    this.#state = newDemotion(deps.targets, this.#spokeOf(deps.targets));
  }

  /** Trunks marked down now, written or not. */
  get trunks(): readonly string[] {
    return [...this.#state.marks.keys()];
  }

  /** Targets that have answered, each with its address: one that moves has yet to answer there. */
  get answered(): readonly string[] {
    const spoke = new Set(answeredTargets(this.#state));
    return this.#targets.flatMap((target) => (spoke.has(target.target) ? [answerKey(target)] : []));
  }

  /** Takes over other targets: one that stays at its address keeps what is known of it. */
  retarget(targets: readonly MarkTarget[]): void {
    const before = new Set(this.#targets.map(answerKey));
    const kept = targets.filter((target) => before.has(answerKey(target)));
    this.#spoke = new Set([...this.#spoke, ...this.answered]);
    this.#targets = targets;
    const names = new Set(kept.map(({ target }) => target));
    this.#state = withTargets(this.#state, targets, names, this.#spokeOf(targets));
  }

  /** All marks meant now, to be written again where AstDB may have lost them. */
  get meant(): readonly DemotionEffect[] {
    return [...this.#state.marks].map(([trunk, { untilMs, misses, reason }]) => {
      return { kind: 'mark', trunk, untilMs, misses, reason, isNew: false };
    });
  }

  /** Judges what was measured. @returns what to carry out, in order. */
  learn(input: DemotionInput): readonly DemotionEffect[] {
    const step = stepDemotion(this.#state, input, this.#deps.clock.nowMs(), this.#deps.markMs);
    this.#state = step.state;
    return step.effects;
  }

  /** Learns what AstDB holds. The first reading of this life also makes the unexpired marks found the probe's own. */
  takeRead({ down }: PlanReadBack): void {
    const { clock } = this.#deps;
    const nowMs = clock.nowMs();
    const aheadMs = nowMs - clock.epochMs();
    const found = down.map(({ trunk, untilEpochMs }) => ({ trunk, untilMs: untilEpochMs + aheadMs }));
    this.#state = withFoundMarks(this.#state, found);
    if (!this.#hasAdopted) this.#state = adoptMarks(this.#state, found, nowMs);
    this.#hasAdopted = true;
  }

  /** Carries one effect out. @returns whether it was told, so that AstDB should be read and the hub shown. */
  async act(effect: DemotionEffect, grounds: MarkGrounds): Promise<boolean> {
    const { trunk, reason } = effect;
    switch (effect.kind) {
      case 'mark':
        return await this.#mark(effect, this.#obstacle(trunk, grounds));
      case 'clear': {
        const obstacle = this.#obstacle(trunk, grounds);
        if (obstacle === undefined) return await this.clear(trunk, reason);
        this.#deps.emit({ kind: 'down-cleared', trunk, reason: `${reason}; AstDB left alone: ${obstacle}` });
        return false;
      }
      case 'lapse':
        this.#deps.emit({ kind: 'down-cleared', trunk, reason });
        return false;
      default:
        return effect satisfies never;
    }
  }

  /** Takes a trunk's mark out of AstDB whatever the modes say, and tells it. @returns true, as {@link act}. */
  async clear(trunk: string, reason: string): Promise<boolean> {
    const cleared = await this.#deps.astdb.clearDown(trunk);
    if (!cleared.ok) this.#deps.onFault('down mark', new Error(`${trunk}: ${faultText(cleared.fault)}`));
    const kept = cleared.ok ? '' : '; AstDB could not be changed: there it runs out by itself';
    this.#deps.emit({ kind: 'down-cleared', trunk, reason: `${reason}${kept}` });
    return true;
  }

  #spokeOf(targets: readonly MarkTarget[]): ReadonlySet<string> {
    return new Set(targets.flatMap((target) => (this.#spoke.has(answerKey(target)) ? [target.target] : [])));
  }

  async #mark(effect: DemotionEffect & { readonly kind: 'mark' }, obstacle: string | undefined): Promise<boolean> {
    const { astdb, clock, emit, onFault } = this.#deps;
    const { trunk, misses, reason } = effect;
    const lifeMs = effect.untilMs - clock.nowMs();
    if (lifeMs <= 0) return false;
    const untilEpochS = Math.ceil((clock.epochMs() + lifeMs) / 1000);
    const stoodUntilMs = this.#state.marks.get(trunk)?.writtenUntilMs;
    const stood = stoodUntilMs !== undefined && stoodUntilMs > clock.nowMs();
    const put = obstacle === undefined ? await astdb.putDown(trunk, untilEpochS) : undefined;
    const isWritten = put?.ok === true && put.value === String(untilEpochS);
    if (put && !put.ok) onFault('down mark', new Error(`${trunk}: ${faultText(put.fault)}`));
    if (isWritten) this.#state = withWrittenMark(this.#state, trunk, effect.untilMs);
    if (!effect.isNew && (stood || !isWritten)) return false;
    emit({
      kind: 'down-marked',
      trunk,
      misses,
      untilEpochMs: untilEpochS * 1000,
      written: isWritten,
      reason: obstacle === undefined ? reason : `${reason}; not written: ${obstacle}`,
    });
    return true;
  }

  #obstacle(trunk: string, { modes, readBack }: MarkGrounds): string | undefined {
    const routed = (readBack?.routes ?? []).map((route) => {
      return { class: route.class, trunks: (route.trunks ?? []).map((weighted) => weighted.trunk) };
    });
    return reasonNotToMark(trunk, [...this.#deps.classes, ...routed], modes);
  }
}

function answerKey({ target, address, port }: MarkTarget): string {
  return `${target} ${address} ${port}`;
}
