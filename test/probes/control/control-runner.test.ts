import { describe, expect, it, vi } from 'vitest';
import { ControlStore, NO_MEMORY } from '../../../probes/control/control-store.ts';
import { controlFor, ENFORCE, EPOCH_MS, OBSERVE, plan } from './control-fixture.ts';

const NATIONAL = '/trunkward/route/national';
const DOWN_A = '/trunkward/down/a';

describe('a plan of the hub', () => {
  it('is put into AstDB as one text per class, read back, and reported', async () => {
    const { sim, control, results, written } = await controlFor({ modes: ENFORCE });
    control.takePlan(plan('3.1', { national: 'b>a', mobile: 'a>b' }));
    await control.settled();
    expect(sim.astdb.get(NATIONAL)).toBe('2:3.1:b/100,a/0');
    expect(sim.astdb.get('/trunkward/route/mobile')).toBe('2:3.1:a/100,b/0');
    expect(written().map(({ name }) => name)).toEqual(['DBPut', 'DBPut']);
    expect(results).toMatchObject([
      {
        fence: 3,
        version: 1,
        results: [
          { class: 'national', outcome: 'applied', readBack: '2:3.1:b/100,a/0' },
          { class: 'mobile', outcome: 'applied', readBack: '2:3.1:a/100,b/0' },
        ],
      },
    ]);
    expect(control.readBack?.routes).toHaveLength(2);
  });

  it.each([
    ['a trunk', { national: 'b>evil' }, "trunk evil is not in the probe's own list"],
    ['a class', { premium: 'b>a' }, "class premium is not in the probe's own list"],
    ['a class beside a good one', { national: 'b>a', premium: 'b' }, "class premium is not in the probe's own list"],
  ])('naming %s outside the own list changes nothing and says so (rule 10)', async (_name, routes, reason) => {
    const { sim, control, results, written } = await controlFor({ modes: ENFORCE });
    sim.astdb.set(NATIONAL, '2:2.9:a/100,b/0');
    control.takePlan(plan('3.1', routes));
    await control.settled();
    expect(written()).toEqual([]);
    expect(sim.astdb.get(NATIONAL)).toBe('2:2.9:a/100,b/0');
    for (const result of results[0]?.results ?? []) expect(result).toMatchObject({ outcome: 'refused', reason });
    expect(results[0]?.results).toHaveLength(Object.keys(routes).length);
    expect(control.heldFence).toBe(0);
  });

  it('of an older fence than AstDB holds is refused, whatever its version (rule 10)', async () => {
    const { sim, control, results, written } = await controlFor({ modes: ENFORCE });
    sim.astdb.set(NATIONAL, '2:5.1:b/100,a/0');
    await control.asteriskUp();
    expect(control.heldFence).toBe(5);
    control.takePlan(plan('4.900', { national: 'a>b' }));
    await control.settled();
    expect(written()).toEqual([]);
    expect(results[0]?.results).toMatchObject([{ outcome: 'refused', reason: 'plan 4.900 is older than 5.1' }]);
  });

  it('of an older fence than a welcome has told is refused', async () => {
    const { control, results, written } = await controlFor();
    control.takeModes(ENFORCE, 9);
    control.takePlan(plan('8.1', { national: 'a>b' }));
    await control.settled();
    expect(written()).toEqual([]);
    expect(results[0]?.results).toMatchObject([{ outcome: 'refused', reason: 'plan 8.1 is older than 9.0' }]);
  });

  it.each([
    ['in observe', OBSERVE, 'routing is in observe mode'],
    ['with the stop switch on', { ...ENFORCE, stopped: true }, 'the global stop switch is on'],
    ['before any modes are known', undefined, 'no modes are known yet'],
  ])('%s writes nothing and says so (rule 7)', async (_name, modes, reason) => {
    const { control, results, written } = await controlFor({ modes });
    control.takePlan(plan('3.1', { national: 'b>a' }));
    await control.settled();
    expect(written()).toEqual([]);
    expect(results[0]?.results).toEqual([{ class: 'national', outcome: 'observed', reason }]);
  });

  it('acts in one class that enforces while the PBX observes (rule 7)', async () => {
    const { sim, control, results } = await controlFor({
      modes: { ...OBSERVE, classes: [{ class: 'mobile', routing: 'enforce' }] },
    });
    control.takePlan(plan('3.1', { national: 'b>a', mobile: 'b>a' }));
    await control.settled();
    expect(sim.astdb.has(NATIONAL)).toBe(false);
    expect(results[0]?.results.map(({ outcome }) => outcome)).toEqual(['observed', 'applied']);
  });

  it('that another hand overwrites at once is reported as failed with what AstDB holds (rule 7)', async () => {
    const { sim, control, results } = await controlFor({ modes: ENFORCE });
    sim.onAction = ({ name }) => {
      if (name === 'DBGet') sim.astdb.set(NATIONAL, 'scribble');
    };
    control.takePlan(plan('3.1', { national: 'b>a' }));
    await control.settled();
    expect(results[0]?.results).toEqual([
      {
        class: 'national',
        outcome: 'failed',
        readBack: 'scribble',
        reason: 'the text read back differs from the one put',
      },
    ]);
  });

  it('whose newest version came while one was being written wins over those between', async () => {
    const { sim, control, results } = await controlFor({ modes: ENFORCE });
    control.takePlan(plan('3.1', { national: 'b>a' }));
    await vi.waitFor(() => expect(sim.received.some(({ name }) => name === 'DBPut')).toBe(true));
    control.takePlan(plan('3.2', { national: 'a>b' }));
    control.takePlan(plan('3.3', { national: 'b>a' }));
    await control.settled();
    expect(sim.astdb.get(NATIONAL)).toBe('2:3.3:b/100,a/0');
    expect(results.map(({ version }) => version)).toEqual([1, 3]);
  });

  it('never gives way to an older one that comes while it waits', async () => {
    const { sim, control, results } = await controlFor({ modes: ENFORCE });
    control.takePlan(plan('3.5', { national: 'b>a' }));
    control.takePlan(plan('3.4', { national: 'a>b' }));
    await control.settled();
    expect(sim.astdb.get(NATIONAL)).toBe('2:3.5:b/100,a/0');
    expect(results.map(({ version, results: [first] }) => [version, first?.outcome])).toEqual([
      [4, 'refused'],
      [5, 'applied'],
    ]);
  });
});

