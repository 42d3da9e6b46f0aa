import { describe, expect, it } from 'vitest';
import { type CorrelateState, correlate, NOTHING_CORRELATED } from '../../../server/correlate/correlate.ts';
import { PathTable } from '../../../server/paths/path-table.ts';
import { seeded } from '../../support/seeded.ts';
import { fleetRefs } from './loss-simulation.ts';

const REFS = fleetRefs({ sites: 2, providers: 2, hasMesh: true });
const PBXES = ['s1-1', 's2-1'];
const WAIT_MS = 800;

/** The hub's own path table fed by two probes, one OPTIONS a second and target; a miss is told when its wait is over. */
class Hub {
  readonly table = new PathTable();
  readonly random = seeded(31);
  state: CorrelateState = NOTHING_CORRELATED;
  nowMs = 1_700_000_000_000;
  #sequence = 0;

  constructor() {
    for (const pbx of PBXES) {
      this.table.setPaths(
        pbx,
        REFS.filter((ref) => ref.pbx === pbx),
        this.nowMs,
      );
      this.table.connect(pbx, `instance-${pbx}`, this.nowMs);
    }
  }

  run(seconds: number, lossOf: (key: string) => number, silent: readonly string[] = []) {
    let open: ReturnType<typeof correlate>['open'] = [];
    for (let second = 0; second < seconds; second += 1) {
      for (const pbx of PBXES.filter((each) => !silent.includes(each))) this.#batch(pbx, lossOf);
      this.nowMs += 1000;
      const pass = correlate(this.state, { paths: this.table.sight(this.nowMs), nowMs: this.nowMs });
      this.state = pass.state;
      ({ open } = pass);
    }
    return open;
  }

  #batch(pbx: string, lossOf: (key: string) => number): void {
    const sentAtMs = this.nowMs - 1_699_999_000_000;
    const measurements = REFS.filter((ref) => ref.pbx === pbx).map(({ key, target }) => {
      this.#sequence += 1;
      const isLost = this.random() < lossOf(key);
      return {
        kind: 'sip-options' as const,
        target,
        sequence: this.#sequence,
        schedule: 'liveness' as const,
        sentAtMs,
        outcome: isLost
          ? { kind: 'timed-out' as const, waitedMs: WAIT_MS }
          : { kind: 'answered' as const, rttMs: 20, statusCode: 200 },
      };
    });
    const batchSentAtMs = sentAtMs + WAIT_MS;
    this.table.addBatch({
      pbx,
      instanceId: `instance-${pbx}`,
      measurements,
      batchSentAtMs,
      nowMs: this.nowMs + WAIT_MS,
    });
  }
}

function atA(ratio: number) {
  return (key: string) => (key.endsWith('>a.e1') ? ratio : 0);
}

describe('correlate over the path table', () => {
  it('says nothing while all is healthy', () => {
    expect(new Hub().run(180, () => 0)).toEqual([]);
  });

  it('names the provider of a black hole within 6 s', () => {
    const hub = new Hub();
    hub.run(200, () => 0);
    const [verdict] = hub.run(6, atA(1));
    expect(verdict).toMatchObject({
      certainty: 'named',
      place: { kind: 'provider', provider: 'telco-a' },
      siteCount: 2,
    });
    expect(verdict?.sentence).toMatch(/^Provider telco-a: 100 % of \d+ probes lost on 2 of 2 paths seen from 2 sites/);
  });

  it('names the site whose uplink is dead by what others see of it and what it sees itself', () => {
    const hub = new Hub();
    hub.run(120, () => 0);
    const [verdict] = hub.run(8, (key) => Number(key.includes('s1-1')));
    expect(verdict).toMatchObject({ certainty: 'named', place: { kind: 'site', site: 's1' } });
  });

  it.each([
    ['provider', atA(0.3), { kind: 'provider', provider: 'telco-a' }],
    ['site', (key: string) => (key.includes('s1-1') ? 0.3 : 0), { kind: 'site', site: 's1' }],
    ['path', (key: string) => (key === 's1-1>a.e1' ? 0.3 : 0), { kind: 'path', pbx: 's1-1', target: 'a.e1' }],
  ])('names the %s at 30 %% loss, with counts that add up', (_, lossOf, place) => {
    const hub = new Hub();
    hub.run(60, () => 0.002);
    const open = hub.run(300, lossOf);
    expect(open).toHaveLength(1);
    expect(open[0]).toMatchObject({ certainty: 'named', place, direction: 'unknown' });
    const evidence = open[0]?.evidence ?? [];
    const sent = evidence.reduce((sum, count) => sum + count.sent, 0);
    const lost = evidence.reduce((sum, count) => sum + count.lost, 0);
    expect(open[0]?.lossInsideRatio).toBeCloseTo(lost / sent, 12);
    expect(open[0]?.sentence).toContain(`of ${sent} probes lost`);
  });

  it('rule 2: a probe that falls silent accuses nobody', () => {
    const hub = new Hub();
    hub.run(60, () => 0);
    expect(hub.run(120, () => 0, ['s1-1'])).toEqual([]);
  });
});
