import { createSocket, type Socket, type SocketType } from 'node:dgram';
import type { Outcome, Phases } from '../../../wire/measurement.ts';
import type { CertificateSight } from './certificate-sight.ts';
import { parseIpAddress } from './host.ts';
import type { SipResponse } from './message.ts';
import { OptionsAttempts } from './options-attempts.ts';
import { buildOptionsRequest } from './options-request.ts';
import { findTargetFault, type OptionsTarget } from './options-target.ts';
import type { OptionsInput, SentOptions } from './options-transaction.ts';
import type { Source } from './response.ts';
import { sendFault } from './send-fault.ts';
import type { Stray } from './stray.ts';

/** One attempt: what it met, and when the request left on the monotonic clock. */
export type OptionsAttempt = {
  readonly outcome: Outcome;
  readonly sentAtMs: number;
  /** The response that settled it. */
  readonly response?: SipResponse | undefined;
  /** Parts before the request left, where a connection was set up for it. */
  readonly phases?: Phases;
  /** The certificate that a connection set up for it was shown. */
  readonly certificate?: CertificateSight;
};

/** How one attempt is made. */
export type OptionsProbeOptions = {
  /** Gives the attempt up as `not-measured`, `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
  /** A request that follows a challenge keeps these two of the challenged one (RFC 3261 §22.2). */
  readonly callId?: string | undefined;
  readonly fromTag?: string | undefined;
  /** Whole header line. */
  readonly authorization?: string | undefined;
};

/** What a prober is opened with. */
export type OptionsProberOptions = {
  /** IP literal that requests leave from, no wildcard; it also decides the family, IPv4 or IPv6. */
  readonly sourceAddress: string;
  /** 0, the default, lets the system choose; it then stays for the life of the prober. */
  readonly sourcePort?: number;
  readonly clock: { readonly nowMs: () => number };
  /** A fresh token of at least 64 random bits at each call: letters and digits, at most 64 characters. */
  readonly randomToken: () => string;
  readonly onStray: (stray: Stray) => void;
  /** The socket reported an error that belongs to no single request; pending attempts have been given up. */
  readonly onSocketFault?: (error: Error) => void;
  readonly userAgent?: string;
  /** Replaces the system's sockets, for tests. */
  readonly createSocket?: (type: SocketType) => Socket;
};

const RECEIVE_BUFFER_BYTES = 4_194_304;
/** Turns of the event loop that a time-out may be put off while datagrams are still being read. */
const MAX_DRAIN_TURNS = 64;

/**
 * Sends single-shot OPTIONS requests from one long-lived UDP socket, so that all targets see one steady source port, and
 * sorts the replies by branch. Any number of attempts may be under way at once.
 *
 * The socket is not connected. Linux then reports no ICMP error of a single target to it, so a closed port shows as
 * `timed-out`, never as `refused`; only what the kernel says at sending (no route, not permitted) is told apart. In
 * exchange a reply from another source is seen and counted instead of being dropped unseen.
 *
 * Times are taken in user space: right before the datagram is handed to the kernel, and first thing when its reply is
 * handed to us. A reply waits in the kernel while the event loop is busy, and that wait is in the round trip; publish the
 * event-loop delay beside it. Attempts begun in one turn of the event loop delay each other's reading, and some hundreds
 * to one address may overflow a receive buffer: spread them, or the instrument measures itself.
 */
export class OptionsProber {
  readonly #options: OptionsProberOptions;
  readonly #family: 4 | 6;
  readonly #socket: Socket;
  readonly #attempts: OptionsAttempts;
  #localPort = 0;
  #sequenceNumber = 0;
  #receivedDatagrams = 0;
  #isClosed = false;

  private constructor(options: OptionsProberOptions, family: 4 | 6) {
    this.#options = options;
    this.#family = family;
    this.#attempts = new OptionsAttempts(options.onStray);
    const open = options.createSocket ?? systemSocket;
    this.#socket = open(family === 4 ? 'udp4' : 'udp6');
  }

  /**
   * Binds the socket.
   *
   * @throws Error when the source address is no IP literal; the system's error (`EADDRNOTAVAIL`, `EADDRINUSE`) when it
   *   cannot be bound.
   */
  static async open(options: OptionsProberOptions): Promise<OptionsProber> {
    const source = parseIpAddress(options.sourceAddress);
    if (!source) throw new Error(`source address ${options.sourceAddress} is no IP literal`);
    const prober = new OptionsProber(options, source.family);
    try {
      await prober.#bind();
    } catch (cause) {
      prober.#socket.close();
      throw cause;
    }
    return prober;
  }

