import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type LivePicture, LiveServer } from '../../../server/live/live-server.ts';
import { LIVE_PROTOCOL, type LiveDelta, type LiveMessage, type LiveSnapshot } from '../../../wire/live.ts';
import { until } from '../store/store-fixture.ts';

/** A page's end of the live view: keeps every message. */
export class LiveView {
  readonly messages: LiveMessage[] = [];
  readonly socket: WebSocket;
  closeCode: number | undefined;

  constructor(url: string, protocols: readonly string[] = [LIVE_PROTOCOL], origin?: string) {
    this.socket = new WebSocket(url, [...protocols], origin === undefined ? {} : { origin });
    onTestFinished(() => this.socket.terminate());
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString('utf8')) as LiveMessage));
    this.socket.on('close', (code) => {
      this.closeCode = code;
    });
  }

  get snapshots(): readonly LiveSnapshot[] {
    return this.messages.filter((message) => message.type === 'snapshot');
  }

  get deltas(): readonly LiveDelta[] {
    return this.messages.filter((message) => message.type === 'delta');
  }

  /** The first message, waited for. */
  async first(): Promise<LiveMessage> {
    await until(() => this.messages.length > 0 || this.closeCode !== undefined);
    const [message] = this.messages;
    if (!message) throw new Error(`closed with ${this.closeCode}`);
    return message;
  }

  /** Close code, waited for. */
  async closed(): Promise<number> {
    await until(() => this.closeCode !== undefined);
    return this.closeCode ?? 0;
  }
}

/** A picture in which nothing is. */
export const EMPTY_PICTURE: LivePicture = {
  hub: {
    hubInstanceId: 'hub-under-test',
    softwareVersion: '0',
    startedAtEpochMs: 1,
    isStopped: false,
    fleetRoutingMode: 'observe',
    isJournalWritable: true,
  },
  pbxes: [],
  paths: [],
  verdicts: [],
  routes: [],
  journal: [],
};

/** A live server alone on loopback; views of any role. Changes leave every `flushMs`, empty deltas after `idleMs`. */
export async function liveServer(picture: () => LivePicture = () => EMPTY_PICTURE, idleMs = 100_000, flushMs = 10) {
  const live = new LiveServer(picture, Date.now, flushMs, idleMs);
  const http = createServer();
  http.on('upgrade', (request, socket, head) => {
    const role = request.url === '/admin' ? 'admin' : 'viewer';
    if (request.url === '/refused') live.refuse(request, socket, head, 4401, 'a token is needed');
    else live.accept(request, socket, head, role);
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    live.close();
    http.closeAllConnections();
    http.close();
  });
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { live, url };
}
