import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startHub } from '../../server/hub-server.ts';
import type { SipOptionsMeasurement } from '../../wire/measurement.ts';
import { Secret } from '../../wire/secret.ts';
import { batchFrame } from '../support/probe-frames.ts';
import { httpServer, StandInDispatcher } from './actuate/dispatcher-fixture.ts';
import { ask, hubConfig, journalOf, ProbeSocket, SECRETS, temporaryFolder } from './hub-fixture.ts';
import { until } from './store/store-fixture.ts';

const SOURCE = { env: 'SET_BY_THE_TEST' };
const ENFORCING = {
  modes: [{ function: 'routing', mode: 'enforce' }],
  routing: { maxChangedRatio: 1 },
};

async function hubWith(actuators: object) {
  const secrets = {
    ...SECRETS,
    actuators: new Map(
      ['webhook noc', 'webhook dead', 'kamailio edge'].map((name) => [name, new Secret(`secret-of-${name}-00000000`)]),
    ),
  };
  const config = hubConfig(temporaryFolder(), { ...ENFORCING, actuators });
  const hub = await startHub(config, secrets, { logger: pino({ level: 'silent' }), softwareVersion: '0.0.0-test' });
  onTestFinished(() => hub.close().catch(() => undefined));
  const probe = await ProbeSocket.greet(hub.url, 'fra-1', { plan: { readAtEpochMs: 1, routes: [], down: [] } });
  return { url: hub.url, probe };
}

/** All well, then trunk a silent. @returns the plan that the hub sends. */
async function killA(probe: ProbeSocket) {
  for (let sequence = 0; sequence < 25; sequence += 1) {
    const sentAtMs = 10_000 + sequence * 1000;
    const measurements = ['b.b1', 'a.a1', 'peer.ams-1'].map((target, at): SipOptionsMeasurement => {
      const base = { kind: 'sip-options', target, sequence, schedule: 'liveness', sentAtMs: sentAtMs + at } as const;
      return sequence >= 10 && target === 'a.a1'
        ? { ...base, outcome: { kind: 'timed-out', waitedMs: 500 } }
        : { ...base, outcome: { kind: 'answered', rttMs: 5, statusCode: 200 } };
    });
    probe.send(batchFrame({ sequence, sentAtMs: sentAtMs + 500, measurements }));
  }
  return await probe.next('plan', ({ routes }) => routes.some(({ trunks }) => trunks[0]?.trunk === 'b'));
}

describe('a flip', () => {
  it('is in Asterisk and told to who listens, however long a dead webhook takes; that one becomes a dead letter', async () => {
    const bodies: string[] = [];
    let isBack = false;
    const noc = await httpServer((_request, body, response) => {
      bodies.push(body);
      response.end();
    });
    const dead = await httpServer((_request, _body, response) => {
      if (isBack) response.end();
    });
    const { probe, url } = await hubWith({
      webhooks: [
        { name: 'dead', url: dead.url, secret: SOURCE, timeoutMs: 400, attempts: 2 },
        { name: 'noc', url: noc.url, secret: SOURCE },
      ],
    });
    await killA(probe);
    expect((await ask(url, '/api/v1/actuators/dead-letters', 'night-shift')).json.items).toEqual([]);
    await until(() => bodies.length > 0);
    const told = JSON.parse(bodies[0] ?? '');
    const [entry] = await journalOf(url, 'flip');
    expect(told).toMatchObject({
      type: 'flip',
      data: { pbx: 'fra-1', fromTrunk: 'a', toTrunk: 'b', sentence: entry?.sentence },
    });
    expect(told.data.perTrunk).toMatchObject([{ trunk: 'b' }, { trunk: 'a', tier: 'hard-down' }]);
    await until(
      async () => (await ask(url, '/api/v1/actuators/dead-letters', 'night-shift')).json.items.length > 0,
      10_000,
    );
    const { items } = (await ask(url, '/api/v1/actuators/dead-letters', 'night-shift')).json;
    expect(items[0]).toMatchObject({
      hook: 'dead',
      about: 'fra-1 national',
      attempts: 2,
      reason: 'no answer within 400 ms',
      body: { type: 'flip' },
    });
    isBack = true;
    const path = `/api/v1/actuators/dead-letters/${items[0].deliveryId}/retry`;
    expect((await ask(url, path, 'watcher', {})).status).toBe(403);
    expect((await ask(url, path, 'night-shift', {})).status).toBe(200);
    await until(async () =>
      (await ask(url, '/api/v1/actuators/dead-letters', 'night-shift')).json.items.every(
        (each: { deliveryId: string }) => each.deliveryId !== items[0].deliveryId,
      ),
    );
    expect((await ask(url, path, 'night-shift', {})).status).toBe(404);
    expect((await journalOf(url, 'delivery-retried'))[0]?.actor).toBe('night-shift');
  }, 30_000);

  it('reaches the Kamailio edge that follows the PBX', async () => {
    const dispatcher = new StandInDispatcher();
    const [a, b] = ['sip:192.0.2.1:5060', 'sip:192.0.2.2:5060'];
    dispatcher.sets.set(1, [
      { uri: a, flags: 'AX', priority: 20 },
      { uri: b, flags: 'AX', priority: 10 },
    ]);
    const edge = await httpServer((request, body, response) => dispatcher.answer(request, body, response));
    const destinations = [
      { trunk: 'a', uri: a },
      { trunk: 'b', uri: b },
    ];
    const { probe, url } = await hubWith({
      kamailio: [
        {
          name: 'edge',
          url: edge.url,
          secret: SOURCE,
          follows: 'fra-1',
          sets: [{ set: 1, class: 'national', destinations }],
        },
      ],
    });
    await killA(probe);
    await until(() => dispatcher.flags()[0] === `${a} DX`, 10_000);
    expect((await journalOf(url, 'edge-applied')).map(({ scope }) => scope)).toEqual([
      { pbx: 'fra-1', class: 'national' },
    ]);
  }, 30_000);
});
