import type { PbxModes } from '../../wire/plan.ts';
import type { EventFrame, ProbeFrame } from '../../wire/probe-frames.ts';
import { assignPolicy } from '../assign/assign-policy.ts';
import { pathDuties } from '../assign/assignment-view.ts';
import { Elections } from '../assign/elections.ts';
import type { HubConfig } from '../config-schema.ts';
import type { VerdictEffect } from '../correlate/verdict-effect.ts';
import { Engine } from '../engine.ts';
import { enginePolicy } from '../engine-policy.ts';
import { buildFleet } from '../fleet.ts';
import { configuredModes, resolveModes } from '../mode-resolution.ts';
import type { PassResult } from '../pass-result.ts';
import { routesAfter } from '../read-back-route.ts';
import type { FlipProposal } from '../routing/route-plan.ts';
import type { RecordedLine } from './recording-line.ts';

/** What a replay says, at hub time. */
export type ReplayFinding = { readonly atEpochMs: number } & (
  | VerdictEffect
  | { readonly kind: 'flip'; readonly flip: FlipProposal }
  | {
      readonly kind: 'plan-changed';
      readonly pbx: string;
      readonly class: string;
      readonly mode: string;
      readonly trunks: readonly string[];
      readonly reason: string;
    }
);

/** What a line led to: findings in the order of time, or why it could not be used. */
export type ReplayStep =
  | { readonly ok: true; readonly findings: readonly ReplayFinding[] }
  | { readonly ok: false; readonly message: string };

/** A live hub makes a pass each second, besides those that a change asks for. */
const PASS_EVERY_MS = 1000;

/**
 * Feeds recorded frames through the hub's own judgement, at their own times. Pure: the same lines give the same findings,
 * to the last digit. Modes are those of the configuration; a person's orders are not in a recording.
 */
export class Replay {
  readonly #engine: Engine;
  readonly #elections: Elections;
  readonly #siteOf: ReadonlyMap<string, string>;
  readonly #modes: ReadonlyMap<string, PbxModes>;
  readonly #instances = new Map<string, string>();
  readonly #seenEvents = new Set<string>();
  #nowMs: number | undefined;
  #nextPassMs = 0;
  #latest: PassResult | undefined;
  readonly #isWhatIf: boolean;

