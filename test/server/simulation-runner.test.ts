import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { plan } from '../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../server/routing/planner-memory.ts';
import { SimulationRunner } from '../../server/simulation-runner.ts';
import { hubConfig, temporaryFolder } from './hub-fixture.ts';
import { modes, NOW, pbxInput, routeInput } from './routing/judged.ts';

it('others get their turn while a what-if is played, and the next one begins after it', async () => {
  const classes = Array.from({ length: 20 }, (_, at) => ({ class: `class-${at}`, trunks: ['a', 'b', 'c'] }));
  const input = pbxInput('fra-1', { classes });
  const { healths, pbxes: _pbxes, ...ground } = routeInput([input], { a: 'healthy', b: 'healthy', c: 'healthy' });
  const { memory } = plan(EMPTY_PLANNER, routeInput([input], { a: 'healthy', b: 'healthy', c: 'healthy' }), NOW);
  let begun = 0;
  const runner = new SimulationRunner({
    engine: {
      simulationGround: () => {
        begun += 1;
        return { memory, input, ground, healths, fleetSize: 1 };
      },
    },
    modes: { of: () => modes('enforce') },
    fleet: { sites: [], providerOf: new Map() },
    routing: hubConfig(temporaryFolder()).routing,
    nowMs: () => NOW,
  });
  const done: string[] = [];
  const first = runner.ask({ pbx: 'fra-1', forS: 900 }, 'owner').then((result) => {
    done.push('first');
    return result;
  });
  const second = runner.ask({ pbx: 'fra-1', forS: 0 }, 'owner');
  let turns = 0;
  while (done.length === 0) {
    await turn();
    if (done.length === 0) expect(begun).toBe(1);
    turns += 1;
  }
  expect(turns).toBeGreaterThan(3);
  expect(await first).toMatchObject({ answer: { changes: [] } });
  expect(await second).toMatchObject({ answer: { changes: [] } });
  expect(begun).toBe(2);
});
