import { afterEach, describe, expect, test, vi } from 'vitest';
import type { AmiAction } from '../../../../probes/asterisk/ami/action-encoder.ts';
import { AmiClient } from '../../../../probes/asterisk/ami/ami-client.ts';
import { AstDbClient } from '../../../../probes/asterisk/astdb/astdb-client.ts';
import { SimAsterisk, type SimAsteriskOptions } from '../../../support/sim-asterisk.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function setUp(options: SimAsteriskOptions = {}) {
  const sim = new SimAsterisk({ secret: 'secret-of-the-test', ...options });
  await sim.start();
  cleanups.push(() => sim.stop());
  const ami = new AmiClient({
    address: { host: '127.0.0.1', port: sim.port },
    username: 'probe',
    readSecret: () => 'secret-of-the-test',
    auth: 'plain',
    eventMask: 'off',
    timings: { actionTimeoutMs: 100, reconnect: { firstMs: 10_000, maxMs: 10_000 } },
  });
  cleanups.push(() => ami.close());
  ami.start();
  await vi.waitFor(() => expect(ami.state.kind).toBe('connected'));
  const astdb = new AstDbClient(ami, { classes: ['national', 'mobile'], trunks: ['acme', 'beta'] });
  return { sim, ami, astdb };
}

const ROUTE = '2:3.14:acme/100,beta/0';

describe.each([
  ['by DBGetTree', true],
  ['key by key, where Asterisk has no DBGetTree', false],
])('reading the plan %s', (_, hasDbGetTree) => {
  test('gives every route and mark of our family, and no other family’s', async () => {
    const { sim, astdb } = await setUp({ hasDbGetTree });
    sim.astdb.set('/trunkward/route/national', ROUTE);
    sim.astdb.set('/trunkward/down/beta', '1795500210');
    sim.astdb.set('/trunkwardish/route/mobile', 'other');
    sim.astdb.set('/other/trunkward/route/mobile', 'other');
    expect(await astdb.readPlan()).toEqual({
      ok: true,
      value: { routes: new Map([['national', ROUTE]]), down: new Map([['beta', '1795500210']]) },
    });
  });

  test('an empty family is empty, for certain', async () => {
    const { astdb } = await setUp({ hasDbGetTree });
    expect(await astdb.readPlan()).toEqual({ ok: true, value: { routes: new Map(), down: new Map() } });
  });

  test('no answer is unknown, never empty (safety rule 2)', async () => {
    const { sim, astdb } = await setUp({ hasDbGetTree });
    sim.astdb.set('/trunkward/route/national', ROUTE);
    sim.stall();
    expect(await astdb.readPlan()).toMatchObject({
      ok: false,
      fault: { kind: 'unknown', cause: { code: 'AMI_ACTION_TIMEOUT' } },
    });
  });

  test('a lost connection is unknown', async () => {
    const { sim, ami, astdb } = await setUp({ hasDbGetTree });
    sim.cut();
    await vi.waitFor(() => expect(ami.state.kind).toBe('lost'));
    expect(await astdb.readPlan()).toMatchObject({
      ok: false,
      fault: { kind: 'unknown', cause: { code: 'AMI_NOT_CONNECTED' } },
    });
  });
});

test('routes of unknown classes are read too, and other kinds of keys are left out', async () => {
  const { sim, astdb } = await setUp();
  sim.astdb.set('/trunkward/route/left-over', 'nonsense');
  sim.astdb.set('/trunkward/class/1555', 'national');
  sim.astdb.set('/trunkward/route/a/b', 'deeper');
  const plan = await astdb.readPlan();
  expect(plan).toEqual({ ok: true, value: { routes: new Map([['left-over', 'nonsense']]), down: new Map() } });
});

