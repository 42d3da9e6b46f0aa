import type { Socket } from 'node:net';
import type { Outcome } from '../../../wire/measurement.ts';
import { decodeStream, NO_REST } from './message-stream.ts';
import { OptionsAttempts } from './options-attempts.ts';
import type { OptionsAttempt, OptionsProbeOptions } from './options-probe.ts';
import { buildOptionsRequest } from './options-request.ts';
import type { OptionsTarget } from './options-target.ts';
import type { OptionsInput } from './options-transaction.ts';
import { type ConnectionResult, type ConnectionTarget, openConnection } from './sip-connection-client.ts';
import type { Stray } from './stray.ts';

/** What a stream prober is made with: one source, one target. */
export type OptionsStreamProberOptions = {
  readonly target: OptionsTarget;
  readonly connection: ConnectionTarget;
  readonly clock: { readonly nowMs: () => number };
  /** A fresh token of at least 64 random bits at each call: letters and digits, at most 64 characters. */
  readonly randomToken: () => string;
  readonly onStray: (stray: Stray) => void;
  readonly userAgent?: string;
};

type Open = { readonly socket: Socket; rest: Uint8Array };

/**
 * Sends single-shot OPTIONS requests over one TCP or TLS connection, which is kept open from attempt to attempt and set up
 * anew by the attempt that finds it gone. One deadline holds for connecting, handshake and answer together.
 *
 * A connection on which an answer was missed is given up: behind a lost path or a forgotten NAT mapping it would miss for
 * ever. TCP repairs loss of its own, so a lost segment shows as a longer round trip here and not as a miss.
 *
 * @see RFC 3261 §18.2.1, §18.3, §18.4.
 */
export class OptionsStreamProber {
  readonly #options: OptionsStreamProberOptions;
  readonly #attempts: OptionsAttempts;
  #open: Open | undefined;
  #opening: Promise<ConnectionResult> | undefined;
  #sequenceNumber = 0;
  #isClosed = false;

  constructor(options: OptionsStreamProberOptions) {
    this.#options = options;
    this.#attempts = new OptionsAttempts(options.onStray);
  }

  /**
   * Makes one attempt. `sentAtMs` is when the request was handed to the kernel, or when the attempt began where none was.
   *
   * @throws Error for a target or token that fits no header.
   */
  async probe(options: OptionsProbeOptions): Promise<OptionsAttempt> {
    const { clock } = this.#options;
    const startedAtMs = clock.nowMs();
    if (this.#isClosed || options.signal?.aborted) return cancelled(startedAtMs);
    const reused = this.#open;
    const made = reused ? undefined : await this.#connect(options);
    const seen = made && { phases: made.phases, ...(made.certificate && { certificate: made.certificate }) };
    if (made && !made.ok) return { outcome: made.outcome, sentAtMs: startedAtMs, ...seen };
    const open = this.#open;
    if (!open) {
      const reset: Outcome = { kind: 'refused', reason: 'connection-reset' };
      return this.#isClosed ? cancelled(startedAtMs) : { outcome: reset, sentAtMs: startedAtMs, ...seen };
    }
    const leftMs = Math.max(1, options.timeoutMs - (clock.nowMs() - startedAtMs));
    return { ...(await this.#ask(open, options, leftMs)), ...seen };
  }

  /** Gives up what is pending as `cancelled` and closes the connection; later attempts are `cancelled` at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#attempts.applyToAll({ kind: 'cancelled' }, this.#options.clock.nowMs());
    await this.#opening;
    this.#open?.socket.destroy();
    this.#open = undefined;
  }

  /** Attempts that begin while a connection is being set up share it, and its end. */
  #connect({ signal, timeoutMs }: OptionsProbeOptions): Promise<ConnectionResult> {
    this.#opening ??= openConnection(this.#options.connection, { clock: this.#options.clock, signal, timeoutMs }).then(
      (result) => {
        this.#opening = undefined;
        if (result.ok && this.#isClosed) result.socket.destroy();
        else if (result.ok) this.#adopt(result.socket);
        return result;
      },
    );
    return this.#opening;
  }

  #adopt(socket: Socket): void {
    const open: Open = { socket, rest: NO_REST };
    const { clock, connection } = this.#options;
    const source = { address: connection.address, port: connection.port };
    this.#open = open;
    socket.on('data', (chunk: Uint8Array) => {
      const receivedAtMs = clock.nowMs();
      const decoded = decodeStream(open.rest, chunk);
      for (const message of decoded.messages) this.#attempts.receive(message, source, receivedAtMs);
      if (decoded.ok) open.rest = decoded.rest;
      else this.#lose(open);
    });
    socket.on('error', () => this.#lose(open));
    socket.on('end', () => this.#lose(open));
    socket.on('close', () => this.#lose(open));
  }

  #lose(open: Open): void {
    open.socket.destroy();
    if (this.#open !== open) return;
    this.#open = undefined;
    const fault = this.#isClosed ? ({ kind: 'cancelled' } as const) : RESET;
    this.#attempts.applyToAll(fault, this.#options.clock.nowMs());
  }

  #ask(open: Open, options: OptionsProbeOptions, leftMs: number): Promise<OptionsAttempt> {
    const { clock, connection, randomToken, target, userAgent = 'trunkward' } = this.#options;
    const { authorization, callId = randomToken(), fromTag = randomToken(), signal } = options;
    this.#sequenceNumber = (this.#sequenceNumber % (2 ** 31 - 1)) + 1;
    const identity = { branch: `z9hG4bK${randomToken()}`, callId, sequenceNumber: this.#sequenceNumber };
    const built = buildOptionsRequest({
      ...identity,
      requestUri: target.requestUri,
      localAddress: connection.sourceAddress,
      localPort: open.socket.localPort ?? 0,
      fromTag,
      userAgent,
      transport: connection.transport,
      ...(authorization === undefined ? {} : { authorization }),
      ...(target.fromUser === undefined ? {} : { fromUser: target.fromUser }),
    });
    if (!built.ok) throw new Error(`OPTIONS to ${target.requestUri} cannot be built: ${built.fault}`);
    const { branch } = identity;
    const sentAtMs = clock.nowMs();
    return new Promise((resolve) => {
      const apply = (input: OptionsInput) => this.#attempts.apply(branch, input, clock.nowMs());
      const timer = setTimeout(() => setImmediate(apply, { kind: 'timeout' }), leftMs);
      const onAbort = () => apply({ kind: 'cancelled' });
      const sent = { ...identity, target: { address: connection.address, port: connection.port }, sentAtMs };
      this.#attempts.start(sent, target, (outcome, response) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        if (outcome.kind === 'timed-out') this.#lose(open);
        resolve({ outcome, sentAtMs, ...(response && { response }) });
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      open.socket.write(built.bytes);
    });
  }
}

const RESET: OptionsInput = { kind: 'socket-fault', fault: 'connection-reset' };

function cancelled(sentAtMs: number): OptionsAttempt {
  return { outcome: { kind: 'not-measured', reason: 'cancelled' }, sentAtMs };
}
