import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SipOptionsMeasurement } from '../../wire/measurement.ts';
import type { ReadBackRoute } from '../../wire/plan.ts';
import { encodeRouteValue, parseRouteValue } from '../../wire/route-value.ts';
import { batchFrame, eventFrame } from '../support/probe-frames.ts';
import { ask, hubConfig, hubFor, journalOf, metricOf, ProbeSocket, temporaryFolder } from './hub-fixture.ts';
import { until } from './store/store-fixture.ts';

const ENFORCING = {
  modes: [{ function: 'routing', mode: 'enforce' }],
  routing: { maxChangedRatio: 1, holdDownMs: 600_000, maxHoldDownMs: 600_000 },
};

function held(stamp: string, order: string, name = 'national'): ReadBackRoute {
  const raw = `2:${stamp}:${order
    .split('>')
    .map((trunk, at) => `${trunk}/${at === 0 ? 100 : 0}`)
    .join(',')}`;
  const parsed = parseRouteValue(raw);
  if (!parsed.ok) throw new Error(parsed.fault);
  return { class: name, raw, ...parsed.route, trunks: [...parsed.route.trunks] };
}

/** AstDB as read back: national as given, international in its order of the configuration. */
function planOf(national: ReadBackRoute) {
  const international = held(`${national.fence}.${national.version}`, 'b>a', 'international');
  return { readAtEpochMs: 1, routes: [national, international], down: [] };
}

/** Sends one attempt at each trunk, `lost` ones without an answer, and answers for everything else. */
class Measuring {
  readonly #probe: ProbeSocket;
  #sequence = 0;

  constructor(probe: ProbeSocket) {
    this.#probe = probe;
  }

  send(attempts: number, isLost: (target: string) => boolean): void {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const sequence = this.#sequence;
      this.#sequence += 1;
      const sentAtMs = 10_000 + sequence * 1000;
      const measurements = ['b.b1', 'a.a1', 'peer.ams-1'].map((target, at): SipOptionsMeasurement => {
        const base = { kind: 'sip-options', target, sequence, schedule: 'liveness', sentAtMs: sentAtMs + at } as const;
        if (isLost(target)) return { ...base, outcome: { kind: 'timed-out', waitedMs: 500 } };
        return { ...base, outcome: { kind: 'answered', rttMs: 5, statusCode: 200 } };
      });
      this.#probe.send(batchFrame({ sequence, sentAtMs: sentAtMs + 500, measurements }));
    }
  }
}

const isA = (target: string) => target === 'a.a1';
const routeOf = async (url: string) =>
  (await ask(url, '/api/v1/routes?pbx=fra-1&class=national', 'watcher')).json.items[0];
const leader = async (url: string) => (await routeOf(url))?.planned[0].trunk;

/** Brings trunk a down on fra-1 and answers the plan that follows, as its probe would. */
async function flipAway(url: string, probe: ProbeSocket, measuring: Measuring) {
  measuring.send(10, () => false);
  measuring.send(15, isA);
  const plan = await probe.next('plan');
  const { fence, version } = plan;
  const trunks = plan.routes.find((route) => route.class === 'national')?.trunks ?? [];
  const readBack = encodeRouteValue({ fence, version, trunks });
  probe.send({
    v: 1,
    type: 'plan-result',
    fence,
    version,
    results: plan.routes.map((route) => ({
      class: route.class,
      outcome: 'applied',
      readBack: encodeRouteValue({ fence, version, trunks: route.trunks }),
    })),
    finishedAtMs: 1,
    finishedAtEpochMs: 2,
  });
  await until(async () => (await routeOf(url))?.isApplied === true);
  return { plan, readBack };
}

