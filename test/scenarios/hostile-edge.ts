import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';

const CORPUS = new URL('../vectors/sip-torture/', import.meta.url);

/** Every message of RFC 4475, byte for byte. */
export const TORTURE = ['valid', 'invalid'].flatMap((folder) =>
  readdirSync(new URL(folder, CORPUS)).map((name) => readFileSync(new URL(`${folder}/${name}`, CORPUS))),
);

type Headers = Readonly<Record<string, string>>;

/** A good 200 to a request as it came, without a parser of ours: its own header lines, mirrored (RFC 3261 8.2.6.2). */
function mirrored(request: string, changes: Headers = {}, startLine = 'SIP/2.0 200 OK'): string {
  const lines = request.split('\r\n\r\n')[0]?.split('\r\n').slice(1) ?? [];
  const kept = lines.filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
  const answered = kept.map((line) => {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    const change = changes[name];
    if (change !== undefined) return `${line.slice(0, line.indexOf(':'))}: ${change}`;
    return name === 'to' ? `${line};tag=evil` : line;
  });
  return [startLine, ...answered, 'Content-Length: 0', '', ''].join('\r\n');
}

function headerOf(request: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(request)?.[1] ?? '';
}

/** Replies that must never count as an answer, made from one request. */
function hostileReplies(request: string): readonly Buffer[] {
  const good = mirrored(request);
  const via = headerOf(request, 'via');
  const cseq = Number.parseInt(headerOf(request, 'cseq'), 10);
  const texts = [
    ...[1, 10, 40, good.indexOf('\r\n') + 2, good.length - 20, good.length - 2].map((length) => good.slice(0, length)),
    mirrored(request, { 'call-id': 'another-call-id' }),
    mirrored(request, { via: via.replace(/branch=[^;]*/, 'branch=z9hG4bKanother') }),
    mirrored(request, { via: via.replace(/;branch=[^;]*/, '') }),
    mirrored(request, { cseq: `${cseq + 1} OPTIONS` }),
    mirrored(request, { cseq: `${cseq} INVITE` }),
    mirrored(request, { via: `SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKevil, ${via}` }),
    mirrored(request, { via: `${via}, SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKevil` }),
    mirrored(request, {}, 'SIP/2.0 100 Trying'),
    mirrored(request, {}, 'SIP/2.0 4294967301 OK'),
    mirrored(request, {}, 'SIP/7.0 200 OK'),
    mirrored(request, {}, 'HTTP/1.1 200 OK'),
    good.replaceAll('\r\n', '\n'),
    good.replace('Content-Length: 0', 'Content-Length: 9999'),
    good.replace('Content-Length: 0', `X-Fill: ${'x'.repeat(65_000 - good.length)}\r\nContent-Length: 9999`),
    '\0'.repeat(65_000),
    request,
  ];
  return texts.map((text) => Buffer.from(text, 'latin1'));
}

/** An edge on loopback UDP that answers every OPTIONS with everything hostile, also from another source, and never well. */
export class HostileEdge {
  readonly #socket: Socket = createSocket('udp4');
  readonly #stranger: Socket = createSocket('udp4');
  /** OPTIONS that came. */
  requests = 0;

  /** Binds to the address; answers with {@link TORTURE} too, one message of it for each request in turn. */
  async start(address: string): Promise<number> {
    for (const socket of [this.#socket, this.#stranger]) {
      await new Promise<void>((resolve) => socket.bind(0, address, resolve));
    }
    this.#socket.on('message', (bytes, from) => this.#answer(bytes.toString('latin1'), from));
    return this.#socket.address().port;
  }

  async close(): Promise<void> {
    for (const socket of [this.#socket, this.#stranger]) {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    }
  }

  #answer(request: string, { address, port }: RemoteInfo): void {
    if (!request.startsWith('OPTIONS ')) return;
    this.requests += 1;
    for (const reply of hostileReplies(request)) this.#socket.send(reply, port, address);
    this.#stranger.send(mirrored(request), port, address);
    const share = TORTURE.filter((_message, at) => at % 4 === this.requests % 4);
    for (const message of share) this.#socket.send(message, port, address);
  }
}
