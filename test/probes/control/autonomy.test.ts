import { describe, expect, it } from 'vitest';
import { ControlStore } from '../../../probes/control/control-store.ts';
import { parseRouteValue } from '../../../wire/route-value.ts';
import { controlFor, ENFORCE, EPOCH_MS, plan, temporaryFolder } from './control-fixture.ts';

const NATIONAL = '/trunkward/route/national';
const DAY_MS = 86_400_000;

/** Leader and order of a route text, without its stamp. */
function trunksOf(text: string | undefined): string {
  const parsed = parseRouteValue(text ?? '');
  return parsed.ok ? parsed.route.trunks.map(({ trunk }) => trunk).join('>') : '';
}

/** A probe that carried plan 3.7 out, b leading, and then lost its hub until the plan was no longer valid. */
async function aloneTooLong() {
  const dataDir = temporaryFolder();
  const fixture = await controlFor({ modes: ENFORCE, fence: 3 }, { dataDir });
  const { clock, control, events, sim } = fixture;
  control.takePlan({ ...plan('3.7', { national: 'b>a' }), drift: 'repair' });
  await control.settled();
  clock.atMs += 3 * DAY_MS;
  control.checkPlanAge();
  control.checkDrift();
  await control.settled();
  sim.received.length = 0;
  return { ...fixture, dataDir, said: [...events] };
}

describe('a probe whose hub is away (rule 5)', () => {
  it('keeps a plan past its validity, says so once, and changes nothing for it', async () => {
    const { control, events, said, sim, written } = await aloneTooLong();
    expect(said).toMatchObject([{ kind: 'probe-note', code: 'plan-expired' }]);
    for (let round = 0; round < 3; round += 1) control.checkPlanAge();
    await control.settled();
    expect(events).toHaveLength(1);
    expect(written()).toEqual([]);
    expect(sim.astdb.get(NATIONAL)).toBe('2:3.7:b/100,a/0');
  });

  it('goes on repairing by that plan, over a restart of its own too', async () => {
    const { control, dataDir, sim } = await aloneTooLong();
    sim.astdb.set(NATIONAL, '2:3.7:a/100,b/0');
    control.checkDrift();
    await control.settled();
    expect(sim.astdb.get(NATIONAL)).toBe('2:3.7:b/100,a/0');
    const { memory } = await new ControlStore(dataDir).load();
    const again = await controlFor(memory, { dataDir, astdb: { [NATIONAL]: 'lost' } });
    await again.control.asteriskUp();
    expect(again.sim.astdb.get(NATIONAL)).toBe('2:3.7:b/100,a/0');
  });

  it('rejoins without a flap: nothing is written until a plan comes, and one of the same order moves no call', async () => {
    const { clock, control, readBacks, results, sim, written } = await aloneTooLong();
    const leaders: string[] = [];
    sim.onAction = () => void leaders.push(trunksOf(sim.astdb.get(NATIONAL)));
    readBacks.length = 0;
    control.takeModes(ENFORCE, 4);
    control.tellReadBack();
    await control.settled();
    expect(written()).toEqual([]);
    expect(readBacks[0]?.plan.routes).toMatchObject([{ class: 'national', fence: 3, version: 7 }]);
    const validUntilEpochMs = EPOCH_MS + clock.atMs + DAY_MS;
    control.takePlan({ ...plan('4.8', { national: 'b>a' }), validUntilEpochMs, drift: 'repair' });
    await control.settled();
    expect(results.at(-1)?.results).toMatchObject([{ outcome: 'applied', readBack: '2:4.8:b/100,a/0' }]);
    expect(new Set([...leaders, trunksOf(sim.astdb.get(NATIONAL))])).toEqual(new Set(['b>a']));
  });

  it('takes nothing more from the hub of before, which a newer one has followed', async () => {
    const { control, results, sim } = await aloneTooLong();
    control.takeModes(ENFORCE, 4);
    control.takePlan(plan('3.8', { national: 'a>b' }));
    await control.settled();
    expect(results.at(-1)?.results).toMatchObject([{ outcome: 'refused' }]);
    expect(trunksOf(sim.astdb.get(NATIONAL))).toBe('b>a');
  });
});
