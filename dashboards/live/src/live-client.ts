import {
  LIVE_CLOSE_FORBIDDEN,
  LIVE_CLOSE_TOKEN_NEEDED,
  type LiveMessage,
  type LiveResume,
} from '../../../wire/live.ts';
import { liveProtocols } from './bearer-protocol.ts';
import { parseLiveMessage } from './live-message.ts';
import { reconnectDelayMs } from './reconnect.ts';
import { RECONNECT_AFTER_MS } from './staleness.ts';

/** What became of a message that was handed on; only a taken one counts as a sign of life. */
export type Receipt = { readonly isTaken: boolean; readonly resume?: LiveResume };

/** What the page does on events of the connection. */
export type LiveHandlers = {
  /** A new connection is up; the hub's snapshot comes first. */
  readonly onOpen: () => void;
  readonly onMessage: (message: LiveMessage) => Receipt;
  /** The hub wants a token, another token, or refuses the role; the client rests until {@link LiveClient.signIn}. */
  readonly onRefused: (why: 'token-needed' | 'token-refused' | 'forbidden') => void;
};

/** Holds one WebSocket to the hub open: reconnects with back-off, gives up a silent connection. Owns its timers. */
export class LiveClient {
  readonly #url: URL;
  readonly #handlers: LiveHandlers;
  #token: string | undefined;
  #socket: WebSocket | undefined;
  #failures = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Connects at once, without the token when there is none: a hub on loopback may let anyone view.
   *
   * @param url - `ws:` or `wss:` address of `/api/v1/live`.
   */
  constructor(url: URL, token: string | undefined, handlers: LiveHandlers) {
    this.#url = url;
    this.#token = token;
    this.#handlers = handlers;
    addEventListener('online', () => this.#connect());
    this.#connect();
  }

  /** Drops the present connection and opens one with this token. */
  signIn(token: string | undefined): void {
    this.#token = token;
    this.#failures = 0;
    this.#connect();
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#drop();
    const socket = new WebSocket(this.#url, liveProtocols(this.#token));
    this.#socket = socket;
    this.#expectWord(socket);
    socket.addEventListener('open', () => {
      if (socket === this.#socket) this.#handlers.onOpen();
    });
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#receive(socket, data);
    });
    socket.addEventListener('close', ({ code }) => {
      if (socket === this.#socket) this.#closed(code);
    });
  }

  #receive(socket: WebSocket, data: unknown): void {
    const result = parseLiveMessage(typeof data === 'string' ? data : '');
    if (!result.ok) {
      console.warn(`message of the hub not understood: ${result.fault}`);
      this.#lost();
      return;
    }
    const { isTaken, resume } = this.#handlers.onMessage(result.message);
    if (resume !== undefined) socket.send(JSON.stringify(resume));
    if (isTaken) {
      this.#failures = 0;
      this.#expectWord(socket);
    }
  }

  #expectWord(socket: WebSocket): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      if (socket === this.#socket) this.#lost();
    }, RECONNECT_AFTER_MS);
  }

  #closed(code: number): void {
    if (code === LIVE_CLOSE_FORBIDDEN) this.#refused('forbidden');
    else if (code === LIVE_CLOSE_TOKEN_NEEDED)
      this.#refused(this.#token === undefined ? 'token-needed' : 'token-refused');
    else this.#lost();
  }

  #refused(why: 'token-needed' | 'token-refused' | 'forbidden'): void {
    this.#drop();
    this.#handlers.onRefused(why);
  }

  #lost(): void {
    this.#drop();
    this.#failures += 1;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#connect(), reconnectDelayMs(this.#failures, Math.random()));
  }

  #drop(): void {
    clearTimeout(this.#silenceTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}
