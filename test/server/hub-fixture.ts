import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type { JournalRecord } from '../../server/api/hub-api.ts';
import { readHubConfig } from '../../server/config.ts';
import type { HubConfig } from '../../server/config-schema.ts';
import type { HubSecrets } from '../../server/hub-secrets.ts';
import { type RunningHub, startHub } from '../../server/hub-server.ts';
import type { HubFrame } from '../../wire/hub-frames.ts';
import type { ProbeFrame } from '../../wire/probe-frames.ts';
import { Secret } from '../../wire/secret.ts';
import { helloFrame } from '../support/probe-frames.ts';
import { until } from './store/store-fixture.ts';

/** Tokens of the hub under test, by the name of whom they belong to. */
export const TOKENS = {
  'fra-1': 'token-of-the-probe-on-fra-1',
  'ams-1': 'token-of-the-probe-on-ams-1',
  watcher: 'token-of-a-viewer-000000000',
  'night-shift': 'token-of-an-operator-0000000',
  owner: 'token-of-an-admin-0000000000',
} as const;

/** Folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trunkward-hub-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A configuration of two sites with a PBX each, two providers and two classes, on any free port; parts may be replaced. */
export function hubConfig(dataDir: string, changes: Readonly<Record<string, unknown>> = {}): HubConfig {
  const source = { env: 'SET_BY_THE_TEST' };
  const read = readHubConfig({
    listen: { port: 0 },
    dataDir,
    sites: [{ site: 'fra' }, { site: 'ams' }],
    pbxes: [
      { pbx: 'fra-1', site: 'fra', probe: 'probe-1', token: source },
      { pbx: 'ams-1', site: 'ams', probe: 'probe-2', token: source },
    ],
    providers: [
      { provider: 'telco-a', trunks: [{ trunk: 'a', edges: ['a1'] }] },
      { provider: 'telco-b', trunks: [{ trunk: 'b', edges: ['b1'] }] },
    ],
    classes: [
      { class: 'national', trunks: ['a', 'b'] },
      { class: 'international', trunks: ['b', 'a'] },
    ],
    tokens: [
      { name: 'watcher', role: 'viewer', token: source },
      { name: 'night-shift', role: 'operator', token: source },
      { name: 'owner', role: 'admin', token: source },
    ],
    ...changes,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.config;
}

/** The secrets that go with {@link TOKENS}. */
export const SECRETS: HubSecrets = {
  probeTokens: new Map((['fra-1', 'ams-1'] as const).map((pbx) => [pbx, new Secret(TOKENS[pbx])])),
  userTokens: new Map((['watcher', 'night-shift', 'owner'] as const).map((name) => [name, new Secret(TOKENS[name])])),
};

/** Starts a real hub on loopback; it is closed when the test ends, or earlier by the test. */
export async function hubFor(config: HubConfig): Promise<RunningHub> {
  const hub = await startHub(config, SECRETS, { logger: pino({ level: 'silent' }), softwareVersion: '0.0.0-test' });
  onTestFinished(() => hub.close().catch(() => undefined));
  return hub;
}

/** A hub on a fresh folder. */
export async function freshHub(changes: Readonly<Record<string, unknown>> = {}) {
  const dataDir = temporaryFolder();
  const hub = await hubFor(hubConfig(dataDir, changes));
  return { hub, url: hub.url, dataDir };
}

type Message<Frame> = Extract<HubFrame, { readonly type: Frame }>;

/** A raw WebSocket to the probe uplink that sends what it is told and keeps all that comes. */
export class ProbeSocket {
  readonly frames: HubFrame[] = [];
  readonly socket: WebSocket;
  closeCode: number | undefined;
  closeReason = '';

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString('utf8')) as HubFrame));
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      this.closeCode = code;
      this.closeReason = reason.toString();
    });
  }

  /** Opens the socket. @throws Error naming the status where the hub refuses the upgrade. */
  static async open(hubUrl: string, token: string | undefined, options: ClientOptions = {}): Promise<ProbeSocket> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(`${hubUrl.replace(/^http/, 'ws')}/api/v1/probe`, { headers, ...options });
    const probe = new ProbeSocket(socket);
    onTestFinished(() => socket.terminate());
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return probe;
  }

  /** Opens the socket of a PBX and says hello; resolves with the welcome. */
  static async greet(
    hubUrl: string,
    pbx: 'fra-1' | 'ams-1',
    changes: Parameters<typeof helloFrame>[0] = {},
  ): Promise<ProbeSocket> {
    const probe = await ProbeSocket.open(hubUrl, TOKENS[pbx]);
    probe.send(greeting(pbx, changes));
    await probe.next('welcome');
    return probe;
  }

  send(...frames: readonly ProbeFrame[]): void {
    for (const frame of frames) this.socket.send(JSON.stringify(frame));
  }

  /** Frames of one type that have come. */
  got<Type extends HubFrame['type']>(type: Type): readonly Message<Type>[] {
    return this.frames.filter((frame): frame is Message<Type> => frame.type === type);
  }

  /** The first frame of a type that fits, waited for. */
  async next<Type extends HubFrame['type']>(
    type: Type,
    fits: (frame: Message<Type>) => boolean = () => true,
  ): Promise<Message<Type>> {
    await until(() => this.got(type).some(fits) || this.closeCode !== undefined);
    const frame = this.got(type).find(fits);
    if (!frame) throw new Error(`closed with ${this.closeCode} ${this.closeReason} before ${type}`);
    return frame;
  }

  /** Resolves with the close code. */
  async closed(boundMs?: number): Promise<number> {
    await until(() => this.closeCode !== undefined, boundMs);
    return this.closeCode ?? 0;
  }
}

