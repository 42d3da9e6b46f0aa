import { describe, expect, it } from 'vitest';
import { LIVE_PROTOCOL, type LiveChange, type LiveJournalEntry } from '../../../wire/live.ts';
import { until } from '../store/store-fixture.ts';
import { EMPTY_PICTURE, LiveView, liveServer } from './live-view.ts';

const note = (id: number): LiveJournalEntry => ({
  id,
  atEpochMs: 0,
  kind: 'note',
  actor: 'hub',
  sentence: `entry ${id}`,
});
const change = (id: number): LiveChange => ({ kind: 'journal', value: note(id) });
const hubChange: LiveChange = { kind: 'hub', value: { ...EMPTY_PICTURE.hub, isStopped: true, role: 'viewer' } };

describe('a live view', () => {
  it('is sent the snapshot first, whatever waits to be told', async () => {
    const { live, url } = await liveServer(undefined, undefined, 100_000);
    live.publish([change(1)]);
    const first = new LiveView(url);
    expect(await first.first()).toMatchObject({ type: 'snapshot', hub: { hubInstanceId: 'hub-under-test' } });
    const { sequence } = first.messages[0] ?? {};
    live.publish([change(2)]);
    const second = new LiveView(url);
    expect(await second.first()).toMatchObject({ type: 'snapshot', sequence: (sequence ?? 0) + 1 });
    await until(() => first.deltas.length === 1);
    expect(first.deltas).toMatchObject([{ sequence: (sequence ?? 0) + 1, changes: [change(2)] }]);
  });

  it('then gets every change, in deltas numbered one up from the snapshot', async () => {
    const { live, url } = await liveServer();
    const view = new LiveView(url);
    const snapshot = await view.first();
    for (let id = 1; id <= 30; id += 1) {
      live.publish([change(id)]);
      if (id % 3 === 0) await until(() => view.deltas.some(({ changes }) => changes.length > 0 && isLast(changes, id)));
    }
    const sequences = view.deltas.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_each, at) => snapshot.sequence + 1 + at));
    const ids = view.deltas.flatMap(({ changes }) => changes.map((each) => each.kind === 'journal' && each.value.id));
    expect(ids).toEqual(Array.from({ length: 30 }, (_each, at) => at + 1));
  });

  it('hears from the hub although nothing changes', async () => {
    const { url } = await liveServer(undefined, 20);
    const view = new LiveView(url);
    await until(() => view.deltas.length >= 3);
    expect(view.deltas.every(({ changes }) => changes.length === 0)).toBe(true);
  });

  it('that comes back with its last number is sent what it missed, in order', async () => {
    const { live, url } = await liveServer();
    const first = new LiveView(url);
    const before = (await first.first()).sequence;
    live.publish([change(1)]);
    await until(() => first.deltas.length === 1);
    live.publish([change(2)]);
    await until(() => first.deltas.length === 2);
    const back = new LiveView(url);
    await back.first();
    back.socket.send(JSON.stringify({ type: 'resume', sequence: before }));
    await until(() => back.deltas.length === 2);
    expect(back.deltas).toEqual(first.deltas);
    expect(back.snapshots).toHaveLength(1);
  });

  it('whose number the hub does not know is sent a new snapshot', async () => {
    const { url } = await liveServer();
    const view = new LiveView(url);
    await view.first();
    view.socket.send(JSON.stringify({ type: 'resume', sequence: 5000 }));
    await until(() => view.snapshots.length === 2);
  });

  it.each([['{"type":"resume"}'], ['{"type":"resume","sequence":-1}'], ['{"type":"order"}'], ['null'], ['{']])(
    'that sends %s is closed, and others stay',
    async (text) => {
      const { live, url } = await liveServer();
      const view = new LiveView(url);
      const other = new LiveView(url);
      await Promise.all([view.first(), other.first()]);
      view.socket.send(text);
      expect(await view.closed()).toBe(4400);
      live.publish([change(1)]);
      await until(() => other.deltas.length === 1);
      expect(live.viewCount).toBe(1);
    },
  );

  it('that sends more than a resume needs is cut', async () => {
    const { url } = await liveServer();
    const view = new LiveView(url);
    await view.first();
    view.socket.send('x'.repeat(2000));
    expect(await view.closed()).toBe(1009);
  });

  it('is told its own role, in the snapshot and in every change of the hub', async () => {
    const { live, url } = await liveServer();
    const viewer = new LiveView(url);
    const admin = new LiveView(`${url}/admin`);
    await Promise.all([viewer.first(), admin.first()]);
    live.publish([hubChange]);
    for (const [view, role] of [
      [viewer, 'viewer'],
      [admin, 'admin'],
    ] as const) {
      await until(() => view.deltas.length === 1);
      expect(view.snapshots[0]?.hub.role).toBe(role);
      expect(view.deltas[0]?.changes).toEqual([{ kind: 'hub', value: { ...hubChange.value, role } }]);
    }
  });

  it('without a good token is closed with a code that a page can see', async () => {
    const { live, url } = await liveServer();
    const view = new LiveView(`${url}/refused`);
    expect(await view.closed()).toBe(4401);
    expect(view.messages).toEqual([]);
    expect(live.viewCount).toBe(0);
  });

  it('speaks the protocol of the contract, and never selects a bearer', async () => {
    const { url } = await liveServer();
    const view = new LiveView(url, [`bearer.${'a'.repeat(30)}`, LIVE_PROTOCOL]);
    await view.first();
    expect(view.socket.protocol).toBe(LIVE_PROTOCOL);
  });

  it('gets through a snapshot larger than what may wait for it, on a line that is slow', async () => {
    const journal = Array.from({ length: 100 }, (_each, id) => ({ ...note(id), sentence: 'x'.repeat(100_000) }));
    const { live, url } = await liveServer(() => ({ ...EMPTY_PICTURE, journal }));
    const view = new LiveView(url);
    const tcp = await new Promise<{ pause: () => void; resume: () => void }>((resolve) => {
      view.socket.once('upgrade', (response) => resolve(response.socket));
    });
    tcp.pause();
    await until(() => live.viewCount === 1);
    live.publish([change(1)]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(live.viewCount).toBe(1);
    tcp.resume();
    expect((await view.first()).type).toBe('snapshot');
    await until(() => view.deltas.length >= 1);
  });

  it('that reads nothing is sent away before its hub runs out of memory', async () => {
    const { live, url } = await liveServer();
    const view = new LiveView(url);
    await view.first();
    view.socket.pause();
    const big = 'x'.repeat(500_000);
    for (let id = 0; id < 400 && live.viewCount === 1; id += 1) {
      live.publish([{ kind: 'journal', value: { ...note(id), sentence: big } }]);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    expect(live.viewCount).toBe(0);
  });
});

function isLast(changes: readonly LiveChange[], id: number): boolean {
  const last = changes.at(-1);
  return last?.kind === 'journal' && last.value.id === id;
}
