import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { endianness } from 'node:os';
import { dropsOf, readUdpSocketTable } from './udp-socket-table.ts';

/** Where the mesh listens, and who takes what arrives: must not throw, and may change the bytes. */
export type MeshSocketsOptions = {
  readonly sourceAddress: string | undefined;
  /** 0 lets the system choose; the same number then serves both families. */
  readonly port: number;
  /** Asked of the system for what waits to be read; 4 MiB when absent. */
  readonly receiveBufferBytes?: number | undefined;
  readonly onMessage: (bytes: Uint8Array, address: string) => void;
};

const RECEIVE_BUFFER_BYTES = 4_194_304;

/** The mesh port, for IPv4 and IPv6, or for the family of the source address alone. */
export class MeshSockets {
  readonly #options: MeshSocketsOptions;
  #sockets: readonly Socket[] = [];

  constructor(options: MeshSocketsOptions) {
    this.#options = options;
  }

  get isBound(): boolean {
    return this.#sockets.length > 0;
  }

  /**
   * Opens the port. A host without IPv6 has IPv4 alone.
   *
   * @returns the port.
   * @throws the system's error where the port is taken; it may be tried again.
   */
  async bind(): Promise<number> {
    const { port, sourceAddress } = this.#options;
    if (sourceAddress !== undefined) {
      const socket = await this.#open(isIPv6(sourceAddress) ? 'udp6' : 'udp4', port, sourceAddress);
      this.#sockets = [socket];
      return socket.address().port;
    }
    const four = await this.#open('udp4', port, '0.0.0.0');
    const bound = four.address().port;
    try {
      this.#sockets = [four, await this.#open('udp6', bound, '::')];
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause)) throw cause;
      this.#sockets = [four];
    }
    return bound;
  }

  /** Sends at once where the system takes it. What it refuses was not sent, and shows as loss on the way back. */
  send(bytes: Uint8Array, port: number, address: string): void {
    const type = isIPv6(address) ? 'IPv6' : 'IPv4';
    const socket = this.#sockets.find((each) => each.address().family === type);
    socket?.send(bytes, port, address, () => undefined);
  }

  /**
   * Reads how many datagrams the system has dropped in front of these sockets since they were opened. Reads files of /proc.
   *
   * @returns `undefined` where the system does not tell: then nobody knows whether there were any.
   */
  drops(): number | undefined {
    let sum = 0;
    for (const socket of this.#sockets) {
      const { address, family, port } = socket.address();
      const drops = dropsIn(family === 'IPv6' ? '/proc/self/net/udp6' : '/proc/self/net/udp', { address, port });
      if (drops === undefined) return undefined;
      sum += drops;
    }
    return sum;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
  }

  async #open(type: 'udp4' | 'udp6', port: number, address: string): Promise<Socket> {
    const family = type === 'udp6' ? 6 : 4;
    const socket = createSocket({
      type,
      ipv6Only: type === 'udp6',
      lookup: (host, _options, callback) => callback(null, host, family),
    });
    socket.on('message', (bytes, from) => this.#options.onMessage(bytes, from.address));
    const listening = once(socket, 'listening');
    socket.bind({ port, address });
    try {
      await listening;
      // Cut by the system to its own limit; what does not fit while the thread is held up would pass for loss.
      socket.setRecvBufferSize(this.#options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES);
    } catch (cause) {
      socket.close();
      throw cause;
    }
    socket.on('error', () => undefined);
    return socket;
  }
}

function dropsIn(file: string, local: { readonly address: string; readonly port: number }): number | undefined {
  try {
    return dropsOf(readUdpSocketTable(readFileSync(file, 'latin1')), local, endianness() === 'LE');
  } catch {
    return undefined;
  }
}
