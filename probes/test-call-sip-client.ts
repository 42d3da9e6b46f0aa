import type { Socket } from 'node:dgram';
import { callDueAtMs, stepCall } from './measure/sip/invite-call.ts';
import type { CallEffect, CallInput, CallState, CallStep } from './measure/sip/invite-state.ts';
import { parseMessage } from './measure/sip/message.ts';
import { bindUdp } from './udp-bind-client.ts';

/** What a call asks of its surroundings. */
export type CallLineDeps = {
  readonly nowMs: () => number;
  /** Resolves when the state's record is on the disk. */
  readonly journal: (state: CallState) => Promise<void>;
  readonly onAnswered: (body: Uint8Array) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** Longest sleep of a timer; the call is looked at again then. */
const MAX_SLEEP_MS = 60_000;

/**
 * Carries one call: its UDP socket, its timer, and its effects in order. Nothing leaves before the journal record in front of it
 * is on the disk; a journal that fails keeps the first INVITE back, and later stops nothing, since a call has to be ended.
 */
export class CallLine {
  readonly #socket: Socket;
  readonly #deps: CallLineDeps;
  #state: CallState | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tail: Promise<void> = Promise.resolve();
  #hasSent = false;
  #isClosed = false;
  #waiting: { readonly isMet: (state: CallState) => boolean; readonly resolve: (state: CallState) => void }[] = [];
  #reject: (cause: unknown) => void = () => undefined;

  private constructor(socket: Socket, deps: CallLineDeps) {
    this.#socket = socket;
    this.#deps = deps;
    socket.on('message', (bytes, { address, port }) => {
      const parsed = parseMessage(bytes);
      if (!parsed.ok) return;
      const message = parsed.value;
      if (message.kind === 'response') this.tell({ kind: 'response', response: message });
      else this.tell({ kind: 'request', request: message, source: { address, port } });
    });
  }

  /**
   * Binds the call's socket.
   *
   * @param port - 0 lets the system choose.
   * @throws the system's error where it cannot be bound.
   */
  static async open(address: string, port: number, deps: CallLineDeps): Promise<CallLine> {
    return new CallLine(await bindUdp(address, port, (cause) => deps.onFault('test call', cause)), deps);
  }

  get localPort(): number {
    return this.#socket.address().port;
  }

  /**
   * Runs a call until the condition is met; call once.
   *
   * @throws what kept the first journal record from the disk: then nothing was sent.
   */
  run(begin: CallStep, isMet: (state: CallState) => boolean): Promise<CallState> {
    const met = new Promise<CallState>((resolve, reject) => {
      this.#waiting.push({ isMet, resolve });
      this.#reject = reject;
    });
    this.#take(begin);
    return met;
  }

  /** Tells the call something; without effect before it runs and after {@link CallLine.close}. */
  tell(input: CallInput): void {
    if (!this.#state || this.#isClosed) return;
    this.#take(stepCall(this.#state, input, this.#deps.nowMs()));
  }

  /** Ends socket and timer; the call itself is not ended by it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket.close();
  }

  #take({ effects, state }: CallStep): void {
    this.#state = state;
    for (const effect of effects) this.#tail = this.#tail.then(() => this.#carryOut(effect, state));
    clearTimeout(this.#timer);
    const sleepMs = Math.min(MAX_SLEEP_MS, Math.max(0, callDueAtMs(state) - this.#deps.nowMs()));
    if (!this.#isClosed) this.#timer = setTimeout(() => this.tell({ kind: 'time' }), sleepMs);
    const met = this.#waiting.filter(({ isMet }) => isMet(state));
    this.#waiting = this.#waiting.filter((each) => !met.includes(each));
    for (const { resolve } of met) void this.#tail.then(() => resolve(state));
  }

  async #carryOut(effect: CallEffect, state: CallState): Promise<void> {
    if (this.#isClosed) return;
    switch (effect.kind) {
      case 'journal':
        try {
          await this.#deps.journal(state);
        } catch (cause) {
          if (this.#hasSent) this.#deps.onFault('test call journal', cause);
          else {
            this.close();
            this.#reject(cause);
          }
        }
        return;
      case 'send': {
        this.#hasSent = true;
        const { address, port } = effect.destination;
        this.#socket.send(effect.bytes, port, address, (cause) => {
          if (cause) this.tell({ kind: 'transport-failed' });
        });
        return;
      }
      case 'answered':
        this.#deps.onAnswered(effect.body);
        return;
      default:
        effect satisfies never;
    }
  }
}