  /**
   * @param isWhatIf - the configuration is not the one that was in force: what AstDB held later in the recording then followed from
   *   plans of another hub, and is passed over.
   */
  constructor(config: HubConfig, isWhatIf = false) {
    this.#isWhatIf = isWhatIf;
    const fleet = buildFleet(config);
    this.#engine = new Engine(fleet, enginePolicy(config));
    this.#elections = new Elections(assignPolicy(config), () => 0);
    this.#siteOf = fleet.siteOf;
    const modes = configuredModes(config);
    const classes = fleet.classes.map((entry) => entry.class);
    this.#modes = new Map(
      [...fleet.siteOf].map(([pbx, site]) => [pbx, resolveModes(modes, false, { pbx, site, classes })]),
    );
  }

  /** Takes the next line. One that cannot be used changes nothing. */
  take(line: RecordedLine): ReplayStep {
    const { pbx, receivedAtEpochMs: atMs } = line;
    if (!this.#siteOf.has(pbx)) return { ok: false, message: `pbx ${pbx} is not in the configuration` };
    if (this.#nowMs !== undefined && atMs < this.#nowMs) {
      return { ok: false, message: `time goes back by ${this.#nowMs - atMs} ms` };
    }
    if ('frame' in line && line.frame.type !== 'hello' && !this.#instances.has(pbx)) {
      return { ok: false, message: `a ${line.frame.type} of ${pbx} came before its hello` };
    }
    const findings = this.advance(atMs);
    if ('gone' in line) this.#elections.gone(pbx, atMs);
    const isPassDue = 'frame' in line && this.#take(pbx, line.frame, atMs);
    return { ok: true, findings: isPassDue ? [...findings, ...this.#pass(atMs)] : findings };
  }

  /** Lets time pass without a line. */
  advance(atMs: number): readonly ReplayFinding[] {
    const findings: ReplayFinding[] = [];
    if (this.#nowMs === undefined) this.#nextPassMs = atMs + PASS_EVERY_MS;
    for (; this.#nextPassMs <= atMs; this.#nextPassMs += PASS_EVERY_MS) {
      findings.push(...this.#pass(this.#nextPassMs));
      const sick = (this.#latest?.healths ?? []).flatMap(({ isAbstaining, ref }) => (isAbstaining ? [ref.pbx] : []));
      const isNew = this.#elections.tick(new Set(sick), this.#nextPassMs) !== undefined;
      if (isNew) this.#engine.assign(pathDuties(this.#elections.plan));
    }
    this.#nowMs = atMs;
    return findings;
  }

  /** @returns whether a pass is worth making at once. */
  #take(pbx: string, frame: ProbeFrame, nowMs: number): boolean {
    const engine = this.#engine;
    switch (frame.type) {
      case 'hello': {
        const { plan, ...rest } = frame;
        const isOvertaken = this.#isWhatIf && this.#instances.has(pbx);
        this.#instances.set(pbx, frame.instanceId);
        this.#elections.hello(pbx, frame);
        engine.hello(plan && !isOvertaken ? { ...rest, plan } : rest, nowMs);
        return true;
      }
      case 'batch':
        this.#elections.measured(pbx, frame.measurements);
        return engine.batch(pbx, this.#instances.get(pbx) ?? '', frame, nowMs).changedKeys.length > 0;
      case 'event':
        this.#event(pbx, frame, nowMs);
        return false;
      case 'plan-result':
        if (this.#isWhatIf) return false;
        engine.readBack(pbx, routesAfter(engine.routesReadBack(pbx) ?? [], frame));
        return true;
      case 'read-back':
        if (this.#isWhatIf) return false;
        engine.readBack(pbx, frame.plan.routes, frame.plan.down);
        return true;
      case 'targets':
        this.#elections.retarget(pbx, frame.targets);
        engine.retarget(pbx, frame.targets, nowMs);
        return true;
      default:
        return frame satisfies never;
    }
  }

  /** An event that comes again, because its acknowledgement was lost, counts once (safety rule 1). */
  #event(pbx: string, { body, occurredAtEpochMs, outboxId, sequence }: EventFrame, nowMs: number): void {
    const name = `${outboxId} ${sequence}`;
    if (this.#seenEvents.has(name)) return;
    this.#seenEvents.add(name);
    if (body.kind === 'asterisk-connected') this.#engine.asterisk(pbx, true);
    if (body.kind === 'asterisk-lost') this.#engine.asterisk(pbx, false);
    if (body.kind === 'call-ended') this.#engine.callEnded(pbx, body, Math.min(occurredAtEpochMs, nowMs));
  }

  #pass(nowMs: number): readonly ReplayFinding[] {
    const pass = this.#engine.pass((pbx) => this.#modes.get(pbx) ?? NOTHING_ACTS, nowMs);
    this.#latest = pass;
    const changed = pass.routes.filter(({ isChanged }) => isChanged);
    return [
      ...pass.verdictEffects.map((effect) => ({ atEpochMs: nowMs, ...effect })),
      ...pass.flips.map((flip) => ({ atEpochMs: nowMs, kind: 'flip' as const, flip })),
      ...changed.map(({ class: name, mode, pbx, reason, trunks }) => {
        const order = trunks.map(({ trunk, weight }) => `${trunk},${weight}`);
        return { atEpochMs: nowMs, kind: 'plan-changed' as const, pbx, class: name, mode, trunks: order, reason };
      }),
    ];
  }
}

const NOTHING_ACTS = resolveModes([], false, { pbx: '', site: '', classes: [] });