describe('with Asterisk away', () => {
  it('a plan fails, what AstDB holds is unknown, and at FullyBooted it is written (rules 2 and 9)', async () => {
    const { sim, ami, control, results, events } = await controlFor({ modes: ENFORCE });
    await sim.stop();
    await vi.waitFor(() => expect(ami.state.kind).not.toBe('connected'));
    expect(control.readBack).toBeUndefined();
    control.takePlan(plan('3.1', { national: 'b>a' }));
    await control.settled();
    expect(results[0]?.results).toMatchObject([
      { class: 'national', outcome: 'failed', reason: expect.stringMatching(/^no answer from Asterisk/) },
    ]);
    expect(sim.astdb.size).toBe(0);
    await sim.start();
    await vi.waitFor(() => expect(sim.astdb.get(NATIONAL)).toBe('2:3.1:b/100,a/0'));
    await control.settled();
    expect(control.readBack?.routes).toMatchObject([{ class: 'national', fence: 3, version: 1 }]);
    expect(events).toContainEqual({
      kind: 'route-drift',
      class: 'national',
      expected: '2:3.1:b/100,a/0',
      found: '',
    });
  });

  it('a stopped process that still accepts is no empty AstDB (rule 2)', async () => {
    const { sim, control, results, readBacks } = await controlFor({ modes: ENFORCE });
    sim.astdb.set(NATIONAL, '2:3.1:b/100,a/0');
    await control.asteriskUp();
    const before = readBacks.length;
    sim.stall();
    control.takePlan(plan('3.2', { national: 'a>b' }));
    await control.settled();
    expect(results.at(-1)?.results).toMatchObject([{ outcome: 'failed' }]);
    expect(control.readBack).toBeUndefined();
    expect(readBacks).toHaveLength(before);
  });

  it('nothing is re-asserted in observe mode (rule 7)', async () => {
    const { control, written } = await controlFor({ modes: OBSERVE, plan: plan('3.1', { national: 'b>a' }), fence: 3 });
    await control.asteriskUp();
    expect(written()).toEqual([]);
  });

  it('a route that another hub wrote later is left alone (rule 9)', async () => {
    const { sim, control, written, events } = await controlFor({
      modes: ENFORCE,
      plan: plan('3.1', { national: 'b>a' }),
      fence: 3,
    });
    sim.astdb.clear();
    sim.astdb.set(NATIONAL, '2:4.1:a/100,b/0');
    sim.received.length = 0;
    events.length = 0;
    await control.asteriskUp();
    expect(written()).toEqual([]);
    expect(events).toEqual([]);
    expect(control.heldFence).toBe(4);
  });
});

