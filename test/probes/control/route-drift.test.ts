import { describe, expect, it } from 'vitest';
import { ControlStore } from '../../../probes/control/control-store.ts';
import { isWrittenBack, type RouteDrift } from '../../../probes/control/route-drift.ts';
import type { DriftPolicy } from '../../../wire/plan.ts';
import { controlFor, ENFORCE, OBSERVE, plan, temporaryFolder } from './control-fixture.ts';

const NATIONAL = '/trunkward/route/national';
const MOBILE = '/trunkward/route/mobile';
const ORDERED = '2:3.1:b/100,a/0';
const EDITED = '2:3.1:a/100,b/0';

/** A probe that has carried out plan 3.1 under a policy; what went before is forgotten. */
async function applied(drift: DriftPolicy | undefined, dataDir = temporaryFolder()) {
  const fixture = await controlFor({ modes: ENFORCE }, { dataDir });
  const { control, events, readBacks, results, sim } = fixture;
  control.takePlan({ ...plan('3.1', { national: 'b>a', mobile: 'b>a' }), ...(drift && { drift }) });
  await control.settled();
  for (const list of [events, readBacks, results, sim.received]) list.length = 0;
  const check = async () => {
    control.checkDrift();
    await control.settled();
  };
  return { ...fixture, check };
}

describe('a route that a hand changed in AstDB, under `repair`', () => {
  it('is told with both texts, then written back, and the plan is answered for anew (rule 7)', async () => {
    const { check, events, readBacks, results, sim, written } = await applied('repair');
    sim.astdb.set(NATIONAL, EDITED);
    await check();
    expect(events).toEqual([
      { kind: 'route-drift', class: 'national', expected: ORDERED, found: EDITED, policy: 'repair' },
    ]);
    expect(written()).toHaveLength(1);
    expect(sim.astdb.get(NATIONAL)).toBe(ORDERED);
    expect(results).toMatchObject([
      { fence: 3, version: 1, results: [{ class: 'national', outcome: 'applied', readBack: ORDERED }] },
    ]);
    expect(readBacks.at(-1)?.plan).toMatchObject({ drifted: [] });
  });

  it('is told again when it is changed to the same text once more', async () => {
    const { check, events, sim } = await applied('repair');
    for (let round = 0; round < 3; round += 1) {
      sim.astdb.set(NATIONAL, EDITED);
      await check();
      expect(sim.astdb.get(NATIONAL)).toBe(ORDERED);
    }
    expect(events).toHaveLength(3);
  });

  it.each([
    ['deleted', undefined],
    ['no route at all', 'PJSIP/evil&Local/1'],
    ['of an older plan', '2:2.9:a/100,b/0'],
  ])('%s is written back too', async (_name, text) => {
    const { check, sim } = await applied('repair');
    if (text === undefined) sim.astdb.delete(NATIONAL);
    else sim.astdb.set(NATIONAL, text);
    await check();
    expect(sim.astdb.get(NATIONAL)).toBe(ORDERED);
  });

  it('is left where a put fails, told once, and tried again at the next look', async () => {
    const { check, events, faults, sim } = await applied('repair');
    sim.astdb.set(NATIONAL, EDITED);
    sim.onAction = ({ name }) => {
      if (name === 'DBGet') sim.astdb.set(NATIONAL, EDITED);
    };
    await check();
    await check();
    expect(events).toHaveLength(1);
    expect(faults).toHaveLength(2);
    sim.onAction = () => undefined;
    await check();
    expect(sim.astdb.get(NATIONAL)).toBe(ORDERED);
  });

  it.each([
    ['in observe mode', OBSERVE],
    ['with the stop switch on', { ...ENFORCE, stopped: true }],
  ])('%s is neither told nor written (rule 7)', async (_name, modes) => {
    const { check, control, events, sim, written } = await applied('repair');
    control.takeModes(modes, 3);
    sim.astdb.set(NATIONAL, EDITED);
    await check();
    expect([events, written()]).toEqual([[], []]);
  });

  it("of another hub's newer plan stands (rule 9)", async () => {
    const { check, events, sim, written } = await applied('repair');
    sim.astdb.set(NATIONAL, '2:4.1:a/100,b/0');
    await check();
    expect([events, written()]).toEqual([[], []]);
  });
});

describe('a route that a hand changed in AstDB, under `report`', () => {
  it('is told with both texts, shown to the hub as drifted, and never written, at a restart of Asterisk neither', async () => {
    const { check, control, events, readBacks, sim, written } = await applied('report');
    sim.astdb.set(NATIONAL, EDITED);
    await check();
    await check();
    await control.asteriskUp();
    expect(events).toEqual([
      { kind: 'route-drift', class: 'national', expected: ORDERED, found: EDITED, policy: 'report' },
    ]);
    expect(written()).toEqual([]);
    expect(readBacks.at(-1)?.plan.drifted).toEqual(['national']);
  });

  it('is written back all the same where Asterisk lost it at its restart', async () => {
    const { control, sim } = await applied('report');
    sim.astdb.delete(MOBILE);
    sim.astdb.set(NATIONAL, EDITED);
    await control.asteriskUp();
    expect(sim.astdb.get(MOBILE)).toBe('2:3.1:b/100,a/0');
    expect(sim.astdb.get(NATIONAL)).toBe(EDITED);
  });

  it('is known for drift after a restart of the probe, while a plan that never came through is not', async () => {
    const dataDir = temporaryFolder();
    const { control, sim } = await applied('report', dataDir);
    await sim.stop();
    await control.settled();
    const { memory } = await new ControlStore(dataDir).load();
    expect(memory).toMatchObject({ applied: ['national', 'mobile'], plan: { drift: 'report' } });
    const again = await controlFor(
      { ...memory, applied: ['national'] },
      { dataDir, astdb: { [NATIONAL]: EDITED, [MOBILE]: '2:2.1:a/100,b/0' } },
    );
    expect(again.readBacks.at(-1)?.plan.drifted).toEqual(['national']);
    expect([again.sim.astdb.get(NATIONAL), again.sim.astdb.get(MOBILE)]).toEqual([EDITED, '2:3.1:b/100,a/0']);
  });
});

it('a mark under down/ is no drift', async () => {
  const { check, events, killTrunkA, sim } = await applied('repair');
  await killTrunkA();
  expect(sim.astdb.has('/trunkward/down/a')).toBe(true);
  events.length = 0;
  await check();
  expect(events).toEqual([]);
});

it.each([
  ['repair', 'check', true],
  ['repair', 'boot', true],
  ['report', 'check', false],
  ['report', 'boot', false],
  [undefined, 'check', false],
  [undefined, 'boot', true],
] as const)('under %s, on a %s, a changed text is written back: %s', (policy, occasion, wanted) => {
  const drift: RouteDrift = { class: 'national', expected: ORDERED, found: EDITED, wasApplied: true };
  expect(isWrittenBack(drift, policy, occasion)).toBe(wanted);
});