/** Hello of the probe of a PBX, with both trunks as targets and its peer. */
export function greeting(pbx: 'fra-1' | 'ams-1', changes: Parameters<typeof helloFrame>[0] = {}) {
  const peer = pbx === 'fra-1' ? 'ams-1' : 'fra-1';
  return helloFrame({
    pbx,
    probe: pbx === 'fra-1' ? 'probe-1' : 'probe-2',
    instanceId: `instance-of-${pbx}`,
    targets: [
      { target: 'a.a1', kind: 'trunk', trunk: 'a', edge: 'a1' },
      { target: 'b.b1', kind: 'trunk', trunk: 'b', edge: 'b1' },
      { target: `peer.${peer}`, kind: 'peer', peer },
    ],
    trunks: ['a', 'b'],
    classes: ['national', 'international'],
    ...changes,
  });
}

/** Asks the hub over HTTP as one of the users; `body` makes it a POST, unless another method is named. */
export async function ask(
  url: string,
  path: string,
  user?: keyof typeof TOKENS,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
) {
  const headers: Record<string, string> = user ? { authorization: `Bearer ${TOKENS[user]}` } : {};
  const response = await fetch(`${url}${path}`, {
    headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/**
 * Journal entries of a kind, newest first. What a frame brings about is counted at once and journaled a moment later, so
 * a first entry is waited for; none within the bound gives an empty list.
 */
export async function journalOf(url: string, kind: string, boundMs = 3000): Promise<readonly JournalRecord[]> {
  const deadlineMs = performance.now() + boundMs;
  for (;;) {
    const { json } = await ask(url, `/api/v1/journal?kind=${kind}`, 'watcher');
    if (json.items.length > 0 || performance.now() > deadlineMs) return json.items;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Value of a series on `/metrics`, 0 where there is none. Labels in the order of the catalogue. */
export async function metricOf(url: string, series: string): Promise<number> {
  const { text } = await ask(url, '/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length));
}

/** Rows of the hub's own database file, read by another connection while the hub runs. */
export function rowsOnDisk(dataDir: string, sql: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(join(dataDir, 'hub.sqlite3'), { readOnly: true });
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}