describe('drift', () => {
  it('is told with both texts, and nothing is changed for it', async () => {
    const { sim, control, events, written } = await controlFor({ modes: ENFORCE });
    control.takePlan(plan('3.1', { national: 'b>a' }));
    await control.settled();
    sim.astdb.set(NATIONAL, '2:3.1:a/100,b/0');
    sim.received.length = 0;
    control.checkDrift();
    await control.settled();
    expect(events).toEqual([
      { kind: 'route-drift', class: 'national', expected: '2:3.1:b/100,a/0', found: '2:3.1:a/100,b/0' },
    ]);
    expect(written()).toEqual([]);
  });

  it('that lasts is told once and shown to the hub each time, and told again after AstDB was right in between', async () => {
    const { sim, control, events, readBacks } = await controlFor({ modes: ENFORCE });
    control.takePlan(plan('3.1', { national: 'b>a' }));
    await control.settled();
    readBacks.length = 0;
    const check = async (text: string) => {
      sim.astdb.set(NATIONAL, text);
      control.checkDrift();
      await control.settled();
    };
    for (let round = 0; round < 5; round += 1) await check('scribble');
    expect(events).toHaveLength(1);
    expect(readBacks.map(({ plan: { routes } }) => routes[0]?.raw)).toEqual(
      Array.from({ length: 5 }, () => 'scribble'),
    );
    await check('other scribble');
    expect(events).toHaveLength(2);
    await check('2:3.1:b/100,a/0');
    expect(readBacks).toHaveLength(6);
    await check('other scribble');
    expect(events).toHaveLength(3);
  });

  it('is told again when what was repaired is lost once more', async () => {
    const { sim, control, events } = await controlFor({ modes: ENFORCE });
    control.takePlan(plan('3.1', { national: 'b>a' }));
    await control.settled();
    for (let round = 0; round < 2; round += 1) {
      sim.astdb.delete(NATIONAL);
      await control.asteriskUp();
      expect(sim.astdb.get(NATIONAL)).toBe('2:3.1:b/100,a/0');
    }
    expect(events.map(({ kind }) => kind)).toEqual(['route-drift', 'route-drift']);
  });

  it('is not seen where AstDB holds the plan, nor where AstDB cannot be read', async () => {
    const { sim, control, events } = await controlFor({ modes: ENFORCE });
    control.takePlan(plan('3.1', { national: 'b>a' }));
    await control.settled();
    control.checkDrift();
    await control.settled();
    sim.stall();
    control.checkDrift();
    await control.settled();
    expect(events).toEqual([]);
  });
});