describe('writing', () => {
  test('a route is one put of one key, read back', async () => {
    const { sim, astdb } = await setUp();
    expect(await astdb.putRoute('national', ROUTE)).toEqual({ ok: true, value: ROUTE });
    expect([...sim.astdb]).toEqual([['/trunkward/route/national', ROUTE]]);
    expect(sim.received.map(({ name }) => name)).toEqual(['DBPut', 'DBGet']);
  });

  test('what is read back is what Asterisk holds, not what was sent', async () => {
    const { sim, ami, astdb } = await setUp();
    const original = ami.action.bind(ami);
    vi.spyOn(ami, 'action').mockImplementation(async (action, options) => {
      const answer = await original(action, options);
      if (action.name === 'DBPut') sim.astdb.set('/trunkward/route/national', 'somebody else');
      return answer;
    });
    expect(await astdb.putRoute('national', ROUTE)).toEqual({ ok: true, value: 'somebody else' });
  });

  test('an entry that is gone at the reading is absent, which is no fault', async () => {
    const { sim, ami, astdb } = await setUp();
    const original = ami.action.bind(ami);
    vi.spyOn(ami, 'action').mockImplementation(async (action, options) => {
      const answer = await original(action, options);
      sim.astdb.clear();
      return answer;
    });
    expect(await astdb.putRoute('national', ROUTE)).toEqual({ ok: true, value: undefined });
  });

  test('a mark holds whole seconds, and clearing it is good whether it was there or not', async () => {
    const { sim, astdb } = await setUp();
    expect(await astdb.putDown('acme', 1_795_500_210)).toEqual({ ok: true, value: '1795500210' });
    expect(sim.astdb.get('/trunkward/down/acme')).toBe('1795500210');
    expect(await astdb.clearDown('acme')).toEqual({ ok: true, value: undefined });
    expect(await astdb.clearDown('acme')).toEqual({ ok: true, value: undefined });
    expect(sim.astdb.size).toBe(0);
  });

  test('900 bytes go and come back, 901 are not sent', async () => {
    const { sim, astdb } = await setUp();
    const longest = 'x'.repeat(900);
    expect(await astdb.putRoute('national', longest)).toEqual({ ok: true, value: longest });
    const sent = sim.received.length;
    expect(await astdb.putRoute('national', `${longest}x`)).toMatchObject({ ok: false, fault: { kind: 'bad-value' } });
    expect(sim.received).toHaveLength(sent);
  });

  test.each([
    ['a class that is no identifier', (astdb: AstDbClient) => astdb.putRoute('../down/acme', ROUTE)],
    ['a trunk with a line break', (astdb: AstDbClient) => astdb.putDown('a\r\nAction: Originate', 1)],
    ['a trunk that is none, at clearing', (astdb: AstDbClient) => astdb.clearDown('')],
    ['a text with a line break', (astdb: AstDbClient) => astdb.putRoute('national', 'x\r\nKey: y')],
    ['half a second', (astdb: AstDbClient) => astdb.putDown('acme', 1.5)],
    ['no time at all', (astdb: AstDbClient) => astdb.putDown('acme', Number.NaN)],
  ])('%s is refused unsent', async (_, write) => {
    const { sim, astdb } = await setUp();
    expect(await write(astdb)).toMatchObject({ ok: false, fault: { kind: 'bad-value' } });
    expect(sim.received).toEqual([]);
  });

  test('no answer to a put is unknown, and it is not put again', async () => {
    const { sim, astdb } = await setUp();
    sim.stall();
    expect(await astdb.putRoute('national', ROUTE)).toMatchObject({ ok: false, fault: { kind: 'unknown' } });
    expect(sim.received.map(({ name }) => name)).toEqual(['DBPut']);
  });
});

describe('a refusal by Asterisk is told in its words', () => {
  test('key by key, one refusal refuses the whole plan', async () => {
    const ami = {
      action: () => Promise.reject(new Error('not asked for')),
      listAction: ({ name, fields }: AmiAction) => {
        const isTree = name === 'DBGetTree';
        const isMark = fields.some(([, value]) => value.startsWith('down/'));
        const message = isTree ? 'Invalid/unknown command: DBGetTree.' : 'Permission denied';
        const items = [{ headers: [['Val', ROUTE] as const], wireBytes: 0 }];
        const packet = { headers: [], wireBytes: 0 };
        return Promise.resolve({ isSuccess: !isTree && !isMark, message, items, packet });
      },
    };
    const astdb = new AstDbClient(ami, { classes: ['national'], trunks: ['acme'] });
    expect(await astdb.readPlan()).toEqual({ ok: false, fault: { kind: 'refused', message: 'Permission denied' } });
  });

  const refusing = (failing: string, message: string) => {
    const answer = (name: string) => ({
      isSuccess: name !== failing,
      message: name === failing ? message : '',
      packet: { headers: [], wireBytes: 0 },
      items: [{ headers: [['Val', ROUTE] as const], wireBytes: 0 }],
    });
    const ami = {
      action: ({ name }: { readonly name: string }) => Promise.resolve(answer(name)),
      listAction: ({ name }: { readonly name: string }) => Promise.resolve(answer(name)),
    };
    return new AstDbClient(ami, { classes: ['national'], trunks: ['acme'] });
  };

  test.each([
    [
      'a put on a read-only database',
      'DBPut',
      'Failed to update entry',
      (db: AstDbClient) => db.putRoute('national', ROUTE),
    ],
    ['a reading without the class', 'DBGet', 'Permission denied', (db: AstDbClient) => db.putRoute('national', ROUTE)],
    ['a tree without the class', 'DBGetTree', 'Permission denied', (db: AstDbClient) => db.readPlan()],
    ['a deletion that left the entry', 'DBDel', 'Permission denied', (db: AstDbClient) => db.clearDown('acme')],
  ])('%s', async (_, failing, message, act) => {
    expect(await act(refusing(failing, message))).toEqual({ ok: false, fault: { kind: 'refused', message } });
  });
});
