import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { encodeFrame, MAX_FRAME_BYTES } from '../../wire/codec.ts';
import type { HubFrame, RefuseFrame, WelcomeFrame } from '../../wire/hub-frames.ts';
import type {
  BatchFrame,
  EventFrame,
  HelloFrame,
  PlanResultFrame,
  ReadBackFrame,
  TargetsFrame,
} from '../../wire/probe-frames.ts';
import { InstanceRegistry } from './instance-registry.ts';
import { NEW_SESSION, receive, type SessionEffect, type SessionIdentity } from './probe-session.ts';

/** What the hub does with a probe's frames. A rejected `onEvent` is not acknowledged, so the probe sends it again. */
export type ProbeHandlers = {
  readonly onHello: (pbx: string, hello: HelloFrame) => WelcomeFrame;
  /** The welcome has been sent: plans may follow. */
  readonly onReady: (pbx: string) => void;
  readonly onBatch: (pbx: string, instanceId: string, frame: BatchFrame) => void;
  /** Resolves when the event is on disk. */
  readonly onEvent: (pbx: string, frame: EventFrame) => Promise<void>;
  readonly onPlanResult: (pbx: string, frame: PlanResultFrame) => void;
  readonly onReadBack: (pbx: string, frame: ReadBackFrame) => void;
  readonly onTargets: (pbx: string, frame: TargetsFrame) => void;
  readonly onGone: (pbx: string, reason: string) => void;
  /** A frame or connection was refused: counted and journaled, nothing else. */
  readonly onRefused: (pbx: string, code: RefuseFrame['code'], reason: string) => void;
  /** A fault of ours in handling a frame; the connection goes on. */
  readonly onFault: (pbx: string, cause: unknown) => void;
};

/** Bytes waiting for a probe that does not read; past this its connection is ended. */
const MAX_BUFFERED_BYTES = 4 * MAX_FRAME_BYTES;

/** Parts of the heartbeat's interval. */
const BEATS = 20;

type Connection = {
  readonly id: number;
  readonly socket: WebSocket;
  readonly identity: SessionIdentity;
  session: typeof NEW_SESSION;
  /** Refused for good, or replaced: what still comes before the socket is gone counts for nothing. */
  isOver: boolean;
  isAlive: boolean;
  acks: Promise<void>;
};

/**
 * The hub's end of the probe uplink (`WS /api/v1/probe`). Owns the sockets, one connection per PBX; every judgement
 * about them is in `probe-session.ts` and `instance-registry.ts`.
 */
export class ProbeServer {
  readonly #handlers: ProbeHandlers;
  readonly #server: WebSocketServer;
  readonly #connections = new Map<number, Connection>();
  readonly #registry = new InstanceRegistry();
  #nextId = 1;
  #beats = 0;
  readonly #heartbeat: NodeJS.Timeout;

