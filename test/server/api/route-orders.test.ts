import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ask,
  freshHub,
  hubConfig,
  hubFor,
  journalOf,
  metricOf,
  ProbeSocket,
  type TOKENS,
  temporaryFolder,
} from '../hub-fixture.ts';
import { until } from '../store/store-fixture.ts';

type User = keyof typeof TOKENS;

const PINS = '/api/v1/routes/pins';
const MAINTENANCE = '/api/v1/routes/maintenance';
const PIN = { id: 'p-1', scope: { class: 'national' }, trunks: ['b'], reason: 'ticket 7' };
const ROUTER = { id: 'm-1', of: { provider: 'telco-a' }, forS: 3600, reason: 'new router' };
const ENFORCED = { modes: [{ function: 'routing', mode: 'enforce' }] };

async function enforcingHub() {
  const { url } = await freshHub(ENFORCED);
  const probe = await ProbeSocket.greet(url, 'fra-1');
  await until(async () => (await ask(url, '/api/v1/routes', 'watcher')).json.items.length > 0);
  return { url, probe };
}

async function leader(url: string, name = 'national'): Promise<string> {
  const { json } = await ask(url, `/api/v1/routes?pbx=fra-1&class=${name}`, 'watcher');
  return json.items[0].planned[0].trunk;
}