  /** Address and port that requests leave from. */
  get source(): Source {
    return { address: this.#options.sourceAddress, port: this.#localPort };
  }

  /**
   * Makes one attempt: one datagram out, at most one answer back. The datagram is with the kernel when this returns its
   * promise, microseconds after `sentAtMs`.
   *
   * @param options.timeoutMs - from sending; a reply that reached this host in time but was read late still counts.
   * @throws Error for a target that {@link findTargetFault} refuses, or a token that fits no header.
   */
  async probe(target: OptionsTarget, options: OptionsProbeOptions): Promise<OptionsAttempt> {
    const { signal, timeoutMs } = options;
    const cannot = this.#obstacle(target, signal);
    if (cannot) return { outcome: cannot, sentAtMs: this.#options.clock.nowMs() };
    const { identity, bytes } = this.#compose(target, options);
    const sentAtMs = this.#options.clock.nowMs();
    return new Promise((resolve) => {
      const { branch } = identity;
      const timer = setTimeout(() => this.#expire(branch, MAX_DRAIN_TURNS), timeoutMs);
      const onAbort = () => this.#apply(branch, { kind: 'cancelled' });
      this.#attempts.start({ ...identity, sentAtMs }, target, (outcome, response) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        resolve({ outcome, sentAtMs, ...(response && { response }) });
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#socket.send(bytes, target.port, target.address, (error) => {
        if (error) this.#apply(branch, { kind: 'socket-fault', fault: sendFault(error) });
      });
    });
  }

  /** Gives up what is pending as `cancelled` and closes the socket; later attempts are `cancelled` at once. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#attempts.applyToAll({ kind: 'cancelled' }, this.#options.clock.nowMs());
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  async #bind(): Promise<void> {
    const { sourceAddress, sourcePort = 0 } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind({ address: sourceAddress, port: sourcePort, exclusive: true }, () => {
        this.#socket.off('error', reject);
        resolve();
      });
    });
    this.#localPort = this.#socket.address().port;
    this.#socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    this.#socket.on('error', (error) => this.#abandon(error));
    this.#socket.on('message', (bytes, source) => {
      const receivedAtMs = this.#options.clock.nowMs();
      this.#receivedDatagrams += 1;
      this.#attempts.receive(bytes, { address: source.address, port: source.port }, receivedAtMs);
    });
  }

  #obstacle(target: OptionsTarget, signal: AbortSignal | undefined): Outcome | undefined {
    if (this.#isClosed || signal?.aborted) return { kind: 'not-measured', reason: 'cancelled' };
    const fault = findTargetFault(target);
    if (fault) throw new Error(`target ${target.requestUri} at ${target.address} cannot be probed: ${fault}`);
    const hasRoute = parseIpAddress(target.address)?.family === this.#family;
    return hasRoute ? undefined : { kind: 'not-measured', reason: 'no-route' };
  }

  #compose(
    target: OptionsTarget,
    { authorization, callId, fromTag }: OptionsProbeOptions,
  ): { readonly identity: Omit<SentOptions, 'sentAtMs'>; readonly bytes: Uint8Array } {
    const { randomToken, userAgent = 'trunkward', sourceAddress } = this.#options;
    this.#sequenceNumber = (this.#sequenceNumber % (2 ** 31 - 1)) + 1;
    const identity = {
      branch: `z9hG4bK${randomToken()}`,
      callId: callId ?? randomToken(),
      sequenceNumber: this.#sequenceNumber,
      target: { address: target.address, port: target.port },
    };
    const built = buildOptionsRequest({
      ...identity,
      requestUri: target.requestUri,
      localAddress: sourceAddress,
      localPort: this.#localPort,
      fromTag: fromTag ?? randomToken(),
      userAgent,
      ...(authorization === undefined ? {} : { authorization }),
      ...(target.fromUser === undefined ? {} : { fromUser: target.fromUser }),
    });
    if (!built.ok) throw new Error(`OPTIONS to ${target.requestUri} cannot be built: ${built.fault}`);
    return { identity, bytes: built.bytes };
  }

  /** Settles a time-out once the datagrams that were already waiting in the kernel have been read. */
  #expire(branch: string, turnsLeft: number): void {
    const before = this.#receivedDatagrams;
    setImmediate(() => {
      const isStillReading = this.#receivedDatagrams !== before && turnsLeft > 0;
      if (isStillReading && this.#attempts.isPending(branch)) this.#expire(branch, turnsLeft - 1);
      else this.#apply(branch, { kind: 'timeout' });
    });
  }

  #apply(branch: string, input: OptionsInput): void {
    this.#attempts.apply(branch, input, this.#options.clock.nowMs());
  }

  #abandon(error: Error): void {
    this.#attempts.applyToAll({ kind: 'socket-fault', fault: 'socket-error' }, this.#options.clock.nowMs());
    this.#options.onSocketFault?.(error);
  }
}

/** An IP literal needs no resolver; answering at once lets `send` make its system call before it returns. */
function systemSocket(type: SocketType): Socket {
  return createSocket({
    type,
    ipv6Only: type === 'udp6',
    lookup: (address, _options, callback) => callback(null, address, type === 'udp4' ? 4 : 6),
  });
}
