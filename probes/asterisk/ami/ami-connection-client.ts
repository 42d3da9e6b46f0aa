import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { AmiAction } from './action-encoder.ts';
import type { AmiAddress } from './ami-contract.ts';
import { AmiError, type AmiErrorCode } from './ami-error.ts';
import type { AmiPacket } from './ami-packet.ts';
import type { ActionOutcome } from './flight.ts';
import { type DecoderLimits, PacketDecoder } from './packet-decoder.ts';
import { stepSession } from './session.ts';
import {
  beginSession,
  nextDeadlineMs,
  type SessionConfig,
  type SessionEffect,
  type SessionInput,
  type SessionState,
} from './session-state.ts';

/** What one connection tells its owner. None of these may throw. */
export type ConnectionListener = {
  readonly onLoggedIn: (amiVersion: string) => void;
  readonly onEvent: (packet: AmiPacket) => void;
  /** Something was passed over: a line that is no header, or a packet that belongs to nothing. */
  readonly onPassedOver: (what: 'malformed-line' | 'stray-packet') => void;
  /** Last call of a connection, exactly once, after every action in flight was settled. */
  readonly onClosed: (code: AmiErrorCode, reason: string) => void;
};

/** How to make one connection. */
export type ConnectionOptions = {
  readonly address: AmiAddress;
  readonly session: SessionConfig;
  readonly decoder: DecoderLimits;
  readonly nowMs: () => number;
  readonly listener: ConnectionListener;
};

/** One action's say: monotonic deadline, list or not, and who may cancel it. */
export type SendOptions = {
  readonly actionId: string;
  readonly timeoutMs: number;
  readonly isList: boolean;
  readonly signal?: AbortSignal | undefined;
};

/** The part of {@link ActionOutcome} that is an answer. */
export type AmiAnswer = Extract<ActionOutcome, { kind: 'answered' }>;

type Waiting = { readonly settle: (outcome: ActionOutcome) => void };

/** Bytes that may wait unsent before Asterisk counts as not reading, which it never does for long. */
const MAX_UNSENT_BYTES = 1_048_576;

/**
 * The socket of one manager connection, from dialling to its end. It is made for one attempt and never used again, so
 * no byte of an old stream meets a new one.
 */
export class AmiConnection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #decoder: PacketDecoder;
  readonly #waiting = new Map<string, Waiting>();
  #state: SessionState;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #lastByteAtMs: number;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#decoder = new PacketDecoder(options.decoder);
    this.#lastByteAtMs = options.nowMs();
    this.#state = beginSession(options.session, this.#lastByteAtMs);
    this.#socket = connect({ ...options.address, noDelay: true } satisfies NetConnectOpts);
    let socketError: Error | undefined;
    let isConnected = false;
    this.#socket.on('connect', () => {
      isConnected = true;
    });
    this.#socket.on('data', (bytes) => this.#read(bytes));
    this.#socket.on('error', (error) => {
      socketError = error;
    });
    this.#socket.on('close', () => {
      const code = isConnected ? 'AMI_DISCONNECTED' : 'AMI_CONNECT_FAILED';
      this.#feed({ kind: 'lost', code, reason: socketError?.message ?? 'Asterisk closed the connection' });
    });
    this.#arm();
  }

  /** Monotonic ms at which the last byte came from Asterisk; before the first one, the time of dialling. */
  get lastByteAtMs(): number {
    return this.#lastByteAtMs;
  }

  /** Sends one action; rejects with an {@link AmiError}, resolves with Asterisk's answer, Success or Error. */
  send(action: AmiAction, { actionId, timeoutMs, isList, signal }: SendOptions): Promise<AmiAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<AmiAnswer>();
    if (signal?.aborted) {
      reject(new AmiError('AMI_CANCELLED', `${action.name}: cancelled before it was sent`, { cause: signal.reason }));
      return promise;
    }
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) {
      reject(new AmiError('AMI_TOO_MANY_ACTIONS', `${this.#socket.writableLength} bytes wait unsent to Asterisk`));
      return promise;
    }
    const cancel = (): void => this.#feed({ kind: 'cancel', actionId });
    const isTaken = this.#waiting.has(actionId);
    if (isTaken) {
      reject(new AmiError('AMI_BAD_ACTION', `ActionID ${actionId} is already in flight`));
      return promise;
    }
    this.#waiting.set(actionId, {
      settle: (outcome) => {
        signal?.removeEventListener('abort', cancel);
        if (outcome.kind === 'answered') resolve(outcome);
        else reject(new AmiError(outcome.code, outcome.reason, signal?.aborted ? { cause: signal.reason } : {}));
      },
    });
    signal?.addEventListener('abort', cancel, { once: true });
    this.#feed({ kind: 'action', action, actionId, timeoutMs, isList });
    return promise;
  }

  /** Ends the connection; everything in flight is rejected with this code. Safe to call again. */
  end(code: AmiErrorCode, reason: string): void {
    this.#feed({ kind: 'lost', code, reason });
  }

  #read(bytes: Buffer): void {
    this.#lastByteAtMs = this.#options.nowMs();
    const { found, fault } = this.#decoder.push(bytes);
    for (const item of found) {
      if (item.kind === 'malformed-line') this.#options.listener.onPassedOver('malformed-line');
      else this.#feed(item);
    }
    if (fault === 'bad-greeting') this.end('AMI_BAD_GREETING', 'what answers is no Asterisk manager');
    else if (fault !== undefined) this.end('AMI_STREAM_FAULT', `manager stream: ${fault}`);
  }

  #feed(input: SessionInput): void {
    const step = stepSession(this.#state, input, this.#options.nowMs(), this.#options.session);
    this.#state = step.state;
    for (const effect of step.effects) this.#carryOut(effect);
    this.#arm();
    const isEnded = step.effects.find((effect) => effect.kind === 'disconnect');
    if (isEnded && !this.#isClosed) {
      this.#isClosed = true;
      this.#options.listener.onClosed(isEnded.code, isEnded.reason);
    }
  }

  #carryOut(effect: SessionEffect): void {
    const { listener } = this.#options;
    switch (effect.kind) {
      case 'send':
        this.#socket.write(effect.text);
        return;
      case 'logged-in':
        listener.onLoggedIn(effect.amiVersion);
        return;
      case 'event':
        listener.onEvent(effect.packet);
        return;
      case 'stray':
        listener.onPassedOver('stray-packet');
        return;
      case 'settle': {
        const waiting = this.#waiting.get(effect.actionId);
        this.#waiting.delete(effect.actionId);
        waiting?.settle(effect.outcome);
        return;
      }
      case 'disconnect':
        this.#socket.destroy();
        return;
      default:
        effect satisfies never;
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const deadlineMs = nextDeadlineMs(this.#state);
    if (deadlineMs === undefined) return;
    const waitMs = Math.max(0, Math.ceil(deadlineMs - this.#options.nowMs()));
    this.#timer = setTimeout(() => this.#feed({ kind: 'tick' }), waitMs);
  }
}
