import type { Outcome } from '../../../wire/measurement.ts';
import { EndedAttempts } from './ended-attempts.ts';
import { parseMessage, type SipResponse } from './message.ts';
import type { OptionsTarget } from './options-target.ts';
import {
  type OptionsEffect,
  type OptionsInput,
  type OptionsState,
  type SentOptions,
  startOptions,
  stepOptions,
} from './options-transaction.ts';
import type { Source } from './response.ts';
import type { Stray } from './stray.ts';

/** Called when an attempt is over, with the response that settled it if one did. */
export type FinishAttempt = (outcome: Outcome, response: SipResponse | undefined) => void;

type Pending = {
  state: OptionsState;
  readonly sent: SentOptions;
  readonly target: OptionsTarget;
  readonly finish: FinishAttempt;
};

/**
 * The attempts that are under way and those lately over, by branch: sorts every datagram to the one attempt it may settle,
 * or reports it as a stray. No sockets and no clock; all times come in and are monotonic milliseconds.
 */
export class OptionsAttempts {
  readonly #pending = new Map<string, Pending>();
  readonly #ended = new EndedAttempts<OptionsTarget>();
  readonly #onStray: (stray: Stray) => void;

  constructor(onStray: (stray: Stray) => void) {
    this.#onStray = onStray;
  }

  /** Enters an attempt whose request leaves now. `finish` is called once, when it is over. */
  start(sent: SentOptions, target: OptionsTarget, finish: FinishAttempt): void {
    this.#pending.set(sent.branch, { state: startOptions(sent), sent, target, finish });
  }

  /** The attempt of that branch is under way. */
  isPending(branch: string): boolean {
    return this.#pending.has(branch);
  }

  /** Applies a time-out, a fault or a cancellation to one attempt; nothing if it is over already. */
  apply(branch: string, input: OptionsInput, nowMs: number): void {
    const pending = this.#pending.get(branch);
    if (!pending) return;
    const { state, effects } = stepOptions(pending.state, input, nowMs);
    pending.state = state;
    if (state.kind === 'settled') {
      const response = input.kind === 'message' && input.message.kind === 'response' ? input.message : undefined;
      this.#end(pending, state.outcome, response, nowMs);
    }
    if (state.kind === 'waiting' && input.kind === 'message') this.#reportIgnored(effects, input.source);
  }

  /** Applies one input to every attempt under way. */
  applyToAll(input: OptionsInput, nowMs: number): void {
    for (const branch of this.#pending.keys()) this.apply(branch, input, nowMs);
  }

  /** Takes in one datagram, whatever it is. */
  receive(bytes: Uint8Array, source: Source, receivedAtMs: number): void {
    const parsed = parseMessage(bytes);
    if (!parsed.ok) {
      this.#onStray({ reason: 'unparsable', fault: parsed.fault, source });
      return;
    }
    const input = { kind: 'message', message: parsed.value, source } as const;
    const branch = input.message.vias[0].parameters.get('branch') ?? '';
    if (input.message.kind === 'request') this.#onStray({ reason: 'request', source });
    else if (this.#pending.has(branch)) this.apply(branch, input, receivedAtMs);
    else this.#receiveAfterTheEnd(branch, input, receivedAtMs);
  }

  #receiveAfterTheEnd(branch: string, input: OptionsInput & { kind: 'message' }, receivedAtMs: number): void {
    const { source } = input;
    const ended = this.#ended.find(branch);
    if (!ended) {
      this.#onStray({ reason: 'unknown-branch', source });
      return;
    }
    const { state, effects } = stepOptions(startOptions(ended.sent), input, receivedAtMs);
    if (state.kind === 'waiting') this.#reportIgnored(effects, source);
    else if (ended.wasAnswered) this.#onStray({ reason: 'duplicate', source });
    else this.#onStray({ reason: 'late', target: ended.target, rttMs: receivedAtMs - ended.sent.sentAtMs, source });
  }

  #end(pending: Pending, outcome: Outcome, response: SipResponse | undefined, nowMs: number): void {
    const { sent, target, finish } = pending;
    this.#pending.delete(sent.branch);
    this.#ended.add({ sent, target, wasAnswered: outcome.kind === 'answered' }, nowMs);
    finish(outcome, response);
  }

  #reportIgnored(effects: readonly OptionsEffect[], source: Source): void {
    for (const effect of effects) {
      if (effect.kind !== 'ignore' || effect.reason === 'wrong-branch' || effect.reason === 'settled') continue;
      this.#onStray({ reason: effect.reason, source });
    }
  }
}
