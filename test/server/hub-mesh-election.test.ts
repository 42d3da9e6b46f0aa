import { expect, it } from 'vitest';
import type { MeshView } from '../../server/assign/mesh-view.ts';
import { batchFrame } from '../support/probe-frames.ts';
import { ask, freshHub, greeting, journalOf, ProbeSocket, TOKENS } from './hub-fixture.ts';
import { until } from './store/store-fixture.ts';

const MESH = { packetMs: 30, onMs: 4000, offMs: 1000 };

async function streams(url: string): Promise<readonly MeshView[]> {
  const { status, text } = await ask(url, '/api/v1/assignments/mesh', 'watcher');
  if (status !== 200) throw new Error(text);
  return (JSON.parse(text) as { readonly items: readonly MeshView[] }).items;
}

async function meshProbe(url: string, pbx: 'fra-1' | 'ams-1', peer: string): Promise<ProbeSocket> {
  const probe = await ProbeSocket.open(url, TOKENS[pbx]);
  const abilities = { meshPeers: [peer], testCallTargets: [], canTrace: false };
  probe.send(greeting(pbx, { abilities, targets: [{ target: `peer.${peer}`, kind: 'peer', peer }] }));
  await probe.next('welcome');
  return probe;
}

it('the mesh runs at the pace of the hub’s file; the pair, its duty and its last word show in the API, its election in the journal', async () => {
  const { url } = await freshHub({ mesh: MESH });
  const probes = { 'fra-1': await meshProbe(url, 'fra-1', 'ams-1'), 'ams-1': await meshProbe(url, 'ams-1', 'fra-1') };
  const { mesh } = await probes['fra-1'].next('assignment', (frame) => frame.mesh.length > 0);
  expect(mesh).toMatchObject([{ ...MESH, payloadBytes: 240 }]);
  const [elected] = await streams(url);
  if (!elected) throw new Error('no stream');
  expect(elected).toMatchObject({ ...MESH, payloadBytes: 240, state: 'unheard' });
  const sender = elected.sender === 'fra-1' ? probes['fra-1'] : probes['ams-1'];
  const session = mesh[0]?.session ?? '';
  const idle = { kind: 'rtp-mesh-idle', target: `peer.${elected.reflector}`, session, observedAtMs: 60_000 } as const;
  sender.send(batchFrame({ sentAtMs: 60_000, measurements: [{ ...idle, because: 'bandwidth-cap' }] }));
  await until(async () => (await streams(url))[0]?.state === 'idle');
  expect((await streams(url))[0]).toMatchObject({ idle: { because: 'bandwidth-cap' } });
  const answer = await ask(
    url,
    `/api/v1/figures?key=${encodeURIComponent(`${elected.sender}>peer.${elected.reflector}`)}`,
    'watcher',
  );
  expect(JSON.parse(answer.text)).toMatchObject({
    noData: [{ what: 'mesh', direction: 'round-trip', because: expect.stringContaining('mesh.maxKbps') }],
  });
  const other = await ask(
    url,
    `/api/v1/figures?key=${encodeURIComponent(`${elected.reflector}>peer.${elected.sender}`)}`,
    'watcher',
  );
  expect(other.text).toContain(`${elected.sender} sends and ${elected.reflector} sends back`);
  await until(async () => (await journalOf(url, 'mesh-elected')).length > 0);
  const told = await journalOf(url, 'mesh-elected');
  expect(told.map(({ sentence }) => sentence)).toEqual([
    `from now on RTP is exchanged: between ams and fra ${elected.sender} to ${elected.reflector}`,
  ]);
  const { text } = await ask(url, '/metrics');
  expect(text).toContain('trunkward_mesh_streams 1\n');
});

it('a mesh that is off assigns nothing, and the path says so', async () => {
  const { url } = await freshHub({ mesh: { isEnabled: false } });
  const probe = await meshProbe(url, 'fra-1', 'ams-1');
  await meshProbe(url, 'ams-1', 'fra-1');
  expect((await probe.next('assignment')).mesh).toEqual([]);
  expect(await streams(url)).toEqual([]);
  const { text } = await ask(url, '/api/v1/figures?key=fra-1%3Epeer.ams-1', 'watcher');
  expect(text).toContain("the RTP mesh is off in the hub's file");
});