describe("the probe's own down mark", () => {
  it('is written for a dead trunk while others answer, with its end, and told (rule 5)', async () => {
    const { sim, clock, killTrunkA, events, control } = await controlFor({ modes: ENFORCE });
    await killTrunkA();
    const until = Number(sim.astdb.get(DOWN_A));
    expect(until).toBeGreaterThan((EPOCH_MS + clock.atMs) / 1000 + 55);
    expect(until).toBeLessThanOrEqual((EPOCH_MS + clock.atMs) / 1000 + 61);
    expect(events).toMatchObject([
      { kind: 'down-marked', trunk: 'a', misses: 3, written: true, untilEpochMs: until * 1000 },
    ]);
    expect(control.markedTrunks).toEqual(['a']);
    expect(control.readBack?.down).toEqual([{ trunk: 'a', untilEpochMs: until * 1000 }]);
  });

  it('is written while the hub is away, by the modes that it last told (rule 5)', async () => {
    const dataDir = (await controlFor({ modes: ENFORCE })).dataDir;
    await new ControlStore(dataDir).save({ ...NO_MEMORY, fence: 3, modes: ENFORCE });
    const { memory } = await new ControlStore(dataDir).load();
    const { sim, killTrunkA } = await controlFor(memory);
    await killTrunkA();
    expect(sim.astdb.has(DOWN_A)).toBe(true);
  });

  it.each([
    ['in observe', OBSERVE],
    ['with the stop switch on', { ...ENFORCE, stopped: true }],
    ['without modes', undefined],
  ])('%s is told and neither written nor taken away again in AstDB (rule 7)', async (_name, modes) => {
    const { killTrunkA, answers, control, events, written } = await controlFor({ modes });
    await killTrunkA();
    answers('a.a1', 10);
    await control.settled();
    expect(events).toMatchObject([
      { kind: 'down-marked', trunk: 'a', written: false },
      { kind: 'down-cleared', trunk: 'a' },
    ]);
    expect(written()).toEqual([]);
  });

  it('is refreshed at half its life while true, and told once', async () => {
    const { sim, clock, killTrunkA, misses, answers, control, events } = await controlFor({ modes: ENFORCE });
    await killTrunkA();
    const first = Number(sim.astdb.get(DOWN_A));
    clock.atMs += 31_000;
    answers('b.b1', 1);
    misses('a.a1', 1);
    await control.settled();
    expect(Number(sim.astdb.get(DOWN_A))).toBeGreaterThan(first + 25);
    expect(events).toHaveLength(1);
  });

  it('is taken away after ten answers in a row, not nine', async () => {
    const { sim, killTrunkA, answers, control, events } = await controlFor({ modes: ENFORCE });
    await killTrunkA();
    answers('a.a1', 9);
    await control.settled();
    expect(sim.astdb.has(DOWN_A)).toBe(true);
    answers('a.a1', 1);
    await control.settled();
    expect(sim.astdb.has(DOWN_A)).toBe(false);
    expect(events.at(-1)).toEqual({ kind: 'down-cleared', trunk: 'a', reason: '10 answers in a row' });
    expect(control.markedTrunks).toEqual([]);
  });

  it('is taken away when a call gets through', async () => {
    const { sim, clock, killTrunkA, control } = await controlFor({ modes: ENFORCE });
    await killTrunkA();
    clock.atMs += 100;
    control.learn({ kind: 'invite-answered', trunk: 'a', edge: 'a1' });
    await control.settled();
    expect(sim.astdb.has(DOWN_A)).toBe(false);
  });

  it('that could not be written is written as soon as Asterisk is back', async () => {
    const { sim, ami, killTrunkA, events, control } = await controlFor({ modes: ENFORCE });
    await sim.stop();
    await vi.waitFor(() => expect(ami.state.kind).not.toBe('connected'));
    await killTrunkA();
    expect(events).toMatchObject([{ kind: 'down-marked', written: false }]);
    await sim.start();
    await vi.waitFor(() => expect(sim.astdb.has(DOWN_A)).toBe(true));
    await control.settled();
    expect(events).toMatchObject([
      { kind: 'down-marked', written: false },
      { kind: 'down-marked', trunk: 'a', misses: 3, written: true },
    ]);
  });

  it('first only told in observe is told again when enforce writes it (rule 7)', async () => {
    const { sim, clock, killTrunkA, misses, answers, control, events } = await controlFor({ modes: OBSERVE });
    await killTrunkA();
    expect(events).toMatchObject([{ kind: 'down-marked', written: false }]);
    control.takeModes(ENFORCE, 1);
    clock.atMs += 31_000;
    answers('b.b1', 1);
    misses('a.a1', 1);
    await control.settled();
    expect(sim.astdb.has(DOWN_A)).toBe(true);
    expect(events).toMatchObject([
      { kind: 'down-marked', written: false },
      { kind: 'down-marked', trunk: 'a', written: true },
    ]);
  });

  it('that another hand removed is told again when it is written again (rule 7)', async () => {
    const { sim, clock, killTrunkA, misses, control, events } = await controlFor({ modes: ENFORCE });
    await killTrunkA();
    sim.astdb.delete(DOWN_A);
    control.checkDrift();
    clock.atMs += 31_000;
    misses('a.a1', 1);
    await control.settled();
    expect(sim.astdb.has(DOWN_A)).toBe(true);
    expect(events.map(({ kind }) => kind)).toEqual(['down-marked', 'down-marked']);
  });

  it('that ran out is no longer shown, is told, and the next one is told as new (rule 7)', async () => {
    const { clock, killTrunkA, answers, misses, control, events } = await controlFor({ modes: ENFORCE });
    await killTrunkA();
    answers('a.a1', 1);
    clock.atMs += 61_000;
    control.learn({ kind: 'tick' });
    await control.settled();
    expect(control.markedTrunks).toEqual([]);
    misses('a.a1', 1);
    answers('b.b1', 1);
    misses('a.a1', 3);
    await control.settled();
    expect(events).toMatchObject([
      { kind: 'down-marked', written: true },
      { kind: 'down-cleared', trunk: 'a', reason: 'the mark ran out' },
      { kind: 'down-marked', written: true },
    ]);
  });

  it.each([
    ['by the own file', {}],
    ['by AstDB', { '/trunkward/route/mobile': '2:1.1:b/100,a/0' }],
  ])('is not written while a class that uses the trunk %s is in observe (rule 7)', async (name, astdb) => {
    const observed = name === 'by AstDB' ? 'mobile' : 'national';
    const modes = { ...ENFORCE, classes: [{ class: observed, routing: 'observe' as const }] };
    const { killTrunkA, events, written } = await controlFor({ modes }, { astdb });
    await killTrunkA();
    expect(written()).toEqual([]);
    expect(events).toMatchObject([
      {
        kind: 'down-marked',
        written: false,
        reason: expect.stringContaining(`not written: class ${observed}: routing is in observe mode`),
      },
    ]);
  });

  it('is written while only a class that does not use the trunk is in observe', async () => {
    const modes = { ...ENFORCE, classes: [{ class: 'mobile', routing: 'observe' as const }] };
    const { sim, killTrunkA } = await controlFor({ modes });
    await killTrunkA();
    expect(sim.astdb.has(DOWN_A)).toBe(true);
  });

  it('is written where every class that uses the trunk enforces, though the PBX observes', async () => {
    const modes = { ...OBSERVE, classes: [{ class: 'national', routing: 'enforce' as const }] };
    const { sim, killTrunkA } = await controlFor({ modes });
    await killTrunkA();
    expect(sim.astdb.has(DOWN_A)).toBe(true);
  });

  it('is put on a trunk that answered an earlier life of the probe and is dead in this one (rule 5)', async () => {
    const { control, answers, dataDir } = await controlFor({ modes: ENFORCE });
    answers('a.a1', 1);
    await vi.waitFor(async () => {
      const { memory } = await new ControlStore(dataDir).load();
      expect(memory.answered).toEqual(['a.a1 192.0.2.1 5060']);
    });
    await control.settled();
    const { memory } = await new ControlStore(dataDir).load();
    const next = await controlFor(memory);
    next.misses('a.a1', 1);
    next.answers('b.b1', 1);
    next.misses('a.a1', 3);
    await next.control.settled();
    expect(next.sim.astdb.has(DOWN_A)).toBe(true);
  });

  it('is not put on a dead edge that has moved to an address which never answered', async () => {
    const { misses, answers, control, written } = await controlFor({
      modes: ENFORCE,
      answered: ['a.a1 192.0.2.99 5060'],
    });
    misses('a.a1', 1);
    answers('b.b1', 1);
    misses('a.a1', 9);
    await control.settled();
    expect(written()).toEqual([]);
  });

  it('waits for every address of a name that is found while it runs, and knows one again that comes back (rule 5)', async () => {
    const b = { target: 'b.b1', trunk: 'b', address: '192.0.2.2', port: 5060 };
    const east = { target: 'a.a1.at-east', trunk: 'a', address: '192.0.2.1', port: 5060 };
    const west = { target: 'a.a1.at-west', trunk: 'a', address: '192.0.2.3', port: 5060 };
    const { answers, control, misses, sim } = await controlFor({ modes: ENFORCE });
    control.retarget([east, west, b]);
    answers('a.a1.at-east', 3);
    answers('a.a1.at-west', 3);
    control.retarget([east, b]);
    control.retarget([east, west, b]);
    misses('a.a1.at-east', 1);
    answers('b.b1', 1);
    misses('a.a1.at-east', 5);
    await control.settled();
    expect(sim.astdb.has(DOWN_A)).toBe(false);
    misses('a.a1.at-west', 1);
    answers('b.b1', 1);
    misses('a.a1.at-west', 5);
    await control.settled();
    expect(sim.astdb.has(DOWN_A)).toBe(true);
    answers('a.a1.at-east', 10);
    await control.settled();
    expect(sim.astdb.has(DOWN_A)).toBe(false);
  });

  it('of an earlier life is taken up: shown, refreshed while true, and not told anew (rule 9)', async () => {
    const found = EPOCH_MS / 1000 + 40;
    const { sim, clock, control, misses, answers, events } = await controlFor(
      { modes: ENFORCE, answered: ['a.a1 192.0.2.1 5060'] },
      { astdb: { [DOWN_A]: String(found) } },
    );
    expect(control.markedTrunks).toEqual(['a']);
    misses('a.a1', 1);
    answers('b.b1', 1);
    misses('a.a1', 3);
    clock.atMs += 15_000;
    misses('a.a1', 1);
    await control.settled();
    expect(Number(sim.astdb.get(DOWN_A))).toBeGreaterThan(found);
    expect(events).toEqual([]);
    answers('a.a1', 10);
    await control.settled();
    expect(sim.astdb.has(DOWN_A)).toBe(false);
  });

  it('of an earlier life that has run out is not taken up', async () => {
    const { control } = await controlFor({ modes: ENFORCE }, { astdb: { [DOWN_A]: String(EPOCH_MS / 1000 - 1) } });
    expect(control.markedTrunks).toEqual([]);
  });

  it('is never put on the only thing that is silent: the probe itself may be cut off (rule 2)', async () => {
    const { answers, misses, control, written, events } = await controlFor({ modes: ENFORCE });
    answers('a.a1', 3);
    answers('b.b1', 3);
    answers('peer.ams-1', 3);
    for (let round = 0; round < 20; round += 1) for (const target of ['a.a1', 'b.b1', 'peer.ams-1']) misses(target, 1);
    await control.settled();
    expect(written()).toEqual([]);
    expect(events).toEqual([]);
  });
});