describe('a hub that acts', () => {
  it('has a flip in its journal with the evidence when the plan reaches the probe, and the read-back after (rule 7)', async () => {
    const { url } = await hubFor(hubConfig(temporaryFolder(), ENFORCING));
    const probe = await ProbeSocket.greet(url, 'fra-1', { plan: planOf(held('1.1', 'a>b')) });
    const { plan } = await flipAway(url, probe, new Measuring(probe));
    expect(plan.routes.find((route) => route.class === 'national')?.trunks[0]?.trunk).toBe('b');
    const [flip, ...others] = await journalOf(url, 'flip');
    expect(others).toEqual([]);
    expect(flip).toMatchObject({ actor: 'hub', scope: { pbx: 'fra-1', class: 'national', trunk: 'a' } });
    expect(flip?.sentence).toMatch(/a/);
    expect(flip?.detail).toMatchObject({ fromTrunk: 'a', toTrunk: 'b', version: plan.version, orderedBy: 'planner' });
    await until(async () => (await journalOf(url, 'plan-applied')).length === 1);
    const [applied] = await journalOf(url, 'plan-applied');
    expect(applied?.id).toBeGreaterThan(flip?.id ?? 0);
    expect(applied?.sentence).toContain(`2:${plan.fence}.${plan.version}:b/100,a/0`);
  });

  it('says loudly, once, that no trunk of a class is left that is not bad, and when that is over (rule 7)', async () => {
    const { url } = await hubFor(hubConfig(temporaryFolder(), ENFORCING));
    const probe = await ProbeSocket.greet(url, 'fra-1', { plan: planOf(held('1.1', 'a>b')) });
    const measuring = new Measuring(probe);
    measuring.send(10, () => false);
    measuring.send(15, (target) => !target.startsWith('peer'));
    const gauge = () => metricOf(url, 'trunkward_routes_panic{pbx="fra-1",class="national"}');
    await until(async () => (await gauge()) === 1);
    await until(async () => (await journalOf(url, 'panic')).length === 2);
    const classes = (await journalOf(url, 'panic')).map(({ scope }) => scope.class);
    expect(new Set(classes)).toEqual(new Set(['international', 'national']));
    measuring.send(60, () => false);
    await until(async () => (await gauge()) === 0);
    await until(async () => (await journalOf(url, 'panic-over')).length === 2);
    expect(await journalOf(url, 'panic')).toHaveLength(2);
  });

  it('shows the mark that a probe has set by itself, from its hello and from its readings', async () => {
    const { url } = await hubFor(hubConfig(temporaryFolder()));
    const marked = async () =>
      (await routeOf(url))?.trunks.filter(({ reason }: { readonly reason: string }) => reason.includes('marked down'));
    const down = [{ trunk: 'b', untilEpochMs: Date.now() + 600_000 }];
    const plan = planOf(held('1.1', 'a>b'));
    const probe = await ProbeSocket.greet(url, 'fra-1', { plan: { ...plan, down } });
    await until(async () => (await marked())?.length === 1);
    expect((await marked())?.[0]).toMatchObject({ trunk: 'b' });
    probe.send({ v: 1, type: 'read-back', plan });
    await until(async () => (await marked())?.length === 0);
  });

  it('stops at once by the switch: what happens then is not acted upon (rule 7)', async () => {
    const { url } = await hubFor(hubConfig(temporaryFolder(), ENFORCING));
    const probe = await ProbeSocket.greet(url, 'fra-1', { plan: planOf(held('1.1', 'a>b')) });
    const measuring = new Measuring(probe);
    measuring.send(10, () => false);
    await ask(url, '/api/v1/stop', 'night-shift', { isStopped: true, reason: 'drill' });
    measuring.send(15, isA);
    await until(async () => (await ask(url, '/api/v1/paths?state=hard-down', 'watcher')).json.items.length === 1);
    await until(async () => (await routeOf(url)).reason === 'Stopped by the global switch: nothing changes.');
    expect(await leader(url)).toBe('a');
    expect(probe.got('plan')).toEqual([]);
    expect(await journalOf(url, 'flip')).toEqual([]);
    await ask(url, '/api/v1/stop', 'night-shift', { isStopped: false, reason: 'drill is over' });
    await probe.next('plan');
    expect(await leader(url)).toBe('b');
    expect(await journalOf(url, 'flip')).toHaveLength(1);
  });
});

