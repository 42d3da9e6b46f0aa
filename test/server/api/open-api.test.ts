import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { ask, freshHub, ProbeSocket, TOKENS } from '../hub-fixture.ts';
import { until } from '../store/store-fixture.ts';

type Operation = {
  readonly responses: Readonly<
    Record<string, { readonly content?: { readonly 'application/json'?: { readonly schema: object } } }>
  >;
};
type Description = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

/** Everything the hub serves, by the method that asks for it; a route that is added must be added here. */
const ROUTES = [
  'delete /api/v1/routes/maintenance/{id}',
  'delete /api/v1/routes/pins/{id}',
  'get /api/v1/actuators/dead-letters',
  'get /api/v1/assignments',
  'get /api/v1/assignments/mesh',
  'get /api/v1/calls',
  'get /api/v1/figures',
  'get /api/v1/journal',
  'get /api/v1/modes',
  'get /api/v1/paths',
  'get /api/v1/recording',
  'get /api/v1/routes',
  'get /api/v1/routes/maintenance',
  'get /api/v1/routes/pins',
  'get /api/v1/routes/stop',
  'get /api/v1/sites',
  'get /api/v1/traces',
  'get /api/v1/verdicts',
  'get /api/v1/verdicts/{verdictId}/evidence',
  'get /api/v1/verdicts/{verdictId}/evidence.csv',
  'get /api/v1/verdicts/{verdictId}/evidence.html',
  'get /api/v1/verdicts/{verdictId}/evidence.json',
  'get /api/v1/verdicts/{verdictId}/evidence.zip',
  'get /healthz',
  'get /metrics',
  'get /readyz',
  'post /api/v1/actuators/dead-letters/{deliveryId}/retry',
  'post /api/v1/modes',
  'post /api/v1/routes/maintenance',
  'post /api/v1/routes/pins',
  'post /api/v1/routes/release',
  'post /api/v1/routes/simulate',
  'post /api/v1/routes/stop',
  'post /api/v1/stop',
];

/** A good request, and some that the hub must refuse. */
const REQUESTS: Readonly<Record<string, readonly (readonly [path: string, body?: unknown])[]>> = {
  'delete /api/v1/routes/maintenance/{id}': [
    ['/api/v1/routes/maintenance/none?reason=drill'],
    ['/api/v1/routes/maintenance/none'],
  ],
  'delete /api/v1/routes/pins/{id}': [['/api/v1/routes/pins/none?reason=drill'], ['/api/v1/routes/pins/%20?reason=x']],
  'get /api/v1/routes/maintenance': [['/api/v1/routes/maintenance'], ['/api/v1/routes/maintenance?x=1']],
  'get /api/v1/routes/pins': [['/api/v1/routes/pins'], ['/api/v1/routes/pins?limit=0']],
  'get /api/v1/routes/stop': [['/api/v1/routes/stop']],
  'post /api/v1/routes/maintenance': [
    ['/api/v1/routes/maintenance', { id: 'm', of: { provider: 'telco-a' }, forS: 60, reason: 'drill' }],
    ['/api/v1/routes/maintenance', { id: 'm', of: { provider: 'telco-b' }, forS: 60, reason: 'drill' }],
    ['/api/v1/routes/maintenance', { of: { provider: 'nobody' }, forS: 60, reason: 'drill' }],
    ['/api/v1/routes/maintenance', { of: { provider: 'telco-a' }, reason: 'drill' }],
  ],
  'post /api/v1/routes/pins': [
    ['/api/v1/routes/pins', { id: 'p', trunks: ['b'], reason: 'drill' }],
    ['/api/v1/routes/pins', { id: 'p', trunks: ['a'], reason: 'drill' }],
    ['/api/v1/routes/pins', { scope: { site: 'nowhere' }, trunks: ['a'], reason: 'drill' }],
    ['/api/v1/routes/pins', { trunks: [], reason: 'drill' }],
  ],
  'post /api/v1/routes/release': [
    ['/api/v1/routes/release', { reason: 'drill' }],
    ['/api/v1/routes/release', {}],
  ],
  'post /api/v1/routes/stop': [
    ['/api/v1/routes/stop', { reason: 'drill' }],
    ['/api/v1/routes/stop', {}],
  ],
  'get /api/v1/assignments': [['/api/v1/assignments'], ['/api/v1/assignments?limit=-1']],
  'get /api/v1/journal': [['/api/v1/journal'], ['/api/v1/journal?limit=-1']],
  'get /api/v1/modes': [['/api/v1/modes'], ['/api/v1/modes?x=1']],
  'get /api/v1/paths': [['/api/v1/paths'], ['/api/v1/paths?limit=x']],
  'get /api/v1/recording': [['/api/v1/recording?forS=0']],
  'get /api/v1/routes': [
    ['/api/v1/routes'],
    ['/api/v1/routes?explain=1'],
    ['/api/v1/routes?explain=2'],
    ['/api/v1/routes?x=1'],
  ],
  'get /api/v1/sites': [['/api/v1/sites'], ['/api/v1/sites?limit=1000']],
  'get /api/v1/traces': [['/api/v1/traces?verdict=none'], ['/api/v1/traces?key=none'], ['/api/v1/traces']],
  'get /api/v1/verdicts': [['/api/v1/verdicts'], ['/api/v1/verdicts?x=1']],
  ...Object.fromEntries(
    ['csv', 'html', 'json', 'zip'].map((ending) => [
      `get /api/v1/verdicts/{verdictId}/evidence.${ending}`,
      [[`/api/v1/verdicts/none/evidence.${ending}`], [`/api/v1/verdicts/none/evidence.${ending}?numbers=all`]] as const,
    ]),
  ),
  'get /api/v1/verdicts/{verdictId}/evidence': [
    ['/api/v1/verdicts/none/evidence'],
    [`/api/v1/verdicts/${'v'.repeat(200)}/evidence`],
  ],
  'get /api/v1/actuators/dead-letters': [
    ['/api/v1/actuators/dead-letters?limit=1'],
    ['/api/v1/actuators/dead-letters?limit=0'],
    ['/api/v1/actuators/dead-letters?x=1'],
  ],
  'post /api/v1/actuators/dead-letters/{deliveryId}/retry': [
    ['/api/v1/actuators/dead-letters/none/retry'],
    [`/api/v1/actuators/dead-letters/${'x'.repeat(400)}/retry`],
  ],
  'get /healthz': [['/healthz']],
  'get /metrics': [['/metrics']],
  'get /readyz': [['/readyz']],
  'post /api/v1/modes': [
    ['/api/v1/modes', { function: 'routing', mode: 'observe', reason: 'drill' }],
    ['/api/v1/modes', { function: 'routing', mode: 'observe', reason: 'drill', scope: { site: 'nowhere' } }],
    ['/api/v1/modes', { function: 'routing', mode: null, reason: 'drill' }],
    ['/api/v1/modes', {}],
  ],
  'post /api/v1/routes/simulate': [
    ['/api/v1/routes/simulate', { pbx: 'fra-1', trunks: [{ trunk: 'a', state: 'hard-down' }], forS: 5 }],
    ['/api/v1/routes/simulate', { pbx: 'nowhere' }],
    ['/api/v1/routes/simulate', { pbx: 'fra-1', forS: 1e6 }],
    ['/api/v1/routes/simulate', {}],
  ],
  'post /api/v1/stop': [
    ['/api/v1/stop', { isStopped: true, reason: 'drill' }],
    ['/api/v1/stop', {}],
  ],
};

