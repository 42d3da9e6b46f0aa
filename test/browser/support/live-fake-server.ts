import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Figure, FigureSheet, NoData } from '../../../wire/figures.ts';
import { LIVE_BEARER_PREFIX, LIVE_PROTOCOL, type LiveChange, type LiveSnapshot } from '../../../wire/live.ts';
import type { ShownTrace, TraceList } from '../../../wire/traces.ts';

/** The policy under which the page is tested, and which the hub is meant to send. */
export const LIVE_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Serves the built page and speaks wire/live.ts as a hub would: subprotocol, close codes, snapshot first, then deltas in
 * sequence, an empty one each second. A case may make it skip, hush, refuse or hang up.
 */
export class LiveFakeServer {
  readonly #http = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({
    server: this.#http,
    path: '/api/v1/live',
    handleProtocols: (offered) => (offered.has(LIVE_PROTOCOL) ? LIVE_PROTOCOL : false),
  });
  readonly #directory: string;
  readonly #heartbeat: NodeJS.Timeout;
  #snapshot: LiveSnapshot;
  #sequence: number;
  /** Every text that a page has sent, oldest first. */
  readonly received: string[] = [];
  /** Path and query of every request, the upgrades included. */
  readonly requested: string[] = [];
  /** What it answers for the figures of a path; none for others. */
  readonly sheets = new Map<string, readonly Figure[]>();
  /** Figures that it says are missing, by key of a path. */
  readonly missing = new Map<string, readonly NoData[]>();
  /** What it answers for traces, by key of a path or id of a verdict; none for others. */
  readonly traces = new Map<string, readonly ShownTrace[]>();
  isFiguresBroken = false;
  connections = 0;
  isHushed = false;
  /** When set, only pages that offer this token are let in; others are closed with the code. */
  admission: { readonly token: string; readonly otherwise: number } | undefined;

  private constructor(directory: string, first: LiveSnapshot) {
    this.#directory = directory;
    this.#snapshot = first;
    this.#sequence = first.sequence;
    this.#sockets.on('connection', (socket, request) => this.#greet(socket, request));
    this.#heartbeat = setInterval(() => {
      if (!this.isHushed) this.send([]);
    }, 1000);
  }

  /** Listens on a free port of the loopback. @param directory - the built page. */
  static async start(directory: string, first: LiveSnapshot): Promise<LiveFakeServer> {
    const server = new LiveFakeServer(directory, first);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  /** Address of the page. */
  get address(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`;
  }

  /** Sends one delta to every page. */
  send(changes: readonly LiveChange[]): void {
    this.#sequence += 1;
    this.#broadcast({ type: 'delta', sequence: this.#sequence, atEpochMs: this.#now(), changes });
  }

  /** Counts a message that no page gets: the next one comes after a gap. */
  lose(): void {
    this.#sequence += 1;
  }

  /** What the next snapshot will show; sent only on a resume or a new connection. */
  set(next: LiveSnapshot): void {
    this.#snapshot = next;
  }

  /** Sends the snapshot to every page now. */
  sendSnapshot(): void {
    this.#sequence += 1;
    this.#broadcast({ ...this.#snapshot, sequence: this.#sequence, atEpochMs: this.#now() });
  }

  /** Sends text as it is. */
  sendRaw(text: string): void {
    for (const socket of this.#sockets.clients) socket.send(text);
  }

  /** Hangs up on every page. */
  hangUp(code = 1012): void {
    for (const socket of this.#sockets.clients) socket.close(code);
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    clearInterval(this.#heartbeat);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #greet(socket: WebSocket, request: IncomingMessage): void {
    this.connections += 1;
    this.requested.push(request.url ?? '');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
    const bearer = offered.find((text) => text.startsWith(LIVE_BEARER_PREFIX))?.slice(LIVE_BEARER_PREFIX.length) ?? '';
    if (this.admission !== undefined && Buffer.from(bearer, 'base64url').toString() !== this.admission.token) {
      socket.close(this.admission.otherwise);
      return;
    }
    socket.on('message', (data) => {
      this.received.push(Buffer.isBuffer(data) ? data.toString() : 'fragmented');
      this.sendSnapshot();
    });
    this.#sequence = Math.max(this.#sequence, this.#snapshot.sequence);
    socket.send(JSON.stringify({ ...this.#snapshot, sequence: this.#sequence, atEpochMs: this.#now() }));
  }

  #now(): number {
    return this.#snapshot.atEpochMs + (this.#sequence - this.#snapshot.sequence) * 1000;
  }

  #broadcast(message: unknown): void {
    this.sendRaw(JSON.stringify(message));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requested.push(request.url ?? '');
    const url = new URL(request.url ?? '/', 'http://page.invalid');
    const name = url.pathname;
    if (name === '/api/v1/figures') {
      const key = url.searchParams.get('key') ?? '';
      const figures = this.sheets.get(key) ?? [];
      const body = JSON.stringify({
        key,
        title: key,
        figures,
        noData: this.missing.get(key) ?? [],
      } satisfies FigureSheet);
      response.writeHead(200, { 'content-type': 'application/json' }).end(this.isFiguresBroken ? 'cut sh' : body);
      return;
    }
    if (name === '/api/v1/traces') {
      const of = url.searchParams.get('key') ?? url.searchParams.get('verdict') ?? '';
      const body = JSON.stringify({ items: this.traces.get(of) ?? [] } satisfies TraceList);
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      return;
    }
    const file = join(this.#directory, normalize(name === '/' ? '/index.html' : name));
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => error);
    if (found instanceof Error || !found.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': LIVE_CSP,
      'x-content-type-options': 'nosniff',
    });
    createReadStream(file).pipe(response);
  }
}