describe('a hub that starts again on the same folder', () => {
  it('keeps its journal, orders and acknowledged events, and takes a higher fence', async () => {
    const config = hubConfig(temporaryFolder());
    const first = await hubFor(config);
    const probe = await ProbeSocket.greet(first.url, 'fra-1');
    const { fence } = await probe.next('welcome');
    probe.send(eventFrame());
    await probe.next('ack');
    await ask(first.url, '/api/v1/modes', 'owner', {
      function: 'routing',
      mode: 'enforce',
      scope: { pbx: 'fra-1' },
      reason: 'x',
    });
    await ask(first.url, '/api/v1/stop', 'night-shift', { isStopped: true, reason: 'drill' });
    await first.close();
    expect(await probe.closed()).toBeGreaterThan(1000);

    const { url } = await hubFor(config);
    const back = await ProbeSocket.greet(url, 'fra-1');
    const welcome = await back.next('welcome');
    expect(welcome.fence).toBeGreaterThan(fence);
    expect(welcome.modes).toMatchObject({ stopped: true, routing: 'enforce' });
    expect((await (await ProbeSocket.greet(url, 'ams-1')).next('welcome')).modes).toMatchObject({ routing: 'observe' });
    for (const kind of ['mode-set', 'stopped', 'asterisk-lost']) expect(await journalOf(url, kind)).toHaveLength(1);
    back.send(eventFrame());
    await back.next('ack');
    expect(await journalOf(url, 'asterisk-lost')).toHaveLength(1);
  });

  it('follows the orders of its people, not again the modes of its configuration', async () => {
    const config = hubConfig(temporaryFolder(), { modes: [{ function: 'routing', mode: 'enforce' }] });
    const first = await hubFor(config);
    await ask(first.url, '/api/v1/modes', 'owner', { function: 'routing', mode: 'observe', reason: 'trouble' });
    await first.close();
    const { url } = await hubFor(config);
    const probe = await ProbeSocket.greet(url, 'fra-1');
    expect((await probe.next('welcome')).modes.routing).toBe('observe');
  });

  it('keeps the hold: no return into the hole, nothing flips before fresh evidence (rules 2 and 9)', async () => {
    const config = hubConfig(temporaryFolder(), ENFORCING);
    const first = await hubFor(config);
    const probe = await ProbeSocket.greet(first.url, 'fra-1', { plan: planOf(held('1.1', 'a>b')) });
    const { plan, readBack } = await flipAway(first.url, probe, new Measuring(probe));
    await first.close();

    const { url } = await hubFor(config);
    await until(async () => (await routeOf(url)) !== undefined);
    expect(await leader(url)).toBe('b');
    const { items } = (await ask(url, '/api/v1/paths?pbx=fra-1', 'watcher')).json;
    expect(items.map(({ state }: { state: string }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    const stamp = `${plan.fence}.${plan.version}`;
    expect(readBack).toBe(`2:${stamp}:b/100,a/0`);
    const back = await ProbeSocket.greet(url, 'fra-1', {
      plan: planOf(held(stamp, 'b>a')),
      instanceId: 'instance-again',
    });
    new Measuring(back).send(30, () => false);
    await until(async () => (await ask(url, '/api/v1/paths?state=healthy', 'watcher')).json.items.length === 3);
    await until(async () => (await metricOf(url, 'trunkward_engine_pass_seconds_count')) > 3);
    expect(await leader(url)).toBe('b');
    expect(back.got('plan')).toEqual([]);
    expect(await journalOf(url, 'flip')).toHaveLength(1);
  });

  it('adopts what it finds where its database is gone, and rises above the fence that probes know (rule 9)', async () => {
    const dataDir = temporaryFolder();
    const config = hubConfig(dataDir, ENFORCING);
    await (await hubFor(config)).close();
    await rm(dataDir, { recursive: true });
    const { url } = await hubFor(config);
    const probe = await ProbeSocket.greet(url, 'fra-1', { heldFence: 41, plan: planOf(held('41.7', 'b>a')) });
    expect((await probe.next('welcome')).fence).toBeLessThan(41);
    await until(async () => (await journalOf(url, 'fence-raised')).length === 1);
    new Measuring(probe).send(10, () => false);
    await until(async () => (await ask(url, '/api/v1/paths?state=healthy', 'watcher')).json.items.length === 3);
    expect(await leader(url)).toBe('b');
    const again = await ProbeSocket.greet(url, 'ams-1', { heldFence: 41 });
    expect((await again.next('welcome')).fence).toBe(42);
    expect(await journalOf(url, 'fence-raised')).toHaveLength(1);
  });

  it.each([999_999_999_999_999, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER])(
    'is not carried away by a probe that claims fence %i: it says so, and can start again',
    async (heldFence) => {
      const config = hubConfig(temporaryFolder());
      const first = await hubFor(config);
      const liar = await ProbeSocket.greet(first.url, 'fra-1', { heldFence });
      await until(async () => (await journalOf(first.url, 'fence-implausible')).length === 1);
      expect(liar.closeCode).toBeUndefined();
      await first.close();
      const { url } = await hubFor(config);
      const { fence } = await (await ProbeSocket.greet(url, 'ams-1')).next('welcome');
      expect(fence).toBeLessThan(10);
      expect(parseRouteValue(encodeRouteValue({ fence, version: 1, trunks: [{ trunk: 'a', weight: 1 }] })).ok).toBe(
        true,
      );
    },
  );

  it('starts with an empty memory where the memory of its engine is scribbled over, and says so', async () => {
    const dataDir = temporaryFolder();
    const config = hubConfig(dataDir, ENFORCING);
    const first = await hubFor(config);
    const probe = await ProbeSocket.greet(first.url, 'fra-1', { plan: planOf(held('1.1', 'a>b')) });
    await flipAway(first.url, probe, new Measuring(probe));
    await first.close();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(join(dataDir, 'hub.sqlite3'));
    const table = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%key%' AND sql LIKE '%value%'")
      .get() as { name: string };
    const junk = JSON.stringify({ junk: randomBytes(8).toString('hex') });
    const { changes } = database.prepare(`UPDATE ${table.name} SET value = ? WHERE key LIKE 'engine/%'`).run(junk);
    database.close();
    expect(changes).toBeGreaterThan(1);
    const { url } = await hubFor(config);
    expect(await metricOf(url, 'trunkward_hub_faults_total{place="memory"}')).toBeGreaterThan(0);
    await ProbeSocket.greet(url, 'fra-1', { plan: planOf(held('9.1', 'b>a')) });
    await until(async () => (await leader(url)) === 'b');
    expect(await journalOf(url, 'flip')).toHaveLength(1);
  });
});