describe('what people order of routes', () => {
  it.each<[string, unknown]>([
    [PINS, PIN],
    [MAINTENANCE, ROUTER],
    ['/api/v1/routes/stop', { reason: 'drill' }],
    ['/api/v1/routes/release', { reason: 'drill' }],
  ])('%s: viewers see, operators and admins order, nobody else does either', async (path, body) => {
    const { url } = await freshHub();
    const statuses = async (payload: unknown, method: string) => {
      const users: readonly (User | undefined)[] = [undefined, 'fra-1', 'watcher', 'night-shift', 'owner'];
      const answers = [];
      for (const user of users) {
        const unique =
          typeof payload === 'object' && payload && 'id' in payload ? { ...payload, id: `of-${user}` } : payload;
        answers.push((await ask(url, path, user, unique, method)).status);
      }
      return answers;
    };
    expect(await statuses(body, 'POST')).toEqual([401, 401, 403, 200, 200]);
    if (!path.endsWith('release')) expect(await statuses(undefined, 'GET')).toEqual([401, 401, 200, 200, 200]);
  });

  it('a pin is journaled with who and why, leads at once, stands in the flip, and goes when it is taken away', async () => {
    const { url, probe } = await enforcingHub();
    expect(await leader(url)).toBe('a');
    const { json } = await ask(url, PINS, 'night-shift', PIN);
    expect(json).toEqual({
      status: 'done',
      id: 'p-1',
      isRepeated: false,
      effect: '1 route moves at once, for a person ordered it.',
    });
    expect(await leader(url)).toBe('b');
    expect(await leader(url, 'international')).toBe('b');
    expect((await journalOf(url, 'pin-set'))[0]).toMatchObject({
      actor: 'night-shift',
      scope: { class: 'national', trunk: 'b' },
      sentence: expect.stringMatching(
        /^pin p-1: national on every PBX on b, until it is taken away, by night-shift: ticket 7\. /,
      ),
    });
    const [flip] = await journalOf(url, 'flip');
    expect(flip?.sentence).toContain('moves from a to b, ordered by night-shift');
    expect(
      (await probe.next('plan', ({ routes }) => routes.some(({ class: name }) => name === 'national'))).routes,
    ).toContainEqual(
      expect.objectContaining({
        class: 'national',
        trunks: [
          { trunk: 'b', weight: 100 },
          { trunk: 'a', weight: 0 },
        ],
      }),
    );
    const explained = (await ask(url, '/api/v1/routes?pbx=fra-1&class=national&explain=1', 'watcher')).json.items[0];
    expect(explained.reason).toBe('b leads: pinned by night-shift, ticket 7.');
    expect((await ask(url, PINS, 'watcher')).json.items).toMatchObject([{ id: 'p-1', trunks: ['b'], isForced: false }]);
    expect(await metricOf(url, 'trunkward_route_pins')).toBe(1);
    const gone = await ask(url, `${PINS}/p-1?reason=mended`, 'owner', undefined, 'DELETE');
    expect(gone).toMatchObject({ status: 200, json: { status: 'done' } });
    expect((await ask(url, PINS, 'watcher')).json.items).toEqual([]);
    expect((await journalOf(url, 'pin-removed'))[0]).toMatchObject({
      actor: 'owner',
      sentence: 'pin p-1: national on every PBX on b is taken away by owner: mended',
    });
  });

  it('told again under the same id changes nothing; another order under it, or one that is over, is a conflict', async () => {
    const { url } = await freshHub();
    const [first, second] = await Promise.all([ask(url, PINS, 'owner', PIN), ask(url, PINS, 'owner', PIN)]);
    expect(new Set([first.json.isRepeated, second.json.isRepeated])).toEqual(new Set([false, true]));
    expect(await journalOf(url, 'pin-set')).toHaveLength(1);
    const other = await ask(url, PINS, 'owner', { ...PIN, trunks: ['a'] });
    expect(other).toMatchObject({ status: 409, json: { code: 'ORDER_CONFLICT' } });
    expect((await ask(url, PINS, 'night-shift', PIN)).json.message).toBe(
      'body.id: pin p-1 is another order, by owner: ticket 7',
    );
    const remove = () => ask(url, `${PINS}/p-1?reason=x`, 'owner', undefined, 'DELETE');
    expect([(await remove()).status, (await remove()).status]).toEqual([200, 200]);
    expect(await journalOf(url, 'pin-removed')).toHaveLength(1);
    expect(await ask(url, PINS, 'owner', PIN)).toMatchObject({ status: 409, json: { code: 'ORDER_CONFLICT' } });
    const without = await ask(url, PINS, 'owner', { ...PIN, id: undefined });
    expect(without.json.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each<[string, unknown, number, string]>([
    [PINS, { ...PIN, scope: { pbx: 'lon-1' } }, 404, 'body.scope.pbx: no PBX lon-1 is configured'],
    [PINS, { ...PIN, trunks: ['b', 'x'] }, 404, 'body.trunks[1]: no trunk x is configured'],
    [
      PINS,
      { ...PIN, scope: { class: 'emergency' } },
      400,
      'body.scope.class: emergency calls go by the static list of each PBX, which no order changes',
    ],
    [PINS, { ...PIN, trunks: [] }, 400, 'body.trunks: must NOT have fewer than 1 items'],
    [PINS, { ...PIN, forS: 60, untilEpochMs: 8e12 }, 400, 'body.forS: either this or untilEpochMs, not both'],
    [PINS, { ...PIN, id: '../x' }, 400, 'body.id: '],
    [
      MAINTENANCE,
      { ...ROUTER, of: { provider: 'telco-x' } },
      404,
      'body.of.provider: no provider telco-x is configured',
    ],
    [MAINTENANCE, { ...ROUTER, of: {} }, 400, 'body.of: '],
    [MAINTENANCE, { ...ROUTER, of: { pbx: 'fra-1', site: 'fra' } }, 400, 'body.of: '],
    [MAINTENANCE, { ...ROUTER, forS: undefined }, 400, 'body.untilEpochMs: a maintenance has an end; or say forS'],
    [
      MAINTENANCE,
      { ...ROUTER, forS: undefined, untilEpochMs: 5 },
      400,
      'body.untilEpochMs: 1970-01-01T00:00:00Z is over',
    ],
  ])('%s with %j is refused whole, with the place', async (path, body, status, message) => {
    const { url } = await freshHub();
    const answer = await ask(url, path, 'owner', body);
    expect([answer.status, answer.json.message.slice(0, message.length)]).toEqual([status, message]);
    expect((await ask(url, path, 'watcher')).json.items).toEqual([]);
  });

  it('an id that nobody gave is unknown', async () => {
    const { url } = await freshHub();
    const answer = await ask(url, `${MAINTENANCE}/none?reason=x`, 'owner', undefined, 'DELETE');
    expect(answer).toMatchObject({ status: 404, json: { code: 'UNKNOWN_ORDER' } });
  });

  it('falls away by itself when its time is over, with a line in the journal', async () => {
    const { url } = await enforcingHub();
    await ask(url, PINS, 'night-shift', { ...PIN, forS: 1 });
    expect(await leader(url)).toBe('b');
    await until(async () => (await ask(url, PINS, 'watcher')).json.items.length === 0);
    expect((await journalOf(url, 'pin-ended'))[0]).toMatchObject({
      actor: 'hub',
      sentence:
        'pin p-1: national on every PBX on b is over, as night-shift ordered it: calls go back by the planner, step by step',
    });
  });

  it('a maintenance begins and ends by itself; a hub that is restarted in its midst goes on with it', async () => {
    const dataDir = temporaryFolder();
    const first = await hubFor(hubConfig(dataDir, ENFORCED));
    await ProbeSocket.greet(first.url, 'fra-1');
    await ask(first.url, MAINTENANCE, 'night-shift', ROUTER);
    await ask(first.url, PINS, 'owner', {
      id: 'p-2',
      scope: { class: 'international' },
      trunks: ['a'],
      reason: 'kept',
    });
    await until(async () => (await leader(first.url)) === 'b');
    expect((await journalOf(first.url, 'flip'))[0]?.sentence).toContain('ordered by night-shift');
    await ask(first.url, '/api/v1/routes/stop', 'owner', { reason: 'drill' });
    await first.close();
    const second = await hubFor(hubConfig(dataDir, ENFORCED));
    expect((await ask(second.url, MAINTENANCE, 'watcher')).json.items).toMatchObject([
      { id: 'm-1', actor: 'night-shift' },
    ]);
    expect((await ask(second.url, PINS, 'watcher')).json.items).toMatchObject([{ id: 'p-2', trunks: ['a'] }]);
    expect((await ask(second.url, '/api/v1/routes/stop', 'watcher')).json).toMatchObject({
      isStopped: true,
      actor: 'owner',
      reason: 'drill',
    });
    expect(await ask(second.url, MAINTENANCE, 'night-shift', ROUTER)).toMatchObject({ json: { isRepeated: true } });
    await ProbeSocket.greet(second.url, 'fra-1');
    await until(async () => (await ask(second.url, '/api/v1/routes?pbx=fra-1', 'watcher')).json.items.length === 2);
    await ask(second.url, '/api/v1/routes/release', 'owner', { reason: 'over' });
    expect(await leader(second.url)).toBe('b');
    expect(await metricOf(second.url, 'trunkward_route_maintenances')).toBe(1);
  });

  it('a maintenance to come says so now, and journals its begin and its end', async () => {
    const { url } = await enforcingHub();
    const fromEpochMs = Date.now() + 1500;
    await ask(url, MAINTENANCE, 'night-shift', { ...ROUTER, forS: 1, fromEpochMs });
    expect(await leader(url)).toBe('a');
    expect(await metricOf(url, 'trunkward_route_maintenances')).toBe(0);
    const began = (await journalOf(url, 'maintenance-began', 10_000))[0];
    expect(began?.sentence).toContain('maintenance m-1 of provider telco-a begins');
    expect((await journalOf(url, 'maintenance-ended', 10_000))[0]?.sentence).toContain('is over');
  });

  it('the switch of routing holds the hub, not the probes: they hear of no stop, and nothing is planned anew', async () => {
    const { url, probe } = await enforcingHub();
    await ask(url, '/api/v1/routes/stop', 'night-shift', { reason: 'core work' });
    await ask(url, '/api/v1/routes/stop', 'night-shift', { reason: 'core work' });
    expect(await journalOf(url, 'routing-stopped')).toHaveLength(1);
    await ask(url, PINS, 'owner', PIN);
    expect(await leader(url)).toBe('a');
    expect(await metricOf(url, 'trunkward_routing_stopped')).toBe(1);
    expect(await metricOf(url, 'trunkward_routes_held_back{reason="stopped"}')).toBe(1);
    expect(probe.got('modes').every(({ modes }) => !modes.stopped)).toBe(true);
    await ask(url, '/api/v1/routes/release', 'owner', { reason: 'over' });
    expect(await leader(url)).toBe('b');
  });
});

describe('docs/examples/route-orders.http', () => {
  it('does what it says, request by request', async () => {
    const { url } = await enforcingHub();
    const text = readFileSync(new URL('../../../docs/examples/route-orders.http', import.meta.url), 'utf8');
    const requests = text.split(/^### .*$/m).filter((part) => part.trim() !== '');
    expect(requests).toHaveLength(8);
    for (const request of requests) {
      const lines = request.split('\n').filter((line) => !line.startsWith('#'));
      const [head = '', body = ''] = lines.join('\n').trim().split('\n\n');
      const [, method = '', path = ''] = /^(\w+) \{\{hub\}\}(\S+)/.exec(head) ?? [];
      const user = head.includes('{{operator}}') ? 'night-shift' : 'watcher';
      const answer = await ask(url, path, user, body === '' ? undefined : JSON.parse(body), method);
      expect([method, path, answer.status]).toEqual([method, path, 200]);
    }
    expect((await ask(url, MAINTENANCE, 'watcher')).json.items).toEqual([]);
  });
});
