import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fieldValue, parseMessage, type SipResponse } from '../../probes/measure/sip/message.ts';
import type { Source } from '../../probes/measure/sip/response.ts';
import { SimEdge } from './sim-edge.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function startEdge(seed = 1): Promise<{ edge: SimEdge; at: Source }> {
  const edge = new SimEdge({ seed });
  const at = await edge.start();
  closers.push(() => edge.close());
  return { edge, at };
}

/** Polls for at most five seconds. */
async function until(holds: () => boolean): Promise<void> {
  await vi.waitUntil(holds, { timeout: 5000, interval: 2 });
}

/** A client that only knows how to write lines; it shares nothing with the edge but the parser. */
class Client {
  readonly responses: SipResponse[] = [];
  readonly #socket: Socket = createSocket('udp4');
  readonly #edge: Source;

  constructor(edge: Source) {
    this.#edge = edge;
    this.#socket.on('message', (bytes) => {
      const parsed = parseMessage(bytes);
      if (parsed.ok && parsed.value.kind === 'response') this.responses.push(parsed.value);
    });
  }

  async open(address = '127.0.0.1'): Promise<this> {
    await new Promise<void>((resolve) => this.#socket.bind(0, address, () => resolve()));
    closers.push(() => new Promise<void>((resolve) => this.#socket.close(() => resolve())));
    return this;
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#edge.port, this.#edge.address);
  }

  send(
    method: string,
    change: { call?: string; branch?: string; toTag?: string; cseq?: string; uri?: string; more?: string } = {},
  ) {
    const {
      call = 'call1',
      branch = 'z9hG4bK1',
      toTag,
      cseq = `1 ${method}`,
      uri = 'sip:12125551212@edge.example',
      more = '',
    } = change;
    const tag = toTag === undefined ? '' : `;tag=${toTag}`;
    this.sendBytes(
      Buffer.from(
        `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.99:9;branch=${branch};rport\r\nMax-Forwards: 70\r\nFrom: <sip:a.example>;tag=f\r\nTo: <sip:b.example>${tag}\r\nCall-ID: ${call}\r\nCSeq: ${cseq}\r\n${more}Content-Length: 0\r\n\r\n`,
      ),
    );
  }

  async statuses(count: number): Promise<string[]> {
    await until(() => this.responses.length >= count);
    return this.responses.map(({ statusCode, cseq }) => `${statusCode} ${cseq.method}`);
  }
}

describe('OPTIONS', () => {
  test('is answered to the source port with received and rport (RFC 3581 §4), and counted', async () => {
    const { edge, at } = await startEdge();
    const client = await new Client(at).open();
    client.send('OPTIONS');
    expect(await client.statuses(1)).toEqual(['200 OPTIONS']);
    const [response] = client.responses;
    expect(response?.vias[0].parameters.get('received')).toBe('127.0.0.1');
    expect(response?.to.parameters.get('tag')).toBeDefined();
    expect(response && fieldValue(response, 'allow')).toContain('OPTIONS');
    expect(edge.counts()).toMatchObject({ received: 1, options: 1, optionsAnswered: 1, lostIn: 0, lostOut: 0 });
  });

  test('an unknown scheme gets 416, a demanded extension 420 with its name (RFC 4475 §3.3.2, §3.3.5)', async () => {
    const { at } = await startEdge();
    const client = await new Client(at).open();
    client.send('OPTIONS', { uri: 'nobodyKnowsThisScheme:totallyopaquecontent' });
    await client.statuses(1);
    client.send('OPTIONS', { more: 'Require: nothingSupportsThis, norThis\r\n' });
    expect(await client.statuses(2)).toEqual(['416 OPTIONS', '420 OPTIONS']);
    expect(client.responses[1] && fieldValue(client.responses[1], 'unsupported')).toBe('nothingSupportsThis, norThis');
  });

  test('a datagram that is no SIP is counted as malformed and not answered', async () => {
    const { edge, at } = await startEdge();
    const client = await new Client(at).open();
    client.sendBytes(readFileSync(new URL('../vectors/sip-torture/invalid/badinv01.dat', import.meta.url)));
    await vi.waitFor(() => expect(edge.counts().malformed).toBe(1));
    expect(client.responses).toEqual([]);
  });
});

describe('faults set at run time', () => {
  test('a black hole swallows, and gives back when it is filled', async () => {
    const { edge, at } = await startEdge();
    const client = await new Client(at).open();
    edge.set({ isBlackHole: true });
    client.send('OPTIONS');
    await vi.waitFor(() => expect(edge.counts().blackHoled).toBe(1));
    edge.set({ isBlackHole: false });
    client.send('OPTIONS');
    expect(await client.statuses(1)).toEqual(['200 OPTIONS']);
    expect(edge.counts()).toMatchObject({ received: 2, blackHoled: 1, optionsAnswered: 1 });
  });

  test('an answer held back when the hole opens is swallowed too', async () => {
    const { edge, at } = await startEdge();
    const client = await new Client(at).open();
    edge.set({ delayMs: 100 });
    client.send('OPTIONS');
    await vi.waitFor(() => expect(edge.counts().options).toBe(1));
    edge.set({ isBlackHole: true });
    await vi.waitFor(() => expect(edge.counts().blackHoled).toBe(1));
    expect(edge.counts().optionsAnswered).toBe(0);
    expect(client.responses).toEqual([]);
  });

  test('a rule for one source address leaves the others alone', async () => {
    const { edge, at } = await startEdge();
    const lossy = await new Client(at).open('127.0.1.10');
    const healthy = await new Client(at).open('127.0.2.10');
    edge.set({ forSource: '127.0.1.10', lossInRatio: 1 });
    edge.set({ optionsCode: 503 });
    for (let index = 0; index < 20; index += 1) {
      lossy.send('OPTIONS');
      healthy.send('OPTIONS');
    }
    expect(new Set(await healthy.statuses(20))).toEqual(new Set(['503 OPTIONS']));
    await vi.waitFor(() => expect(edge.counts('127.0.1.10').lostIn).toBe(20));
    expect(edge.counts('127.0.2.10')).toMatchObject({ received: 20, lostIn: 0, optionsAnswered: 20 });
    expect(edge.counts()).toMatchObject({ received: 40, lostIn: 20, optionsAnswered: 20 });
    edge.clear('127.0.1.10');
    lossy.send('OPTIONS');
    expect(await lossy.statuses(1)).toEqual(['503 OPTIONS']);
  });

  test('loss each way is near its ratio and repeats with the seed, however sources interleave', async () => {
    const run = async (seed: number, hasNeighbour: boolean) => {
      const { edge, at } = await startEdge(seed);
      const client = await new Client(at).open('127.0.1.10');
      const neighbour = await new Client(at).open('127.0.2.10');
      edge.set({ lossInRatio: 0.3, lossOutRatio: 0.1 });
      for (let sent = 1; sent <= 500; sent += 1) {
        client.send('OPTIONS');
        if (hasNeighbour) neighbour.send('OPTIONS');
        if (sent % 50 === 0) await until(() => edge.counts('127.0.1.10').received === sent);
      }
      return edge.counts('127.0.1.10');
    };
    const [alone, accompanied, other] = [await run(5, false), await run(5, true), await run(6, false)];
    expect(accompanied).toEqual(alone);
    expect(other).not.toEqual(alone);
    expect(alone.lostIn / 500).toBeGreaterThan(0.24);
    expect(alone.lostIn / 500).toBeLessThan(0.36);
    expect(alone.lostOut / alone.options).toBeGreaterThan(0.05);
    expect(alone.lostOut / alone.options).toBeLessThan(0.16);
    expect(alone.received).toBe(alone.lostIn + alone.lostOut + alone.optionsAnswered);
  });
});

describe('calls', () => {
  const tagOf = (client: Client) => client.responses.at(-1)?.to.parameters.get('tag') ?? 'none';

  test('INVITE is tried, rung and answered with SDP; ACK confirms, BYE ends', async () => {
    const { edge, at } = await startEdge();
    const client = await new Client(at).open();
    client.send('INVITE');
    expect(await client.statuses(3)).toEqual(['100 INVITE', '180 INVITE', '200 INVITE']);
    const answer = client.responses[2];
    expect(answer && fieldValue(answer, 'content-type')).toBe('application/sdp');
    expect(Buffer.from(answer?.body ?? []).toString()).toContain('m=audio');
    expect(edge.activeCalls).toBe(1);
    const toTag = tagOf(client);
    client.send('ACK', { toTag, branch: 'z9hG4bK2' });
    client.send('BYE', { toTag, branch: 'z9hG4bK3', cseq: '2 BYE' });
    expect((await client.statuses(4))[3]).toBe('200 BYE');
    expect(edge.activeCalls).toBe(0);
    client.send('BYE', { toTag, branch: 'z9hG4bK3', cseq: '2 BYE' });
    expect((await client.statuses(5))[4]).toBe('200 BYE');
    expect(edge.counts()).toMatchObject({ invites: 1, invitesAnswered: 1, byes: 1 });
  });

  test('a repeated INVITE is one call and gets the last answer again (RFC 3261 §17.2.1)', async () => {
    const { edge, at } = await startEdge();
    const client = await new Client(at).open();
    edge.set({ inviteCode: 503 });
    client.send('INVITE');
    await client.statuses(2);
    client.send('INVITE');
    expect(await client.statuses(3)).toEqual(['100 INVITE', '503 INVITE', '503 INVITE']);
    expect(edge.counts()).toMatchObject({ invites: 1, invitesAnswered: 0 });
  });

  test('a final answer is repeated after T1 until the ACK comes, then no more', async () => {
    const { edge, at } = await startEdge();
    const client = await new Client(at).open();
    edge.set({ inviteCode: 486 });
    client.send('INVITE');
    expect((await client.statuses(3)).slice(1)).toEqual(['486 INVITE', '486 INVITE']);
    client.send('ACK', { toTag: tagOf(client) });
    await vi.waitFor(() => expect(edge.counts().received).toBe(2));
    const before = client.responses.length;
    await expect(client.statuses(before + 1)).rejects.toThrow('Timed out');
  }, 15_000);

  test('CANCEL while it rings ends it with 487; without a call it gets 481 (RFC 3261 §9.2)', async () => {
    const { edge, at } = await startEdge();
    const client = await new Client(at).open();
    edge.set({ ringMs: 60_000 });
    client.send('CANCEL', { branch: 'z9hG4bKnone' });
    expect(await client.statuses(1)).toEqual(['481 CANCEL']);
    client.send('INVITE');
    await client.statuses(3);
    client.send('CANCEL');
    expect((await client.statuses(5)).slice(3)).toEqual(['200 CANCEL', '487 INVITE']);
    expect(edge.activeCalls).toBe(0);
  });

  test('silent to INVITE is silent, while OPTIONS is answered; and the other way round', async () => {
    const { edge, at } = await startEdge();
    const client = await new Client(at).open();
    edge.set({ inviteCode: 'silent' });
    client.send('INVITE');
    client.send('OPTIONS', { branch: 'z9hG4bK9', call: 'call9' });
    expect(await client.statuses(1)).toEqual(['200 OPTIONS']);
    edge.set({ inviteCode: 200, optionsCode: 'silent' });
    client.send('OPTIONS', { branch: 'z9hG4bK10', call: 'call10' });
    client.send('INVITE', { branch: 'z9hG4bK11', call: 'call11' });
    expect((await client.statuses(4)).slice(1)).toEqual(['100 INVITE', '180 INVITE', '200 INVITE']);
    expect(edge.counts()).toMatchObject({ invites: 2, invitesAnswered: 1, options: 2, optionsAnswered: 1 });
  });

  test('a re-INVITE is answered inside its dialog and is no new call; other methods get 501', async () => {
    const { edge, at } = await startEdge();
    const client = await new Client(at).open();
    client.send('INVITE');
    await client.statuses(3);
    const toTag = tagOf(client);
    client.send('ACK', { toTag, branch: 'z9hG4bK2' });
    client.send('INVITE', { toTag, branch: 'z9hG4bK4', cseq: '2 INVITE' });
    expect((await client.statuses(4))[3]).toBe('200 INVITE');
    expect(tagOf(client)).toBe(toTag);
    client.send('REGISTER', { branch: 'z9hG4bK5', call: 'other' });
    expect((await client.statuses(5))[4]).toBe('501 REGISTER');
    expect(edge.counts().invites).toBe(1);
  });
});
