import { describe, expect, it } from 'vitest';
import { PassGauges } from '../../../server/metrics/pass-metrics.ts';
import { HubMetrics } from '../../../server/metrics/registry-server.ts';
import type { PassResult } from '../../../server/pass-result.ts';
import { censusOf } from '../../../server/paths/path-census.ts';
import { greeted, neverSeen } from '../../../server/probe-status.ts';
import { plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import { helloFrame } from '../../support/probe-frames.ts';
import { health, NOW, pbxInput, routeInput, verdict } from '../routing/judged.ts';

const pass = (parts: Partial<PassResult>): PassResult => ({
  healths: [],
  census: censusOf(parts.healths ?? []),
  verdictEffects: [],
  openVerdicts: [],
  routes: [],
  flips: [],
  renewed: { healths: [], routes: [] },
  ...parts,
});
const lines = async (metrics: HubMetrics, name: string) =>
  (await metrics.expose()).text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .toSorted();

describe('the gauges after a pass', () => {
  it('count paths by state, and forget states in which none is left', async () => {
    const metrics = new HubMetrics();
    const gauges = new PassGauges(metrics);
    gauges.observe(pass({ healths: [health('a', 'a.a1', 'healthy'), health('b', 'a.a1', 'hard-down')] }), []);
    gauges.observe(pass({ healths: [health('a', 'a.a1', 'healthy'), health('b', 'a.a1', 'healthy')] }), []);
    expect(await lines(metrics, 'trunkward_paths')).toEqual(['trunkward_paths{state="healthy"} 2']);
  });

  it('count open verdicts by place and certainty', async () => {
    const metrics = new HubMetrics();
    const gauges = new PassGauges(metrics);
    const site = { kind: 'site', site: 'fra' } as const;
    gauges.observe(
      pass({
        openVerdicts: [verdict(), verdict({ verdictId: 'v-2' }), verdict({ place: site, certainty: 'suspect' })],
      }),
      [],
    );
    expect(await lines(metrics, 'trunkward_verdicts_open')).toEqual([
      'trunkward_verdicts_open{kind="provider",certainty="named"} 2',
      'trunkward_verdicts_open{kind="site",certainty="suspect"} 1',
    ]);
  });

  it('show each route in panic, and no longer once it is over', async () => {
    const metrics = new HubMetrics();
    const gauges = new PassGauges(metrics);
    const input = (state: 'hard-down' | 'healthy') =>
      routeInput([pbxInput('fra-1')], { a: state, b: 'hard-down', c: 'hard-down' });
    gauges.observe(pass({ routes: plan(EMPTY_PLANNER, input('hard-down'), NOW).routes }), []);
    expect(await lines(metrics, 'trunkward_routes_panic')).toEqual([
      'trunkward_routes_panic{pbx="fra-1",class="national"} 1',
    ]);
    gauges.observe(pass({ routes: plan(EMPTY_PLANNER, input('healthy'), NOW).routes }), []);
    expect(await lines(metrics, 'trunkward_routes_panic')).toEqual([]);
  });

  it('say of every PBX, seen or not, whether its probe is connected and sick', async () => {
    const metrics = new HubMetrics();
    const gauges = new PassGauges(metrics);
    const statuses = [greeted(neverSeen('fra-1', 'fra', 0), helloFrame(), 1), neverSeen('ams-1', 'ams', 0)];
    gauges.observe(pass({ healths: [health('fra-1', 'a.a1', 'unknown', { isAbstaining: true })] }), statuses);
    expect(await lines(metrics, 'trunkward_probe_connected')).toEqual([
      'trunkward_probe_connected{site="ams",pbx="ams-1"} 0',
      'trunkward_probe_connected{site="fra",pbx="fra-1"} 1',
    ]);
    expect(await lines(metrics, 'trunkward_probe_sick')).toEqual([
      'trunkward_probe_sick{site="ams",pbx="ams-1"} 0',
      'trunkward_probe_sick{site="fra",pbx="fra-1"} 1',
    ]);
  });
});