describe('a command', () => {
  it('clears a mark of an own trunk, and no other (rule 10)', async () => {
    const { sim, control } = await controlFor({ modes: ENFORCE });
    sim.astdb.set(DOWN_A, '1800000099');
    sim.astdb.set('/trunkward/down/z', '1800000099');
    const order = { v: 1, type: 'command', commandId: 'command-1', fence: 1 } as const;
    control.takeCommand({ ...order, command: { kind: 'clear-down', trunk: 'a' } });
    control.takeCommand({ ...order, command: { kind: 'clear-down', trunk: 'z' } });
    await control.settled();
    expect([...sim.astdb.keys()]).toEqual(['/trunkward/down/z']);
  });

  it('reads AstDB back', async () => {
    const { sim, control, readBacks } = await controlFor();
    sim.astdb.set(NATIONAL, 'nonsense');
    sim.astdb.set('/trunkward/route/foreign', '2:1.1:a/1');
    const order = { v: 1, type: 'command', commandId: 'command-1', fence: 1 } as const;
    control.takeCommand({ ...order, command: { kind: 'read-back' } });
    await control.settled();
    expect(readBacks.at(-1)?.plan.routes).toEqual([{ class: 'national', raw: 'nonsense' }]);
  });
});

describe('the age of the plan held', () => {
  it('is told once when its validity has passed, and the plan is kept (rule 5)', async () => {
    const held = plan('3.1', { national: 'b>a' });
    const { sim, clock, control, events } = await controlFor({ modes: ENFORCE, plan: held, fence: 3 });
    expect(sim.astdb.get(NATIONAL)).toBe('2:3.1:b/100,a/0');
    events.length = 0;
    clock.atMs = held.validUntilEpochMs - EPOCH_MS;
    control.checkPlanAge();
    expect(events).toEqual([]);
    clock.atMs += 1;
    control.checkPlanAge();
    control.checkPlanAge();
    expect(events).toEqual([
      {
        kind: 'probe-note',
        code: 'plan-expired',
        text: 'plan 3.1 was valid until 2027-01-16T08:00:00.000Z; it is kept, no newer one has come',
      },
    ]);
    await control.asteriskUp();
    expect(sim.astdb.get(NATIONAL)).toBe('2:3.1:b/100,a/0');
  });
});

describe('what control remembers', () => {
  it('is on disk: modes, plan and the highest fence, for its next life', async () => {
    const { control, dataDir } = await controlFor();
    control.takeModes(ENFORCE, 7);
    control.takePlan(plan('7.2', { national: 'b>a' }));
    await control.settled();
    await vi.waitFor(async () => {
      const { memory } = await new ControlStore(dataDir).load();
      expect(memory).toEqual({
        ...NO_MEMORY,
        applied: ['national'],
        fence: 7,
        modes: ENFORCE,
        plan: plan('7.2', { national: 'b>a' }),
      });
    });
    control.takeModes(OBSERVE, 3);
    expect(control.heldFence).toBe(7);
    expect(control.modes).toEqual(ENFORCE);
  });
});
