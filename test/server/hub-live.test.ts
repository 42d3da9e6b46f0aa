import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LIVE_PROTOCOL } from '../../wire/live.ts';
import { batchFrame } from '../support/probe-frames.ts';
import { ask, freshHub, greeting, journalOf, metricOf, ProbeSocket, TOKENS } from './hub-fixture.ts';
import { LiveView } from './live/live-view.ts';
import { until } from './store/store-fixture.ts';

const ANONYMOUS = { listen: { port: 0, allowAnonymousViewer: true } };
const liveUrl = (url: string) => `${url.replace(/^http/, 'ws')}/api/v1/live`;
const bearer = (token: string) => [LIVE_PROTOCOL, `bearer.${Buffer.from(token).toString('base64url')}`];

describe('the live view of a running hub', () => {
  it('is open without a token only where the configuration says so', async () => {
    const open = await freshHub(ANONYMOUS);
    const view = new LiveView(liveUrl(open.url));
    expect(await view.first()).toMatchObject({ type: 'snapshot', hub: { role: 'viewer' } });
    const closed = await freshHub();
    const refused = new LiveView(liveUrl(closed.url));
    expect(await refused.closed()).toBe(4401);
    expect(refused.messages).toEqual([]);
  });

  it.each([
    ['watcher', 'viewer'],
    ['night-shift', 'operator'],
    ['owner', 'admin'],
  ] as const)('is opened by the token of %s in a subprotocol, with the role of %s', async (user, role) => {
    const { url } = await freshHub();
    const view = new LiveView(liveUrl(url), bearer(TOKENS[user]));
    expect(await view.first()).toMatchObject({ type: 'snapshot', hub: { role } });
  });

  it.each([
    ['a token that is not known', 'no-such-token-at-this-hub'],
    ['the token of a probe', TOKENS['fra-1']],
  ])('is closed with 4401 on %s, also where anybody may look; counted and journaled', async (_name, token) => {
    const { url } = await freshHub(ANONYMOUS);
    const view = new LiveView(liveUrl(url), bearer(token));
    expect(await view.closed()).toBe(4401);
    expect(await metricOf(url, 'trunkward_probe_frames_refused_total{code="wrong-token"}')).toBe(1);
    expect(await journalOf(url, 'token-refused')).toHaveLength(1);
  });

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'not an origin'])(
    'is not opened from a page of %s, however good its token',
    async (origin) => {
      const { url } = await freshHub(ANONYMOUS);
      const view = new LiveView(liveUrl(url), bearer(TOKENS.owner), origin);
      await view.closed();
      expect(view.messages).toEqual([]);
    },
  );

  it('survives a broken frame from one that it has just turned away', async () => {
    const { url } = await freshHub();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(
      `GET /api/v1/live HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${LIVE_PROTOCOL}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0]));
    await new Promise((resolve) => socket.once('close', resolve));
    expect((await ask(url, '/healthz')).status).toBe(200);
  });

  it('gives no connection that it turns away a half to keep', async () => {
    const { url } = await freshHub();
    const { hostname, port } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    socket.on('error', () => undefined);
    const handshake = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    socket.write(`GET /api/v1/probe HTTP/1.1\r\nHost: ${hostname}\r\n${handshake}Sec-WebSocket-Version: 13\r\n\r\n`);
    socket.resume();
    await new Promise((resolve) => socket.once('end', resolve));
    const writing = setInterval(() => socket.write('x'), 20);
    await new Promise((resolve) => socket.once('close', resolve)).finally(() => clearInterval(writing));
    expect(socket.destroyed).toBe(true);
  });

  it('is opened from its own page', async () => {
    const { url } = await freshHub();
    const view = new LiveView(liveUrl(url), bearer(TOKENS.watcher), url);
    expect((await view.first()).type).toBe('snapshot');
  });

  it('shows what probes bring, first whole and then as it changes, numbered without a gap', async () => {
    const { url } = await freshHub(ANONYMOUS);
    const probe = await ProbeSocket.greet(url, 'fra-1');
    await until(async () => (await ask(url, '/api/v1/paths', 'watcher')).json.items.length === 3);
    const view = new LiveView(liveUrl(url));
    const [snapshot] = [await view.first()];
    expect(snapshot).toMatchObject({
      type: 'snapshot',
      pbxes: [
        { pbx: 'fra-1', site: 'fra', probe: 'connected' },
        { pbx: 'ams-1', site: 'ams', probe: 'never-seen' },
      ],
    });
    const outcome = { kind: 'answered', rttMs: 4.2, statusCode: 200 } as const;
    for (let sequence = 0; sequence < 5; sequence += 1) {
      const sentAtMs = 2000 + sequence;
      const base = { kind: 'sip-options', target: 'a.a1', schedule: 'liveness' } as const;
      probe.send(batchFrame({ sequence, sentAtMs, measurements: [{ ...base, sequence, sentAtMs, outcome }] }));
    }
    const healthy = () =>
      view.deltas
        .flatMap(({ changes }) => changes)
        .find((change) => change.kind === 'path' && change.value.state === 'healthy');
    await until(() => healthy() !== undefined);
    expect(healthy()?.value).toMatchObject({
      key: 'fra-1>a.a1',
      provider: 'telco-a',
      lastSampleAtEpochMs: expect.any(Number),
    });
    probe.socket.close();
    const silent = () =>
      view.deltas
        .flatMap(({ changes }) => changes)
        .find((change) => change.kind === 'pbx' && change.value.probe === 'silent');
    await until(() => silent() !== undefined);
    const sequences = [snapshot.sequence, ...view.deltas.map(({ sequence }) => sequence)];
    expect(sequences).toEqual(sequences.map((_each, at) => snapshot.sequence + at));
  });

  it('tells an open view that a path is gone which the probe’s file names no longer', async () => {
    const { url } = await freshHub(ANONYMOUS);
    const probe = await ProbeSocket.greet(url, 'fra-1');
    await until(async () => (await ask(url, '/api/v1/paths', 'watcher')).json.items.length === 3);
    const view = new LiveView(liveUrl(url));
    await view.first();
    probe.socket.close();
    const targets = greeting('fra-1').targets.filter(({ target }) => target !== 'b.b1');
    await ProbeSocket.greet(url, 'fra-1', { targets });
    const changes = () => view.deltas.flatMap((delta) => delta.changes);
    await until(() => changes().some(({ kind }) => kind === 'gone'));
    expect(changes().filter(({ kind }) => kind === 'gone')).toEqual([
      { kind: 'gone', value: { of: 'path', key: 'fra-1>b.b1' } },
    ]);
  });

  it('tells of an order at once, with the new mode of the fleet', async () => {
    const { url } = await freshHub(ANONYMOUS);
    const view = new LiveView(liveUrl(url));
    await view.first();
    await ask(url, '/api/v1/modes', 'owner', { function: 'routing', mode: 'enforce', reason: 'ticket 7' });
    const changes = () => view.deltas.flatMap((delta) => delta.changes);
    await until(() => changes().some((change) => change.kind === 'hub' && change.value.fleetRoutingMode === 'enforce'));
    expect(
      changes().find((change) => change.kind === 'journal' && change.value.kind === 'mode-set')?.value,
    ).toMatchObject({
      actor: 'owner',
    });
  });
});

describe('doors that are none', () => {
  it('an upgrade elsewhere gets 404', async () => {
    const { url } = await freshHub();
    await expect(ProbeSocket.open(`${url}/api/v1/other?`, TOKENS['fra-1'])).rejects.toThrow('404');
  });

  it('a connection that breaks off within its upgrade harms nothing', async () => {
    const { url } = await freshHub();
    const { port } = new URL(url);
    for (const path of ['probe', 'live', 'none']) {
      const socket = connect(Number(port), '127.0.0.1');
      await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
      socket.write(
        `GET /api/v1/${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bad\r\nAuthorization: Bearer ${TOKENS['fra-1']}\r\n\r\n`,
      );
      socket.resetAndDestroy();
    }
    const probe = await ProbeSocket.open(url, TOKENS['fra-1']);
    probe.send(greeting('fra-1'));
    await probe.next('welcome');
  });
});
