import { createHash, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { reconnectDelayMs } from '../../reconnect-delay.ts';
import type { AmiAction } from './action-encoder.ts';
import { type AmiAnswer, AmiConnection } from './ami-connection-client.ts';
import {
  type ActionOptions,
  type AmiClientOptions,
  type AmiCounts,
  type AmiListResponse,
  type AmiResponse,
  type AmiState,
  type AmiTimings,
  DEFAULT_AMI_TIMINGS,
} from './ami-contract.ts';
import { AmiError, type AmiErrorCode } from './ami-error.ts';
import { type AmiPacket, firstValue } from './ami-packet.ts';
import { DEFAULT_DECODER_LIMITS } from './packet-decoder.ts';
import type { Login, SessionConfig } from './session-state.ts';

/** Pings in a row that may go unanswered while other bytes still come. */
const MAX_MISSED_PINGS = 3;

/**
 * The probe's one connection to the Asterisk beside it. It connects, logs in, watches itself with Ping, and comes back
 * with growing, spread waits that only an accepted login resets. Actions are refused at once while it is away: nothing
 * is queued and nothing is repeated by itself. Listeners must not throw; one that does ends the process.
 *
 * @see https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
 */
export class AmiClient {
  readonly #options: AmiClientOptions;
  readonly #timings: AmiTimings;
  readonly #nowMs: () => number;
  readonly #random: () => number;
  readonly #newActionId: () => string;
  readonly #eventListeners = new Set<(packet: AmiPacket) => void>();
  readonly #stateListeners = new Set<(state: AmiState) => void>();
  #state: AmiState = { kind: 'idle' };
  #connection: AmiConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #counts: AmiCounts = { malformedLines: 0, strayPackets: 0, logins: 0 };

  constructor(options: AmiClientOptions) {
    this.#options = options;
    this.#timings = { ...DEFAULT_AMI_TIMINGS, ...options.timings };
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    this.#newActionId = options.newActionId ?? randomUUID;
  }

  /** Where the connection stands. */
  get state(): AmiState {
    return this.#state;
  }

  /** What was passed over, and how often a login was accepted. */
  get counts(): AmiCounts {
    return this.#counts;
  }

  /** Begins to connect; the outcome shows in {@link state}. A second call does nothing. */
  start(): void {
    if (this.#state.kind === 'idle') this.#connect();
  }

  /** Calls back for every event that belongs to no list, in order; returns the way to stop. */
  onEvent(listener: (packet: AmiPacket) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** Calls back at every change of {@link state}; returns the way to stop. */
  onState(listener: (state: AmiState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Sends one action and waits for its response. Rejects with an {@link AmiError} only. */
  async action(action: AmiAction, options: ActionOptions = {}): Promise<AmiResponse> {
    return toResponse(await this.#send(action, false, options));
  }

  /** Sends one list action and waits for the end of the list. Rejects with an {@link AmiError} only. */
  async listAction(action: AmiAction, options: ActionOptions = {}): Promise<AmiListResponse> {
    const answer = await this.#send(action, true, options);
    return { ...toResponse(answer), items: answer.items };
  }

  /** Ends for good: no reconnect, every action in flight rejected with `AMI_CLOSED`. */
  close(): void {
    if (this.#state.kind === 'closed') return;
    clearTimeout(this.#timer);
    const connection = this.#connection;
    this.#connection = undefined;
    this.#become({ kind: 'closed' });
    connection?.end('AMI_CLOSED', 'the client was closed');
  }

  #send(action: AmiAction, isList: boolean, { timeoutMs, signal }: ActionOptions): Promise<AmiAnswer> {
    const connection = this.#connection;
    if (this.#state.kind === 'closed') {
      return Promise.reject(new AmiError('AMI_CLOSED', `${action.name}: the client is closed`));
    }
    if (connection === undefined) {
      return Promise.reject(new AmiError('AMI_NOT_CONNECTED', `${action.name}: not connected to Asterisk`));
    }
    const actionId = this.#newActionId();
    return connection.send(action, { actionId, timeoutMs: timeoutMs ?? this.#timings.actionTimeoutMs, isList, signal });
  }

  #connect(): void {
    this.#become({ kind: 'connecting' });
    const connection: AmiConnection = new AmiConnection({
      address: this.#options.address,
      session: this.#sessionConfig(),
      decoder: DEFAULT_DECODER_LIMITS,
      nowMs: this.#nowMs,
      listener: {
        onLoggedIn: (amiVersion) => this.#takeLogin(connection, amiVersion),
        onEvent: (packet) => {
          for (const listener of this.#eventListeners) listener(packet);
        },
        onPassedOver: (what) => this.#count(what === 'malformed-line' ? 'malformedLines' : 'strayPackets'),
        onClosed: (code, reason) => this.#takeLoss(connection, code, reason),
      },
    });
    this.#connection = connection;
  }

  #sessionConfig(): SessionConfig {
    const { username, readSecret, auth, eventMask } = this.#options;
    const login: Login =
      auth === 'plain'
        ? { kind: 'plain', username, secret: readSecret() }
        : {
            kind: 'md5',
            username,
            keyFor: (challenge) => createHash('md5').update(challenge).update(readSecret()).digest('hex'),
          };
    return {
      login,
      eventMask,
      loginTimeoutMs: this.#timings.loginTimeoutMs,
      maxInFlight: this.#options.maxInFlight ?? 64,
      flight: {
        maxListItems: this.#options.maxListItems ?? 50_000,
        maxListBytes: this.#options.maxListBytes ?? 33_554_432,
      },
    };
  }

  #takeLogin(connection: AmiConnection, amiVersion: string): void {
    this.#failures = 0;
    this.#count('logins');
    this.#become({ kind: 'connected', amiVersion });
    this.#schedulePing(connection, 0);
  }

  #takeLoss(connection: AmiConnection, code: AmiErrorCode, reason: string): void {
    if (connection !== this.#connection) return;
    clearTimeout(this.#timer);
    this.#connection = undefined;
    this.#failures += 1;
    const retryInMs = reconnectDelayMs(this.#failures, this.#random(), this.#timings.reconnect);
    this.#timer = setTimeout(() => this.#connect(), retryInMs);
    this.#become({ kind: 'lost', code, reason, retryInMs });
  }

  #schedulePing(connection: AmiConnection, missed: number): void {
    clearTimeout(this.#timer);
    if (connection !== this.#connection) return;
    this.#timer = setTimeout(() => void this.#ping(connection, missed), this.#timings.pingIntervalMs);
  }

  async #ping(connection: AmiConnection, missed: number): Promise<void> {
    const sentAtMs = this.#nowMs();
    try {
      await this.#send({ name: 'Ping', fields: [] }, false, { timeoutMs: this.#timings.pingTimeoutMs });
      this.#schedulePing(connection, 0);
    } catch (error) {
      if (!(error instanceof AmiError)) throw error;
      if (connection !== this.#connection) return;
      const isSilent = connection.lastByteAtMs < sentAtMs;
      if (error.code !== 'AMI_ACTION_TIMEOUT') this.#schedulePing(connection, missed);
      else if (isSilent || missed + 1 >= MAX_MISSED_PINGS) {
        connection.end('AMI_UNRESPONSIVE', `no answer to Ping within ${this.#timings.pingTimeoutMs} ms`);
      } else this.#schedulePing(connection, missed + 1);
    }
  }

  #count(what: keyof AmiCounts): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + 1 };
  }

  #become(state: AmiState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }
}

function toResponse({ response }: AmiAnswer): AmiResponse {
  return {
    isSuccess: firstValue(response, 'Response')?.toLowerCase() === 'success',
    message: firstValue(response, 'Message') ?? '',
    packet: response,
  };
}
