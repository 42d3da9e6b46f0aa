import { describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES } from '../../wire/codec.ts';
import { batchFrame, eventFrame, helloFrame } from '../support/probe-frames.ts';
import { ask, freshHub, greeting, journalOf, metricOf, ProbeSocket, rowsOnDisk, TOKENS } from './hub-fixture.ts';
import { until } from './store/store-fixture.ts';

const REFUSED = 'trunkward_probe_frames_refused_total';

/** Asserts that a probe is served as before: its event is stored and acknowledged. */
async function expectServed(probe: ProbeSocket, sequence: number): Promise<void> {
  probe.send(eventFrame({ outboxId: 'outbox-1-served', sequence }));
  await probe.next('ack', (ack) => ack.sequence === sequence);
}

describe('the uplink of a running hub', () => {
  it.each([
    ['an unknown token', 'no-such-token-at-this-hub'],
    ['no token', undefined],
    ['the token of a user', TOKENS.owner],
  ])('answers %s with 401, counts it and journals it once (rule 10)', async (_name, token) => {
    const { url } = await freshHub();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(ProbeSocket.open(url, token)).rejects.toThrow('401');
    }
    expect(await metricOf(url, `${REFUSED}{code="wrong-token"}`)).toBe(3);
    const entries = await journalOf(url, 'token-refused');
    expect(entries.map(({ sentence }) => sentence)).toEqual([
      'refused a probe connection from 127.0.0.1: its token is not known here',
    ]);
  });

  it('acknowledges an event only when the journal has on disk what it says of it, once (rules 7 and 8)', async () => {
    const { url, dataDir } = await freshHub();
    const probe = await ProbeSocket.greet(url, 'fra-1');
    const journaled = () => rowsOnDisk(dataDir, "select id from journal where kind = 'asterisk-lost'").length;
    for (let sequence = 1; sequence <= 5; sequence += 1) {
      probe.send(eventFrame({ outboxId: 'outbox-1-journal', sequence }));
      await probe.next('ack', (ack) => ack.sequence === sequence);
      expect(journaled()).toBe(sequence);
    }
    const acks = probe.got('ack').length;
    probe.send(eventFrame({ outboxId: 'outbox-1-journal', sequence: 5 }));
    await until(() => probe.got('ack').length > acks);
    expect(journaled()).toBe(5);
  });

  it('never writes the token that was refused into the journal or the metrics (rule 10)', async () => {
    const { url } = await freshHub();
    await expect(ProbeSocket.open(url, 'secret-that-must-not-be-told')).rejects.toThrow('401');
    const journal = await ask(url, '/api/v1/journal', 'watcher');
    const metrics = await ask(url, '/metrics');
    expect(`${journal.text}${metrics.text}`).not.toContain('secret-that-must-not-be-told');
  });

  it('refuses another instance on the same token with the reason, and the first goes on', async () => {
    const { url } = await freshHub();
    const first = await ProbeSocket.greet(url, 'fra-1');
    const second = await ProbeSocket.open(url, TOKENS['fra-1']);
    second.send(greeting('fra-1', { instanceId: 'instance-intruder' }));
    const refusal = await second.next('refuse');
    expect(refusal).toMatchObject({ code: 'another-instance', fatal: true });
    expect(refusal.reason).toBe('instance instance-of-fra-1 is connected for fra-1');
    expect(await second.closed()).toBe(4400);
    await expectServed(first, 1);
    expect(await metricOf(url, `${REFUSED}{code="another-instance"}`)).toBe(1);
    expect(await journalOf(url, 'probe-refused')).toHaveLength(1);
    expect(first.closeCode).toBeUndefined();
  });

  it('takes nothing that a refused instance sends behind its hello', async () => {
    const { url, dataDir } = await freshHub();
    const first = await ProbeSocket.greet(url, 'fra-1');
    const second = await ProbeSocket.open(url, TOKENS['fra-1']);
    second.send(
      greeting('fra-1', { instanceId: 'instance-intruder' }),
      eventFrame({ outboxId: 'outbox-intruder' }),
      batchFrame({ measurements: [{ kind: 'invite', trunk: 'a', observedAtMs: 1, outcome: 'answered' }] }),
    );
    await second.closed();
    await expectServed(first, 1);
    expect(rowsOnDisk(dataDir, 'SELECT outbox_id FROM probe_events')).toEqual([{ outbox_id: 'outbox-1-served' }]);
    expect(await metricOf(url, 'trunkward_probe_frames_total{type="batch"}')).toBe(0);
  });

  it('lets a newer connection of the same instance replace the older', async () => {
    const { url } = await freshHub();
    const older = await ProbeSocket.greet(url, 'fra-1');
    const newer = await ProbeSocket.greet(url, 'fra-1');
    expect(await older.closed()).toBe(4409);
    await expectServed(newer, 1);
    const { json } = await ask(url, '/api/v1/sites', 'watcher');
    expect(json.items.find((site: { site: string }) => site.site === 'fra').pbxes[0].probe).toBe('connected');
  });

  it('tells what only its own file or that of a probe knows: where it changes, once, and for as long as it is so', async () => {
    const { url } = await freshHub();
    const stranger = { target: 'z.z1', kind: 'trunk', trunk: 'z', edge: 'z1' } as const;
    const own = { target: 'a.a1', kind: 'trunk', trunk: 'a', edge: 'a1' } as const;
    const both = { target: 'b.b1', kind: 'trunk', trunk: 'b', edge: 'b1' } as const;
    const differing = async (): Promise<unknown> => {
      const { json } = await ask(url, '/api/v1/sites', 'watcher');
      return json.items.find((site: { site: string }) => site.site === 'fra').pbxes[0].fileDifferences;
    };
    const other = { targets: [own, stranger], trunks: ['a', 'z'] };
    await ProbeSocket.greet(url, 'fra-1', other);
    await ProbeSocket.greet(url, 'fra-1', other);
    const told = [
      'the hub routes classes over trunks that its probe does not know, and does without them there: national over b, international over b',
      'its probe watches targets that the hub does not know, and that are not judged: z.z1',
    ];
    expect(await differing()).toEqual(told);
    await until(async () => (await journalOf(url, 'files-differ')).length > 0);
    expect(await journalOf(url, 'files-differ')).toMatchObject([{ sentence: `fra-1: ${told.join('; ')}` }]);
    const probe = await ProbeSocket.greet(url, 'fra-1', { targets: [own], trunks: ['a', 'b'] });
    expect(await differing()).toEqual([expect.stringContaining('not measured from there: b.b1')]);
    probe.send({ v: 1, type: 'targets', targets: [own, both] });
    await until(async () => (await differing()) === undefined);
    await until(async () => (await journalOf(url, 'files-differ')).length === 3);
  });

  it('shows why a probe has no Asterisk, from its hello on, until it has one', async () => {
    const { url } = await freshHub();
    const shown = async () => {
      const { json } = await ask(url, '/api/v1/sites', 'watcher');
      const { asteriskAway, asteriskVersion } = json.items.find((site: { site: string }) => site.site === 'fra')
        .pbxes[0];
      return { asteriskAway, asteriskVersion };
    };
    const probe = await ProbeSocket.greet(url, 'fra-1', { asteriskAway: 'connecting' });
    expect(await shown()).toEqual({ asteriskAway: 'connecting' });
    const reason = 'AMI_LOGIN_REFUSED: Authentication failed';
    const refused = { kind: 'asterisk-lost', reason, away: 'login-refused', wasReached: false } as const;
    probe.send(eventFrame({ outboxId: 'outbox-1-away', sequence: 1, body: refused }));
    await probe.next('ack', (ack) => ack.sequence === 1);
    expect(await shown()).toEqual({ asteriskAway: 'login-refused' });
    const [entry] = await journalOf(url, 'asterisk-lost');
    expect(entry?.sentence).toBe(`probe on fra-1 does not reach Asterisk: ${reason}`);
    const body = { kind: 'asterisk-connected', version: '22.1.0', fullyBooted: true } as const;
    probe.send(eventFrame({ outboxId: 'outbox-1-away', sequence: 2, body }));
    await probe.next('ack', (ack) => ack.sequence === 2);
    expect(await shown()).toEqual({ asteriskVersion: '22.1.0' });
  });

  it('refuses a hello for another PBX than the token is for (rule 10)', async () => {
    const { url } = await freshHub();
    const probe = await ProbeSocket.open(url, TOKENS['fra-1']);
    probe.send(greeting('ams-1'));
    expect(await probe.next('refuse')).toMatchObject({
      code: 'unknown-pbx',
      reason: 'this token is for probe probe-1 on fra-1',
    });
    await probe.closed();
    expect(await metricOf(url, `${REFUSED}{code="unknown-pbx"}`)).toBe(1);
  });

  it('closes on a frame over the limit with 1009, counted and journaled, other probes undisturbed', async () => {
    const { url } = await freshHub();
    const other = await ProbeSocket.greet(url, 'ams-1');
    const probe = await ProbeSocket.greet(url, 'fra-1');
    probe.socket.send(JSON.stringify({ ...batchFrame(), pad: 'x'.repeat(MAX_FRAME_BYTES) }));
    expect(await probe.closed()).toBe(1009);
    await expectServed(other, 1);
    expect(await metricOf(url, `${REFUSED}{code="too-large"}`)).toBe(1);
    expect((await journalOf(url, 'probe-refused')).map(({ sentence }) => sentence)).toEqual([
      `refused the probe of fra-1: too-large, a frame over ${MAX_FRAME_BYTES} bytes`,
    ]);
    expect((await ask(url, '/readyz')).status).toBe(200);
  });

  it('answers malformed frames with the place, counts each, journals once a minute, and goes on', async () => {
    const { url } = await freshHub();
    const probe = await ProbeSocket.greet(url, 'fra-1');
    const other = await ProbeSocket.greet(url, 'ams-1');
    probe.socket.send('{"v":1,');
    probe.socket.send(JSON.stringify({ ...batchFrame(), measurements: 'none' }));
    probe.socket.send(Buffer.from([0, 1, 2]), { binary: true });
    await until(() => probe.got('refuse').length === 3);
    expect(probe.got('refuse').map(({ code, fatal }) => [code, fatal])).toEqual([
      ['bad-frame', false],
      ['bad-frame', false],
      ['bad-frame', false],
    ]);
    expect(probe.got('refuse')[1]?.reason).toContain('/measurements');
    await expectServed(probe, 1);
    await expectServed(other, 1);
    expect(await metricOf(url, `${REFUSED}{code="bad-frame"}`)).toBe(3);
    expect(await journalOf(url, 'probe-refused')).toHaveLength(1);
  });

  it.each([0, 2, '1', null, [[[]]]])('refuses wire version %j for good', async (version) => {
    const { url } = await freshHub();
    const probe = await ProbeSocket.open(url, TOKENS['fra-1']);
    probe.socket.send(JSON.stringify({ ...helloFrame(), v: version }));
    expect(await probe.next('refuse')).toMatchObject({ code: 'unknown-version', fatal: true });
    expect(await probe.closed()).toBe(4400);
    expect(await metricOf(url, `${REFUSED}{code="unknown-version"}`)).toBe(1);
  });

  it('refuses a version nested so deep that printing it overflows a stack', async () => {
    const { url } = await freshHub();
    const probe = await ProbeSocket.open(url, TOKENS['fra-1']);
    const depth = 100_000;
    probe.socket.send(`{"type":"hello","v":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(await probe.next('refuse')).toMatchObject({ code: 'unknown-version' });
    expect(await metricOf(url, 'trunkward_hub_faults_total{place="frame"}')).toBe(0);
  });

  it('counts and journals a message that breaks WebSocket itself', async () => {
    const { url } = await freshHub();
    const probe = await ProbeSocket.greet(url, 'fra-1');
    probe.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    expect(await probe.closed()).toBe(1007);
    await until(async () => (await metricOf(url, `${REFUSED}{code="bad-frame"}`)) === 1);
    expect(await journalOf(url, 'probe-refused')).toHaveLength(1);
  });

  it('counts a batch once, however often it comes (rule 1)', async () => {
    const { url } = await freshHub();
    const probe = await ProbeSocket.greet(url, 'fra-1');
    const outcome = { kind: 'answered', rttMs: 5, statusCode: 200 } as const;
    const measurement = { kind: 'sip-options', target: 'a.a1', sequence: 0, schedule: 'liveness' } as const;
    const batch = batchFrame({ sequence: 4, measurements: [{ ...measurement, sentAtMs: 1900, outcome }] });
    probe.send(batch, batch, { ...batch, sequence: 3 });
    await until(() => probe.got('refuse').length === 2);
    expect(await metricOf(url, 'trunkward_measurements_total{kind="sip-options",outcome="answered"}')).toBe(1);
    expect(probe.got('refuse')[0]).toMatchObject({ code: 'bad-frame', fatal: false });
  });

  it('has an event on disk before it acknowledges it, and stores a repeated one once (rule 8)', async () => {
    const { url, dataDir } = await freshHub();
    const probe = await ProbeSocket.greet(url, 'fra-1');
    const event = eventFrame({ sequence: 7 });
    probe.send(event);
    expect(await probe.next('ack')).toEqual({ v: 1, type: 'ack', outboxId: 'outbox-0001', sequence: 7 });
    const sql = "SELECT outbox_id, sequence, pbx, kind FROM probe_events WHERE outbox_id = 'outbox-0001'";
    const row = { outbox_id: 'outbox-0001', sequence: 7, pbx: 'fra-1', kind: 'asterisk-lost' };
    expect(rowsOnDisk(dataDir, sql)).toEqual([row]);
    probe.send(event);
    await until(() => probe.got('ack').length === 2);
    expect(rowsOnDisk(dataDir, sql)).toEqual([row]);
    expect(await journalOf(url, 'asterisk-lost')).toHaveLength(1);
  });

  it('keeps the first of two different events under one name and says so', async () => {
    const { url, dataDir } = await freshHub();
    const probe = await ProbeSocket.greet(url, 'fra-1');
    probe.send(eventFrame(), eventFrame({ body: { kind: 'asterisk-lost', reason: 'another story' } }));
    await until(() => probe.got('ack').length === 2);
    expect(rowsOnDisk(dataDir, 'SELECT body FROM probe_events')).toEqual([
      { body: '{"kind":"asterisk-lost","reason":"connection closed"}' },
    ]);
    await until(async () => (await journalOf(url, 'event-conflict')).length === 1);
  });

  it('cuts a probe that sends fast and reads nothing, and serves the others', async () => {
    const classes = Array.from({ length: 64 }, (_each, at) => ({
      class: `class-${at}-${'x'.repeat(20)}`,
      trunks: ['a'],
    }));
    const modes = classes.map((entry) => ({ function: 'routing', mode: 'observe', scope: { class: entry.class } }));
    const { url } = await freshHub({ classes, modes });
    const other = await ProbeSocket.greet(url, 'ams-1');
    const probe = await ProbeSocket.open(url, TOKENS['fra-1']);
    probe.socket.pause();
    const hello = JSON.stringify(greeting('fra-1'));
    for (let sent = 0; sent < 20_000 && probe.socket.readyState === probe.socket.OPEN; sent += 1) {
      await new Promise<void>((resolve) => probe.socket.send(hello, () => resolve()));
    }
    await until(async () => (await ask(url, '/api/v1/sites', 'watcher')).text.includes('"probe":"silent"'));
    await expectServed(other, 1);
  });
});
