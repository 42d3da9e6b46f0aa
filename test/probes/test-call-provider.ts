import { createHash } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';

/** What the provider does with an INVITE. */
export type ProviderWays = {
  readonly answer: 'accept' | 'ring' | 'busy' | 'silent' | 'accept-on-cancel';
  /** Challenges every INVITE that has no right answer. */
  readonly password?: string;
  /** Each 2xx leaves so often, as if the ACK were lost. */
  readonly copies?: number;
  /** Challenges the first BYE of a call. */
  readonly isByeChallenged?: boolean;
  /** A second branch answers too, with a tag of its own. */
  readonly isForked?: boolean;
  /** Realm of the challenges. */
  readonly realm?: string;
  /** Media line of the answer; `m=audio 9 RTP/AVP 8` when absent. */
  readonly mediaLines?: readonly string[];
  /** BYEs that are not answered. */
  readonly deafByes?: number;
};

/** A provider that speaks SIP by text of its own, nothing of ours; it counts the calls that it thinks are up. */
export class TestProvider {
  readonly received: string[] = [];
  up = 0;
  readonly #socket: Socket;
  readonly #ways: ProviderWays;
  #byes = 0;
  #invite: { readonly text: string; readonly peer: RemoteInfo } | undefined;

  private constructor(socket: Socket, ways: ProviderWays) {
    this.#socket = socket;
    this.#ways = ways;
    socket.on('message', (bytes, peer) => this.#take(bytes.toString('latin1'), peer));
  }

  static async open(ways: ProviderWays): Promise<TestProvider> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new TestProvider(socket, ways);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  count(method: string): number {
    return this.received.filter((text) => text.startsWith(`${method} `)).length;
  }

  /** Sends a request within the call that was accepted last. */
  request(method: string, cseq: number, body = ''): void {
    if (!this.#invite) throw new Error('no call');
    const { peer, text } = this.#invite;
    const lines = [
      `${method} ${/<([^>]+)>/.exec(header(text, 'Contact'))?.[1]} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=z9hG4bKfar${cseq}`,
      `From: ${header(text, 'To')};tag=far`,
      `To: ${header(text, 'From')}`,
      `Call-ID: ${header(text, 'Call-ID')}`,
      `CSeq: ${cseq} ${method}`,
      'Session-Expires: 90;refresher=uac',
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
    ];
    this.#socket.send(`${lines.join('\r\n')}\r\n\r\n${body}`, peer.port, peer.address);
  }

  close(): void {
    this.#socket.close();
  }

  #take(text: string, peer: RemoteInfo): void {
    this.received.push(text);
    const method = text.split(' ')[0];
    if (method === 'INVITE') this.#takeInvite(text, peer);
    else if (method === 'BYE') {
      this.#byes += 1;
      if (this.#byes <= (this.#ways.deafByes ?? 0)) return;
      if (this.#ways.isByeChallenged && header(text, 'Authorization') === '') {
        this.#reply(text, peer, '401 Unauthorized', [this.#challenge]);
        return;
      }
      this.up = Math.max(0, this.up - 1);
      this.#reply(text, peer, '200 OK');
    } else if (method === 'CANCEL') {
      this.#reply(text, peer, '200 OK');
      if (!this.#invite) return;
      if (this.#ways.answer === 'accept-on-cancel') this.#accept(this.#invite.text, peer);
      else this.#reply(this.#invite.text, peer, '487 Request Terminated');
    }
  }

  get #challenge(): string {
    return `WWW-Authenticate: Digest realm="${this.#ways.realm ?? 'lab'}", nonce="n1", qop="auth"`;
  }

  #takeInvite(text: string, peer: RemoteInfo): void {
    const { answer, password } = this.#ways;
    if (answer === 'silent') return;
    if (password !== undefined && !isRight(text, password)) {
      this.#reply(text, peer, '401 Unauthorized', [this.#challenge]);
      return;
    }
    this.#invite = { text, peer };
    if (answer === 'busy') {
      this.#reply(text, peer, '486 Busy Here');
      return;
    }
    this.#reply(text, peer, '180 Ringing');
    if (answer === 'accept') for (let at = 0; at < (this.#ways.copies ?? 1); at += 1) this.#accept(text, peer);
    if (answer === 'accept' && this.#ways.isForked) this.#accept(text, peer, 'fork');
  }

  /** What the answer describes; version 1 is the answer itself. */
  session(version = 1): string {
    const media = this.#ways.mediaLines ?? ['m=audio 9 RTP/AVP 8'];
    const lines = ['v=0', `o=- 1 ${version} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', ...media, ''];
    return lines.join('\r\n');
  }

  #accept(text: string, peer: RemoteInfo, tag = 'far'): void {
    this.up = tag === 'far' ? 1 : this.up + 1;
    const more = [`Contact: <sip:far@127.0.0.1:${this.port}>`, 'Content-Type: application/sdp'];
    const body = this.session();
    this.#reply(text.replace(/^(To: .*[^\r])\r$/m, `$1;tag=${tag}\r`), peer, '200 OK', more, body);
  }

  #reply(text: string, peer: RemoteInfo, status: string, more: readonly string[] = [], body = ''): void {
    const to = header(text, 'To');
    const lines = [
      `SIP/2.0 ${status}`,
      `Via: ${header(text, 'Via')}`,
      `From: ${header(text, 'From')}`,
      `To: ${to.includes('tag=') ? to : `${to};tag=far`}`,
      `Call-ID: ${header(text, 'Call-ID')}`,
      `CSeq: ${header(text, 'CSeq')}`,
      ...more,
      `Content-Length: ${body.length}`,
    ];
    this.#socket.send(`${lines.join('\r\n')}\r\n\r\n${body}`, peer.port, peer.address);
  }
}

function header(text: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
}

function isRight(text: string, password: string): boolean {
  const value = header(text, 'Authorization');
  const part = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(value)?.[1] ?? '';
  const md5 = (words: string) => createHash('md5').update(words).digest('hex');
  const key = `${md5(`pbx:lab:${password}`)}:n1:${part('nc')}:${part('cnonce')}:auth:${md5(`INVITE:${part('uri')}`)}`;
  return value !== '' && part('response') === md5(key);
}