  /** @param heartbeatMs - a connection that does not answer a ping within it is ended. */
  constructor(handlers: ProbeHandlers, heartbeatMs = 5000) {
    this.#handlers = handlers;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      maxFragments: 16,
      maxBufferedChunks: 256,
    });
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs / BEATS).unref();
  }

  /** Takes over an HTTP upgrade whose token has been checked to be this probe's. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, identity: SessionIdentity): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, identity));
  }

  /** Sends a frame to the probe of a PBX. @returns false when none is connected or it does not keep up. */
  send(pbx: string, frame: HubFrame): boolean {
    const holder = this.#registry.holderOf(pbx);
    const connection = holder && this.#connections.get(holder.connectionId);
    if (!connection?.session.hello) return false;
    return this.#write(connection, frame);
  }

  /** PBXs with a probe connected now. */
  connected(): readonly string[] {
    return this.#registry.pbxes;
  }

  /** Ends every connection; probes keep their plans and come back. */
  close(): void {
    clearInterval(this.#heartbeat);
    for (const { socket } of this.#connections.values()) socket.terminate();
    this.#server.close();
  }

  #open(socket: WebSocket, identity: SessionIdentity): void {
    const connection: Connection = {
      id: this.#nextId++,
      socket,
      identity,
      session: NEW_SESSION,
      isOver: false,
      isAlive: true,
      acks: Promise.resolve(),
    };
    this.#connections.set(connection.id, connection);
    socket.on('pong', () => {
      connection.isAlive = true;
    });
    socket.on('error', (cause: Error & { readonly code?: string }) => {
      if (cause.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
        this.#handlers.onRefused(identity.pbx, 'too-large', `a frame over ${MAX_FRAME_BYTES} bytes`);
      } else if (cause.code?.startsWith('WS_ERR_')) {
        this.#handlers.onRefused(identity.pbx, 'bad-frame', cause.message.slice(0, 300));
      }
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (connection.isOver) return;
      connection.isAlive = true;
      const text = isBinary ? '' : data.toString('utf8');
      this.#guard(connection, () => this.#receive(connection, text));
    });
    socket.on('close', (code) => this.#gone(connection, code));
  }

  #receive(connection: Connection, text: string): void {
    const { pbx } = connection.identity;
    const { state, effect } = receive(connection.session, text, connection.identity);
    connection.session = state;
    switch (effect.kind) {
      case 'hello':
        this.#hello(connection, effect.frame);
        return;
      case 'batch':
        this.#handlers.onBatch(pbx, state.hello?.instanceId ?? '', effect.frame);
        return;
      case 'event':
        this.#event(connection, effect.frame);
        return;
      case 'plan-result':
        this.#handlers.onPlanResult(pbx, effect.frame);
        return;
      case 'read-back':
        this.#handlers.onReadBack(pbx, effect.frame);
        return;
      case 'targets':
        this.#handlers.onTargets(pbx, effect.frame);
        return;
      case 'refuse':
        this.#refuse(connection, effect);
        return;
      default:
        effect satisfies never;
    }
  }

  #hello(connection: Connection, hello: HelloFrame): void {
    const { pbx } = connection.identity;
    const wanted = { connectionId: connection.id, instanceId: hello.instanceId };
    const claimed = this.#registry.claim(pbx, wanted);
    if (claimed.kind === 'refused') {
      this.#refuse(connection, {
        kind: 'refuse',
        code: 'another-instance',
        reason: `instance ${claimed.holder.instanceId} is connected for ${pbx}`,
        isFatal: true,
      });
      return;
    }
    if (claimed.replaces !== undefined && claimed.replaces !== connection.id) {
      const older = this.#connections.get(claimed.replaces);
      if (older) {
        older.isOver = true;
        older.socket.close(4409, 'replaced by a newer connection');
      }
    }
    this.#write(connection, this.#handlers.onHello(pbx, hello));
    this.#handlers.onReady(pbx);
  }

  #event(connection: Connection, frame: EventFrame): void {
    const stored = this.#handlers.onEvent(connection.identity.pbx, frame);
    connection.acks = this.#acknowledge(connection, frame, connection.acks, stored);
  }

  async #acknowledge(
    connection: Connection,
    frame: EventFrame,
    previous: Promise<void>,
    stored: Promise<void>,
  ): Promise<void> {
    const [, outcome] = await Promise.allSettled([previous, stored]);
    if (outcome.status === 'fulfilled') {
      this.#write(connection, { v: 1, type: 'ack', outboxId: frame.outboxId, sequence: frame.sequence });
      return;
    }
    this.#handlers.onFault(connection.identity.pbx, outcome.reason);
    connection.socket.close(1011, 'an event could not be stored');
  }

  #refuse(connection: Connection, effect: SessionEffect & { readonly kind: 'refuse' }): void {
    const { code, reason, isFatal } = effect;
    this.#handlers.onRefused(connection.identity.pbx, code, reason);
    this.#write(connection, { v: 1, type: 'refuse', code, reason: reason.slice(0, 500), fatal: isFatal });
    if (!isFatal) return;
    connection.isOver = true;
    connection.socket.close(4400, code);
  }

  #write(connection: Connection, frame: HubFrame): boolean {
    const { socket } = connection;
    if (socket.readyState !== socket.OPEN) return false;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      socket.terminate();
      return false;
    }
    socket.send(encodeFrame(frame), (cause) => {
      if (cause) socket.terminate();
    });
    return true;
  }

  #gone(connection: Connection, code: number): void {
    this.#connections.delete(connection.id);
    const { pbx } = connection.identity;
    if (this.#registry.release(pbx, connection.id))
      this.#guard(connection, () => this.#handlers.onGone(pbx, `connection closed with code ${code}`));
  }

  /** Pings one of {@link BEATS} parts of the connections, so that a large fleet is not pinged at one stroke. */
  #beat(): void {
    this.#beats += 1;
    for (const connection of this.#connections.values()) {
      if (connection.id % BEATS !== this.#beats % BEATS) continue;
      if (!connection.isAlive) {
        connection.socket.terminate();
        continue;
      }
      connection.isAlive = false;
      connection.socket.ping();
    }
  }

  #guard(connection: Connection, work: () => void): void {
    try {
      work();
    } catch (cause) {
      this.#handlers.onFault(connection.identity.pbx, cause);
    }
  }
}
