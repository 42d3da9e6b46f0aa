import { describe, expect, it } from 'vitest';
import type { PassResult } from '../../../server/engine.ts';
import { observePass } from '../../../server/metrics/pass-metrics.ts';
import { HubMetrics } from '../../../server/metrics/registry-server.ts';
import { greeted, neverSeen } from '../../../server/probe-status.ts';
import { helloFrame } from '../../support/probe-frames.ts';
import { health, verdict } from '../routing/judged.ts';

const pass = (parts: Partial<PassResult>): PassResult => ({
  healths: [],
  verdictEffects: [],
  openVerdicts: [],
  routes: [],
  flips: [],
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
    observePass(metrics, pass({ healths: [health('a', 'a.a1', 'healthy'), health('b', 'a.a1', 'hard-down')] }), []);
    observePass(metrics, pass({ healths: [health('a', 'a.a1', 'healthy'), health('b', 'a.a1', 'healthy')] }), []);
    expect(await lines(metrics, 'trunkward_paths')).toEqual(['trunkward_paths{state="healthy"} 2']);
  });

  it('count open verdicts by place and certainty', async () => {
    const metrics = new HubMetrics();
    const site = { kind: 'site', site: 'fra' } as const;
    observePass(
      metrics,
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

  it('say of every PBX, seen or not, whether its probe is connected and sick', async () => {
    const metrics = new HubMetrics();
    const statuses = [greeted(neverSeen('fra-1', 'fra', 0), helloFrame(), 1), neverSeen('ams-1', 'ams', 0)];
    observePass(metrics, pass({ healths: [health('fra-1', 'a.a1', 'unknown', { isAbstaining: true })] }), statuses);
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
