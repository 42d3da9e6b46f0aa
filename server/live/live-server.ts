import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { LIVE_PROTOCOL, type LiveChange, type LiveHub, type LiveMessage, type LiveSnapshot } from '../../wire/live.ts';
import { addDelta, type LiveFeed, missedSince, newFeed } from './live-feed.ts';

/** What a snapshot shows, without the parts that each view's own role decides. */
export type LivePicture = Omit<LiveSnapshot, 'type' | 'sequence' | 'atEpochMs' | 'hub'> & {
  readonly hub: Omit<LiveHub, 'role'>;
};

/** Bytes waiting for a view beside its snapshot; past this it is sent away and comes back for another. */
const MAX_BUFFERED_BYTES = 4_000_000;

type View = { readonly socket: WebSocket; readonly role: LiveHub['role']; snapshotBytes: number };

/** `WS /api/v1/live`: a snapshot, then numbered deltas, at least one every `idleMs`. Owns its sockets and timers. */
export class LiveServer {
  readonly #picture: () => LivePicture;
  readonly #now: () => number;
  readonly #views = new Set<View>();
  readonly #server: WebSocketServer;
  readonly #timer: NodeJS.Timeout;
  readonly #idleMs: number;
  #feed: LiveFeed = newFeed();
  #pending: LiveChange[] = [];
  #lastSentAtMs = 0;

  /**
   * @param picture - everything as it stands; called once for each snapshot.
   * @param now - epoch milliseconds.
   * @param flushMs - changes are gathered for so long before they are sent.
   */
  constructor(picture: () => LivePicture, now: () => number, flushMs = 200, idleMs = 2000) {
    this.#picture = picture;
    this.#now = now;
    this.#idleMs = idleMs;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: 1024,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(LIVE_PROTOCOL) ? LIVE_PROTOCOL : false),
    });
    this.#timer = setInterval(() => this.#flush(), flushMs).unref();
  }

  /** Views open now. */
  get viewCount(): number {
    return this.#views.size;
  }

  /** Adds changes to the next delta. */
  publish(changes: readonly LiveChange[]): void {
    this.#pending.push(...changes);
  }

  /** Takes over an HTTP upgrade whose token has been checked. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, role: LiveHub['role']): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, role));
  }

  /**
   * Takes over an upgrade only to close it with a code that the page understands, such as `LIVE_CLOSE_TOKEN_NEEDED`.
   * A browser cannot see the status of a refused upgrade.
   */
  refuse(request: IncomingMessage, socket: Duplex, head: Buffer, code: number, reason: string): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      webSocket.close(code, reason);
    });
  }

  /** Ends every view. */
  close(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#views) socket.terminate();
    this.#server.close();
  }

  #open(socket: WebSocket, role: LiveHub['role']): void {
    const view: View = { socket, role, snapshotBytes: 0 };
    socket.on('close', () => this.#views.delete(view));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data: Buffer) => this.#resume(view, data.toString('utf8')));
    this.#flush();
    this.#views.add(view);
    this.#snapshot(view);
  }

  #resume(view: View, text: string): void {
    const sequence = resumeSequence(text);
    if (sequence === undefined) {
      view.socket.close(4400, 'only a resume message is understood');
      return;
    }
    const missed = missedSince(this.#feed, sequence);
    if (!missed) {
      this.#snapshot(view);
      return;
    }
    for (const delta of missed) this.#send(view, this.#forRole(delta, view.role));
  }

  #snapshot(view: View): void {
    const picture = this.#picture();
    const { sequence } = this.#feed;
    this.#send(view, {
      type: 'snapshot',
      sequence,
      atEpochMs: this.#now(),
      ...picture,
      hub: { ...picture.hub, role: view.role },
    });
  }

  #flush(): void {
    const nowMs = this.#now();
    if (this.#pending.length === 0 && nowMs - this.#lastSentAtMs < this.#idleMs) return;
    this.#lastSentAtMs = nowMs;
    const { feed, delta } = addDelta(this.#feed, this.#pending, nowMs);
    this.#feed = feed;
    this.#pending = [];
    for (const view of this.#views) this.#send(view, this.#forRole(delta, view.role));
  }

  #forRole(message: LiveMessage, role: LiveHub['role']): LiveMessage {
    if (message.type === 'snapshot' || !message.changes.some(({ kind }) => kind === 'hub')) return message;
    const changes = message.changes.map(
      (change): LiveChange => (change.kind === 'hub' ? { kind: 'hub', value: { ...change.value, role } } : change),
    );
    return { ...message, changes };
  }

  #send(view: View, message: LiveMessage): void {
    const { socket } = view;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES + view.snapshotBytes) {
      socket.terminate();
      return;
    }
    const text = JSON.stringify(message);
    if (message.type === 'snapshot') view.snapshotBytes = Buffer.byteLength(text);
    socket.send(text, (cause) => {
      if (cause) socket.terminate();
    });
  }
}

function resumeSequence(text: string): number | undefined {
  try {
    const message = JSON.parse(text) as { readonly type?: unknown; readonly sequence?: unknown } | null;
    const sequence = message?.type === 'resume' ? message.sequence : undefined;
    return typeof sequence === 'number' && Number.isSafeInteger(sequence) && sequence >= 0 ? sequence : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
