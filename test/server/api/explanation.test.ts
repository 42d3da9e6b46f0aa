import { describe, expect, it } from 'vitest';
import { ask, freshHub, ProbeSocket, TOKENS } from '../hub-fixture.ts';
import { until } from '../store/store-fixture.ts';

async function hubWithProbe(): Promise<string> {
  const { url } = await freshHub();
  await ProbeSocket.greet(url, 'fra-1');
  await until(async () => (await ask(url, '/api/v1/routes', 'watcher')).json.items.length > 0);
  return url;
}

describe('GET /api/v1/routes?explain=1', () => {
  it('adds to each route why every trunk stands where it does; without it routes are as short as ever', async () => {
    const url = await hubWithProbe();
    const { json } = await ask(url, '/api/v1/routes?explain=1&class=national', 'watcher');
    const [route] = json.items;
    expect(route.explanation.trunks.map(({ trunk }: { trunk: string }) => trunk)).toEqual(
      route.planned.map(({ trunk }: { trunk: string }) => trunk),
    );
    for (const trunk of route.explanation.trunks) expect(trunk.why).not.toBe('');
    expect((await ask(url, '/api/v1/routes', 'watcher')).json.items[0].explanation).toBeUndefined();
  });
});

describe('POST /api/v1/routes/simulate', () => {
  it('answers what would become of a dead trunk, and changes nothing', async () => {
    const url = await hubWithProbe();
    const national = '/api/v1/routes?class=national';
    const before = (await ask(url, national, 'watcher')).json.items;
    const trunk = before[0].planned[0].trunk;
    const question = { pbx: 'fra-1', trunks: [{ trunk, state: 'hard-down' }], forS: 30 };
    const { status, json } = await ask(url, '/api/v1/routes/simulate', 'watcher', question);
    expect(status).toBe(200);
    const routeOf = (routes: readonly { class: string }[]) => routes.find((route) => route.class === 'national');
    expect(routeOf(json.before)).toMatchObject({ trunks: [{ trunk }, {}] });
    expect(routeOf(json.after)).toMatchObject({ trunks: [{}, { trunk, tier: 'hard-down' }] });
    expect(routeOf(json.changes)).toMatchObject({ afterS: 0, isFlip: true });
    const after = (await ask(url, national, 'watcher')).json.items;
    expect(after[0].planned).toEqual(before[0].planned);
    expect(after[0].version).toBe(before[0].version);
  });

  it('knows a PBX only once its probe has said hello', async () => {
    const url = await hubWithProbe();
    const answer = await ask(url, '/api/v1/routes/simulate', 'watcher', { pbx: 'nowhere' });
    expect(answer).toMatchObject({ status: 404, json: { code: 'UNKNOWN_PBX' } });
  });

  it('refuses a name that would be passed over, and says which', async () => {
    const url = await hubWithProbe();
    const question = { pbx: 'fra-1', trunks: [{ trunk: 'misspelt', state: 'hard-down' }], pin: { trunk: 'misspelt' } };
    const { status, json } = await ask(url, '/api/v1/routes/simulate', 'watcher', question);
    expect([status, json.code]).toEqual([400, 'BAD_REQUEST']);
    expect(json.message).toBe(
      'body.trunks[0].trunk: fra-1 has no path to a trunk misspelt; body.pin.trunk: misspelt is not in any route of fra-1',
    );
  });

  it('plays one at a time: more than may wait are answered 503 with a time to come back at, and the others are played', async () => {
    const url = await hubWithProbe();
    const headers = { authorization: `Bearer ${TOKENS.watcher}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ pbx: 'fra-1', forS: 900 });
    const asked = Array.from({ length: 24 }, () =>
      fetch(`${url}/api/v1/routes/simulate`, { method: 'POST', headers, body }),
    );
    const answers = await Promise.all(asked);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(4);
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.map((answer) => answer.headers.get('retry-after'))).toEqual(refused.map(() => '5'));
    expect(await refused[0]?.json()).toMatchObject({ code: 'SIMULATIONS_BUSY' });
    expect((await ask(url, '/api/v1/routes/simulate', 'watcher', JSON.parse(body))).status).toBe(200);
  });
});
