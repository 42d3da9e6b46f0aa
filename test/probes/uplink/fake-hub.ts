import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { encodeFrame, parseProbeFrame } from '../../../wire/codec.ts';
import type { HubFrame } from '../../../wire/hub-frames.ts';
import type { ProbeFrame } from '../../../wire/probe-frames.ts';
import { welcome } from './hub-frame-samples.ts';

/** One accepted connection, with all that came over it. */
export type HubSide = {
  readonly socket: WebSocket;
  readonly tcp: Socket;
  readonly request: IncomingMessage;
  readonly frames: ProbeFrame[];
  /** Messages that were no frame; must stay empty. */
  readonly unreadable: string[];
  closeCode: number | undefined;
};

/** How the fake hub behaves; may be changed while it runs. */
export type HubBehaviour = {
  /** Answered to the upgrade instead of accepting it. */
  refuseStatus?: number;
  /** Answers a hello; the default welcomes with fence 0. */
  onHello?: (side: HubSide) => void;
  /** Called for each event; the default acknowledges it. */
  onEvent?: (side: HubSide, frame: Extract<ProbeFrame, { type: 'event' }>) => void;
};

/** A hub on a real WebSocket server, on loopback, that does what it is told. */
export class FakeHub {
  readonly behaviour: HubBehaviour = {};
  readonly sides: HubSide[] = [];
  readonly #server: Server;
  readonly #sockets: WebSocketServer;

  private constructor(tls: { readonly key: string; readonly cert: string } | undefined) {
    this.#server = tls ? createTlsServer(tls) : createServer();
    this.#sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    this.#server.on('upgrade', (request, tcp, head) => this.#upgrade(request, tcp, head));
  }

  /** @param port - 0 for any. */
  static async listen(port = 0, tls?: { readonly key: string; readonly cert: string }): Promise<FakeHub> {
    const hub = new FakeHub(tls);
    await new Promise<void>((resolve, reject) => {
      hub.#server.once('error', reject);
      hub.#server.listen(port, '127.0.0.1', resolve);
    });
    return hub;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get last(): HubSide {
    const side = this.sides.at(-1);
    if (!side) throw new Error('no connection yet');
    return side;
  }

  /** Every frame of one type that came, over all connections. */
  received<Type extends ProbeFrame['type']>(type: Type): readonly Extract<ProbeFrame, { type: Type }>[] {
    return this.sides.flatMap(({ frames }) =>
      frames.filter((frame): frame is Extract<ProbeFrame, { type: Type }> => frame.type === type),
    );
  }

  send(...frames: readonly HubFrame[]): void {
    for (const frame of frames) this.last.socket.send(encodeFrame(frame));
  }

  /** Cuts every connection without a word and stops listening. */
  async kill(): Promise<void> {
    for (const { socket } of this.sides) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #upgrade(request: IncomingMessage, tcp: Duplex, head: Buffer): void {
    const { refuseStatus } = this.behaviour;
    if (refuseStatus !== undefined) {
      tcp.end(`HTTP/1.1 ${refuseStatus} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, tcp, head, (socket) => this.#accept(socket, tcp as Socket, request));
  }

  #accept(socket: WebSocket, tcp: Socket, request: IncomingMessage): void {
    const side: HubSide = { socket, tcp, request, frames: [], unreadable: [], closeCode: undefined };
    this.sides.push(side);
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => {
      side.closeCode = code;
    });
    socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      const parsed = parseProbeFrame(text);
      if (!parsed.ok) {
        side.unreadable.push(text);
        return;
      }
      side.frames.push(parsed.frame);
      this.#answer(side, parsed.frame);
    });
  }

  #answer(side: HubSide, frame: ProbeFrame): void {
    const { onHello, onEvent } = this.behaviour;
    if (frame.type === 'hello') {
      if (onHello) onHello(side);
      else side.socket.send(encodeFrame(welcome(0)));
    } else if (frame.type === 'event') {
      if (onEvent) onEvent(side, frame);
      else acknowledge(side, frame);
    }
  }
}

/** Acknowledges everything up to this event. */
export function acknowledge(side: HubSide, { outboxId, sequence }: { outboxId: string; sequence: number }): void {
  side.socket.send(encodeFrame({ v: 1, type: 'ack', outboxId, sequence }));
}
