import { describe, expect, it } from 'vitest';
import { ask, freshHub, journalOf, ProbeSocket, type TOKENS } from '../hub-fixture.ts';
import { until } from '../store/store-fixture.ts';

type User = keyof typeof TOKENS;

const ENFORCE = { function: 'routing', mode: 'enforce', reason: 'ticket 7' };
const STOP = { isStopped: true, reason: 'ticket 8' };
const VIEWS = [
  'paths',
  'verdicts',
  'routes',
  'sites',
  'journal',
  'verdicts/none/evidence',
  'verdicts/none/evidence.json',
];

describe('roles at the API', () => {
  it.each(VIEWS)('GET /api/v1/%s needs a user: nobody and a probe get 401, a viewer passes', async (path) => {
    const { url } = await freshHub();
    for (const user of [undefined, 'fra-1'] as const) {
      const { status, headers, json } = await ask(url, `/api/v1/${path}`, user);
      expect({ status, code: json.code }).toEqual({ status: 401, code: 'TOKEN_REQUIRED' });
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
    expect((await ask(url, `/api/v1/${path}`, 'watcher')).status).toBe(path.includes('none') ? 404 : 200);
  });

  it.each<[User | undefined, number, number]>([
    [undefined, 401, 401],
    ['fra-1', 401, 401],
    ['watcher', 403, 403],
    ['night-shift', 200, 403],
    ['owner', 200, 200],
  ])('as %s the stop switch answers %i and a change of mode %i (rule 10)', async (user, onStop, onMode) => {
    const { url } = await freshHub();
    expect((await ask(url, '/api/v1/stop', user, STOP)).status).toBe(onStop);
    expect((await ask(url, '/api/v1/modes', user, ENFORCE)).status).toBe(onMode);
    expect(await journalOf(url, 'stopped')).toHaveLength(onStop === 200 ? 1 : 0);
    expect(await journalOf(url, 'mode-set')).toHaveLength(onMode === 200 ? 1 : 0);
  });

  it('lets a viewer in without a token only where the configuration says so, and nobody order without one', async () => {
    const { url } = await freshHub({ listen: { port: 0, allowAnonymousViewer: true } });
    expect((await ask(url, '/api/v1/paths')).status).toBe(200);
    expect((await ask(url, '/api/v1/stop', undefined, STOP)).status).toBe(401);
    const wrong = await fetch(`${url}/api/v1/paths`, { headers: { authorization: 'Bearer wrong-token' } });
    expect(wrong.status).toBe(401);
  });
});

describe('orders', () => {
  it('are journaled with who and why before they are in force (rule 7)', async () => {
    const { url } = await freshHub();
    const order = { ...ENFORCE, scope: { site: 'fra' } };
    expect((await ask(url, '/api/v1/modes', 'owner', order)).json).toEqual({ status: 'done' });
    expect(await journalOf(url, 'mode-set')).toMatchObject([
      { actor: 'owner', scope: { site: 'fra' }, sentence: 'routing of site fra set to enforce, by owner: ticket 7' },
    ]);
  });

  it('of a scope can be taken away again, so that the wider one applies, and all that are set can be seen', async () => {
    const { url } = await freshHub();
    const seen = async () => (await ask(url, '/api/v1/modes', 'watcher')).json.items;
    await ask(url, '/api/v1/modes', 'owner', { ...ENFORCE, scope: { site: 'fra' } });
    expect(await seen()).toEqual([{ function: 'routing', mode: 'enforce', scope: { site: 'fra' } }]);
    const cleared = { ...ENFORCE, mode: null, scope: { site: 'fra' } };
    expect((await ask(url, '/api/v1/modes', 'owner', cleared)).json).toEqual({ status: 'done' });
    expect(await seen()).toEqual([]);
    expect(await journalOf(url, 'mode-cleared')).toMatchObject([{ actor: 'owner', scope: { site: 'fra' } }]);
  });

  it.each([{ site: 'lon' }, { pbx: 'lon-1' }, { class: 'premium' }])(
    'to the unknown scope %j get 404',
    async (scope) => {
      const { url } = await freshHub();
      const { status, json } = await ask(url, '/api/v1/modes', 'owner', { ...ENFORCE, scope });
      expect({ status, code: json.code }).toEqual({ status: 404, code: 'UNKNOWN_SCOPE' });
      expect(await journalOf(url, 'mode-set')).toEqual([]);
    },
  );

  it.each([
    ['a stop that is null, which must not count as a release', 'stop', { isStopped: null, reason: 'x' }],
    ['a stop in words', 'stop', { isStopped: 'true', reason: 'x' }],
    ['a stop as a number', 'stop', { isStopped: 0, reason: 'x' }],
    ['a stop without a reason', 'stop', { isStopped: true }],
    ['an empty reason', 'stop', { isStopped: true, reason: '' }],
    ['an unknown key', 'modes', { ...ENFORCE, force: true }],
    ['an unknown function', 'modes', { ...ENFORCE, function: 'everything' }],
    ['an unknown mode', 'modes', { ...ENFORCE, mode: 'force' }],
    ['two scopes at once', 'modes', { ...ENFORCE, scope: { site: 'fra', pbx: 'fra-1' } }],
    ['a scope that is no name', 'modes', { ...ENFORCE, scope: { pbx: '../../x' } }],
    ['a list', 'modes', [ENFORCE]],
  ])('with %s are refused whole', async (_name, path, body) => {
    const { url } = await freshHub();
    const { status, json } = await ask(url, `/api/v1/${path}`, 'owner', body);
    expect(status).toBe(400);
    expect(json).toEqual({ code: 'BAD_REQUEST', message: expect.stringMatching(/^body(\.\w+)*: /) });
    expect(await journalOf(url, 'mode-set')).toEqual([]);
    expect(await journalOf(url, 'released')).toEqual([]);
    expect(await journalOf(url, 'stopped')).toEqual([]);
  });

  it('reach the probe at once, each one, also where it was away during the one before (rule 7)', async () => {
    const { url } = await freshHub();
    const stop = (isStopped: boolean) => ask(url, '/api/v1/stop', 'night-shift', { isStopped, reason: 'drill' });
    const before = await ProbeSocket.greet(url, 'fra-1');
    await stop(true);
    expect((await before.next('modes')).modes.stopped).toBe(true);
    before.socket.close();
    await until(async () => (await ask(url, '/api/v1/sites', 'watcher')).text.includes('"silent"'));
    await stop(false);
    const after = await ProbeSocket.greet(url, 'fra-1');
    expect((await after.next('welcome')).modes.stopped).toBe(false);
    await stop(true);
    expect((await after.next('modes')).modes.stopped).toBe(true);
  });
});

describe('the lists', () => {
  it('are paged by a cursor without gap or repetition', async () => {
    const { url } = await freshHub();
    await ProbeSocket.greet(url, 'fra-1');
    await ProbeSocket.greet(url, 'ams-1');
    await until(async () => (await ask(url, '/api/v1/paths', 'watcher')).json.items.length === 6);
    const seen: string[] = [];
    let after = '';
    for (let pages = 0; pages < 10; pages += 1) {
      const { json } = await ask(url, `/api/v1/paths?limit=4${after}`, 'watcher');
      seen.push(...json.items.map((path: { key: string }) => path.key));
      if (json.next === undefined) break;
      after = `&after=${encodeURIComponent(json.next)}`;
    }
    expect(seen).toEqual(
      ['ams-1>a.a1', 'ams-1>b.b1', 'ams-1>peer.fra-1', 'fra-1>a.a1', 'fra-1>b.b1', 'fra-1>peer.ams-1'].toSorted(),
    );
  });

  it('are narrowed by what the query names', async () => {
    const { url } = await freshHub();
    await ProbeSocket.greet(url, 'fra-1');
    await ProbeSocket.greet(url, 'ams-1');
    await until(async () => (await ask(url, '/api/v1/paths', 'watcher')).json.items.length === 6);
    const keys = async (path: string) =>
      (await ask(url, path, 'watcher')).json.items.map((item: { pbx: string }) => item.pbx);
    expect(await keys('/api/v1/paths?pbx=ams-1')).toEqual(['ams-1', 'ams-1', 'ams-1']);
    expect(await keys('/api/v1/paths?state=healthy')).toEqual([]);
    expect(await keys('/api/v1/routes?pbx=fra-1&class=national')).toEqual(['fra-1']);
  });

  it.each(['/api/v1/paths?limit=0', '/api/v1/paths?limit=501', '/api/v1/routes?colour=red', '/api/v1/journal?after=x'])(
    'refuse %s with 400',
    async (path) => {
      const { url } = await freshHub();
      const { status, json } = await ask(url, path, 'watcher');
      expect({ status, json }).toEqual({
        status: 400,
        json: { code: expect.any(String), message: expect.any(String) },
      });
    },
  );

  it('page the journal backwards from the newest', async () => {
    const { url } = await freshHub();
    for (const isStopped of [true, false, true]) {
      await ask(url, '/api/v1/stop', 'owner', { isStopped, reason: 'drill' });
    }
    const first = await ask(url, '/api/v1/journal?limit=2', 'watcher');
    const second = await ask(url, `/api/v1/journal?limit=2&after=${first.json.next}`, 'watcher');
    const ids = [...first.json.items, ...second.json.items].map(({ id }: { id: number }) => id);
    expect(ids).toHaveLength(4);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(new Set(ids).size).toBe(4);
  });
});
