import { type KeyObject, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { ArrivalCount } from './arrival-count.ts';
import { LineDecoder } from './line-decoder.ts';
import { dataHead, type LineBounds, type LineCount, type LineMessage } from './line-record.ts';
import { isSealed, sealMessage } from './line-seal-probe.ts';
import { earn, spend, startPace } from './send-pace.ts';

/** Why this end gives a transfer up. */
export type LineYield = 'live-calls' | 'calls-unknown' | 'closed';

/** What a connection was waited for: a message that is proved genuine, or that none will come. */
export type Heard =
  | LineMessage
  | { readonly kind: 'over'; readonly why: 'closed' | 'timed-out' | 'malformed' | 'not-proved' | 'cut' | LineYield };

/** What arrived, and how it ended; `cut`: the time was up, or more came than was agreed. */
export type Collected = { readonly heard: Heard; readonly count: LineCount };

const TICK_MS = 5;
/** One record holds at most this, and no less than a packet unless it is the last. */
const RECORD_BYTES = 16_384;
const LEAST_RECORD_BYTES = 1400;
/** Of the moments at which something could have been sent. */
const HELD_RATIO = 0.1;
const FIRST_DATA_MS = 5000;
const GONE_MS = 2000;

/**
 * One TCP connection of a transfer, from either end. Owns the socket: nothing of it throws, and after {@link reset} or
 * {@link finish} it is gone, with all that the system still had to send in the first case.
 */
export class LineConnection {
  readonly #socket: Socket;
  readonly #key: KeyObject;
  #nonce: Uint8Array | undefined;
  readonly #decoder = new LineDecoder();
  readonly #arrivals = new ArrivalCount();
  readonly #queue: Heard[] = [];
  #waiting: ((heard: Heard) => void) | undefined;
  #over: Heard | undefined;
  #collecting: LineBounds | undefined;
  #cutTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, key: KeyObject) {
    this.#socket = socket;
    this.#key = key;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#end({ kind: 'over', why: 'closed' }));
    socket.on('data', (piece: Uint8Array) => this.#take(piece));
  }

  /** Sends a message. One end has to say `open` first; its nonce binds all that follows to this connection. */
  say(message: LineMessage): void {
    if (message.kind === 'open') this.#nonce = message.nonce;
    if (this.#nonce && this.#socket.writable) this.#socket.write(sealMessage(message, this.#key, this.#nonce));
  }

  /** The next message, or why there is none. One caller at a time. */
  async next(timeoutMs: number): Promise<Heard> {
    const known = this.#queue.shift() ?? this.#over;
    if (known) return known;
    const { promise, resolve } = Promise.withResolvers<Heard>();
    const timer = setTimeout(() => resolve({ kind: 'over', why: 'timed-out' }), timeoutMs);
    this.#waiting = resolve;
    const heard = await promise;
    this.#waiting = undefined;
    clearTimeout(timer);
    return heard;
  }

  /** Counts what arrives until the other end has sent all, or the bounds are reached. */
  async collect(bounds: LineBounds): Promise<Collected> {
    this.#collecting = bounds;
    this.#watchCut();
    const heard = await this.next(FIRST_DATA_MS + bounds.maxMs);
    this.#collecting = undefined;
    clearTimeout(this.#cutTimer);
    const isCut = heard.kind === 'over' && heard.why !== 'closed';
    return { heard, count: this.#arrivals.count(isCut ? performance.now() : undefined) };
  }

  /**
   * Sends random bytes (no device on the way can make them fewer) at no more than the agreed rate until the bounds are
   * reached, then says so. Settles then, or when the connection is over.
   *
   * @returns whether the line held it up: it took more slowly what could have been sent.
   */
  async pump({ maxBytes, maxKbps, maxMs }: LineBounds): Promise<boolean> {
    const startedAtMs = performance.now();
    let pace = startPace(startedAtMs);
    let sentBytes = 0;
    const ticks = { all: 0, held: 0 };
    const isHeld = (): boolean => ticks.held > ticks.all * HELD_RATIO;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      pace = earn(pace, maxKbps, nowMs);
      ticks.all += 1;
      if (this.#socket.writableNeedDrain) ticks.held += 1;
      for (;;) {
        if (this.#over || !this.#socket.writable) return resolve();
        const leftBytes = maxBytes - sentBytes;
        if (leftBytes <= 0 || nowMs - startedAtMs >= maxMs) {
          this.say({ kind: 'end', sentBytes, isHeld: isHeld() });
          return resolve();
        }
        const bytes = Math.min(Math.floor(pace.creditBytes), RECORD_BYTES, leftBytes);
        if (bytes < Math.min(LEAST_RECORD_BYTES, leftBytes) || this.#socket.writableNeedDrain) return;
        this.#socket.write(dataHead(bytes));
        this.#socket.write(randomBytes(bytes));
        sentBytes += bytes;
        pace = spend(pace, bytes);
      }
    }, TICK_MS);
    await promise;
    clearInterval(timer);
    return isHeld();
  }

  /** Gives up: what is waited for ends with this, once. */
  abandon(why: LineYield): void {
    this.#end({ kind: 'over', why });
  }

  /** Throws the connection away at once, and what the system has still to send with it. */
  reset(): void {
    this.#end({ kind: 'over', why: 'closed' });
    this.#socket.resetAndDestroy();
  }

  /** Closes after what was said has been sent; what still comes is read and not counted. */
  async finish(): Promise<void> {
    this.#socket.end();
    if (!this.#socket.closed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, GONE_MS);
      this.#socket.once('close', resolve);
      await promise;
      clearTimeout(timer);
    }
    this.reset();
  }

  #take(piece: Uint8Array): void {
    if (this.#over) return;
    const { fault, found } = this.#decoder.take(piece);
    const nowMs = performance.now();
    for (const each of found) {
      if (each.kind === 'data') {
        if (this.#nonce === undefined) {
          this.#end({ kind: 'over', why: 'malformed' });
          return;
        }
        this.#arrivals.add(nowMs, each.bytes);
        this.#watchCut();
        continue;
      }
      const nonce = this.#nonce ?? (each.message.kind === 'open' ? each.message.nonce : undefined);
      if (nonce === undefined || !isSealed(each.record, this.#key, nonce)) {
        this.#end({ kind: 'over', why: 'not-proved' });
        return;
      }
      this.#nonce = nonce;
      this.#deliver(each.message);
    }
    if (fault !== undefined) this.#end({ kind: 'over', why: 'malformed' });
  }

  #watchCut(): void {
    const { firstAtMs } = this.#arrivals;
    if (!this.#collecting || firstAtMs === undefined) return;
    if (this.#arrivals.bytes > this.#collecting.maxBytes) this.#deliver({ kind: 'over', why: 'cut' });
    this.#cutTimer ??= setTimeout(
      () => this.#deliver({ kind: 'over', why: 'cut' }),
      Math.max(0, firstAtMs + this.#collecting.maxMs - performance.now()),
    );
  }

  #deliver(heard: Heard): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(heard);
    else if (heard.kind !== 'over') this.#queue.push(heard);
  }

  #end(over: Heard): void {
    if (this.#over) return;
    this.#over = over;
    this.#deliver(over);
  }
}
