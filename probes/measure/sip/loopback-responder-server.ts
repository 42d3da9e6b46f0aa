import { createSocket, type Socket } from 'node:dgram';
import { parseMessage } from './message.ts';
import { buildResponse, responseDestination, type Source } from './response.ts';

/**
 * Answers OPTIONS with 200 on a loopback port of its own, for the self-probe: the round trip to it is the error bar of
 * every other round trip of this process. It answers nothing else and keeps no state.
 */
export class LoopbackResponder {
  readonly #socket: Socket = createSocket('udp4');
  #port = 0;

  /** Binds 127.0.0.1 on a free port. @throws the system's error when it cannot. */
  static async open(): Promise<LoopbackResponder> {
    const responder = new LoopbackResponder();
    await responder.#bind();
    return responder;
  }

  /** Where it listens. */
  get address(): Source {
    return { address: '127.0.0.1', port: this.#port };
  }

  /** Stops answering. May be called once. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  async #bind(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(0, '127.0.0.1', () => {
        this.#socket.off('error', reject);
        resolve();
      });
    });
    this.#port = this.#socket.address().port;
    this.#socket.on('message', (bytes, { address, port }) => this.#answer(bytes, { address, port }));
  }

  #answer(bytes: Uint8Array, source: Source): void {
    const parsed = parseMessage(bytes);
    if (!parsed.ok || parsed.value.kind !== 'request' || parsed.value.method !== 'OPTIONS') return;
    const answer = buildResponse(parsed.value, source, { statusCode: 200, reasonPhrase: 'OK', toTag: 'self' });
    const { address, port } = responseDestination(parsed.value, source);
    this.#socket.send(answer, port, address);
  }
}