async function described(url: string): Promise<Description> {
  return (await ask(url, '/docs/json')).json as Description;
}

describe('the description at /docs/json', () => {
  it('lists every route of the hub, and no other', async () => {
    const { url } = await freshHub();
    const { paths } = await described(url);
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(listed.toSorted()).toEqual(ROUTES);
  });

  it.each(ROUTES)('%s answers what is promised, for every role and bad request', async (route) => {
    const { url } = await freshHub();
    await ProbeSocket.greet(url, 'fra-1');
    await until(async () => (await ask(url, '/api/v1/paths', 'watcher')).json.items.length === 3);
    const [method = '', path = ''] = route.split(' ');
    const operation = (await described(url)).paths[path]?.[method];
    const ajv = new Ajv({ strict: false });
    for (const user of [undefined, 'fra-1', 'watcher', 'night-shift', 'owner'] as const) {
      for (const [asked, body] of REQUESTS[route] ?? []) {
        const { status, json, text } = await ask(url, asked, user, body, method.toUpperCase());
        const promised = operation?.responses[String(status)];
        expect(promised, `${route} as ${user} answers ${status}: ${text.slice(0, 200)}`).toBeDefined();
        const schema = promised?.content?.['application/json']?.schema;
        if (schema) expect(ajv.validate(schema, json), `${ajv.errorsText()} in ${text.slice(0, 300)}`).toBe(true);
        else expect(json).toBeUndefined();
      }
    }
  });

  it('is read at /docs by a person', async () => {
    const { url } = await freshHub();
    const { status, text } = await ask(url, '/docs/');
    expect(status).toBe(200);
    expect(text).toContain('swagger');
  });
});

describe('the hub over HTTP', () => {
  it.each(['/api/v1/nothing', '/api/v1/probe', '/api/v1/live'])(
    'answers GET %s with a code to branch on',
    async (path) => {
      const { url } = await freshHub();
      const { status, json } = await ask(url, path, 'owner');
      expect({ status, code: json?.code }).toEqual({ status: 404, code: 'NOT_FOUND' });
    },
  );

  it('sends headers that keep a browser from framing, sniffing or loading from elsewhere', async () => {
    const { url } = await freshHub();
    const { headers } = await ask(url, '/api/v1/paths', 'watcher');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('says what a body that does not call itself JSON lacks', async () => {
    const { url } = await freshHub();
    const headers = { authorization: `Bearer ${TOKENS.owner}`, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${url}/api/v1/stop`, { method: 'POST', headers, body: '{"isStopped":true}' });
    expect({ status: answer.status, json: await answer.json() }).toEqual({
      status: 415,
      json: { code: 'NOT_JSON', message: 'a body needs Content-Type: application/json' },
    });
  });

  it('refuses a body over 64 KiB', async () => {
    const { url } = await freshHub();
    const { status, json } = await ask(url, '/api/v1/stop', 'owner', { isStopped: true, reason: 'x'.repeat(70_000) });
    expect({ status, code: json.code }).toEqual({ status: 413, code: 'TOO_LARGE' });
  });
});
