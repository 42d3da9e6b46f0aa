import { describe, expect, it } from 'vitest';
import { aliveCodes } from '../../../server/paths/alive-codes.ts';
import type { PathDuty } from '../../../server/paths/path-duty.ts';
import type { PathHealth } from '../../../server/paths/path-health.ts';
import { PATH_POLICY } from '../../../server/paths/path-policy.ts';
import { PathTable } from '../../../server/paths/path-table.ts';
import type { InviteMeasurement, Measurement } from '../../../wire/measurement.ts';
import { answered, attempted, echoed, instrument, missed, trunkPath } from './measured.ts';

const EPOCH = 1_700_000_000_000;
const SITE = ['fra-1', 'fra-2', 'fra-3', 'fra-4'];
const TARGETS = ['a.a1', 'b.b1'];

/** Four PBXs of a site with two edges each; the PBXs named ask, the others inherit from them. */
class World {
  readonly paths = new PathTable(PATH_POLICY);
  readonly #witnesses: readonly string[];

  constructor(witnesses: readonly string[], intervalMs = 40_000) {
    this.#witnesses = witnesses;
    for (const pbx of SITE) {
      const provider = (target: string) => `telco-${target.slice(0, 1)}`;
      this.paths.setPaths(
        pbx,
        TARGETS.map((target) => trunkPath(pbx, provider(target), target)),
        EPOCH,
      );
      const duty: PathDuty = witnesses.includes(pbx)
        ? { role: 'witness', intervalMs, from: [] }
        : { role: 'inherit', intervalMs, from: witnesses };
      this.paths.setDuties(pbx, new Map(TARGETS.map((target) => [target, duty])));
    }
  }

  send(pbx: string, sentAtMs: number, measurements: readonly Measurement[], isSick = false): void {
    const reading = isSick ? { instrument: instrument({ eventLoopDelayP99Ms: 900, eventLoopDelayMaxMs: 2000 }) } : {};
    const nowMs = EPOCH + sentAtMs;
    this.paths.addBatch({ pbx, instanceId: `i-${pbx}`, measurements, batchSentAtMs: sentAtMs, nowMs, ...reading });
  }

  /** Everybody is heard; witnesses ask both edges at that second, and those listed get no answer from a.a1. */
  second(at: number, silent: readonly string[] = []): void {
    for (const pbx of SITE) {
      const a = silent.includes(pbx) ? missed('a.a1', at * 1000) : answered('a.a1', at * 1000);
      const isAsking = this.#witnesses.includes(pbx);
      this.send(pbx, at * 1000 + 600, isAsking ? [a, answered('b.b1', at * 1000)] : []);
    }
  }

  seconds(from: number, to: number, silent: readonly string[] = []): void {
    for (let at = from; at < to; at += 1) this.second(at, silent);
  }

  health(pbx: string, atS: number, target = 'a.a1'): PathHealth {
    const found = this.paths.healths(EPOCH + atS * 1000).find(({ ref }) => ref.pbx === pbx && ref.target === target);
    if (!found) throw new Error(`no path ${pbx} ${target}`);
    return found;
  }
}

describe('a path that is left to witnesses', () => {
  it('shows their state and their figures summed, and says so', () => {
    const world = new World(['fra-1', 'fra-2'], 1000);
    world.seconds(0, 30);
    const { state, reason, options, inheritedFrom, rtt } = world.health('fra-3', 31);
    expect({ state, inheritedFrom, sent: options.sent }).toEqual({
      state: 'healthy',
      inheritedFrom: ['fra-1', 'fra-2'],
      sent: 60,
    });
    expect(reason).toMatch(/^Inherited from fra-1, fra-2 \(2 of 2 witnesses know\): 0 of 30 OPTIONS lost/);
    expect(rtt?.p50Ms).toBeCloseTo(20, 0);
    expect(world.health('fra-1', 31).inheritedFrom).toBeUndefined();
  });

  it.each<[readonly string[], readonly string[], string]>([
    [['fra-1', 'fra-2'], ['fra-1', 'fra-2'], 'hard-down'],
    [['fra-1', 'fra-2'], ['fra-1'], 'healthy'],
    [['fra-1', 'fra-2', 'fra-3'], ['fra-1'], 'healthy'],
    [['fra-1', 'fra-2', 'fra-3'], ['fra-1', 'fra-2'], 'hard-down'],
    [['fra-1'], ['fra-1'], 'hard-down'],
  ])('of witnesses %j with %j hard-down is judged %3$s: all must agree, or half of three', (witnesses, down, state) => {
    const world = new World(witnesses, 1000);
    world.seconds(0, 150);
    world.seconds(150, 165, down);
    for (const pbx of down) expect(world.health(pbx, 165.7).state).toBe('hard-down');
    expect(world.health('fra-4', 165.7).state).toBe(state);
  });

  it('is unknown where no witness knows anything (rule 2), and where its own probe is silent', () => {
    const world = new World(['fra-1'], 1000);
    world.seconds(0, 30);
    for (let at = 30; at < 45; at += 1) world.send('fra-2', at * 1000, []);
    expect(world.health('fra-2', 45)).toMatchObject({ state: 'unknown', options: { sent: 0 } });
    expect(world.health('fra-2', 45).reason).toContain('of the witnesses fra-1 none knows');
    world.seconds(45, 60);
    expect(world.health('fra-2', 61).state).toBe('healthy');
    for (let at = 61; at < 75; at += 1) world.send('fra-1', at * 1000, [answered('a.a1', at * 1000 - 500)]);
    expect(world.health('fra-2', 75)).toMatchObject({ state: 'unknown' });
    expect(world.health('fra-2', 75).reason).toContain('has been silent');
  });

  it('does not take a sick witness at its word', () => {
    const world = new World(['fra-1', 'fra-2'], 1000);
    world.seconds(0, 150);
    world.seconds(150, 160, ['fra-1']);
    world.send('fra-2', 160_000, [], true);
    expect(world.health('fra-3', 160.5)).toMatchObject({ state: 'hard-down' });
    expect(world.health('fra-3', 160.5).reason).toContain('1 of 2 witnesses know');
  });

  it('is not hard-down where a call of its own was taken since: the witness may be banned', () => {
    const world = new World(['fra-1'], 1000);
    world.seconds(0, 150);
    world.seconds(150, 165, ['fra-1']);
    world.send('fra-2', 166_000, [invite(165_000, { outcome: 'answered', statusCode: 183 })]);
    expect(world.health('fra-2', 166)).toMatchObject({ state: 'probe-blocked' });
    expect(world.health('fra-3', 166)).toMatchObject({ state: 'hard-down' });
  });

  it('has no counts for the correlate stage: the witnesses were counted already', () => {
    const world = new World(['fra-1'], 1000);
    world.seconds(0, 60, ['fra-1']);
    const sight = world.paths.sight(EPOCH + 61_000).find(({ health }) => health.ref.key === 'fra-2>a.a1');
    expect(sight?.countsSince(EPOCH)).toEqual({ sent: 0, lost: 0, lossRuns: 0 });
  });

  it('starts its own run over when it is to ask again: what it missed long ago continues nothing', () => {
    const world = new World(['fra-1', 'fra-2'], 1000);
    world.seconds(0, 150);
    world.seconds(150, 160, ['fra-1']);
    world.paths.setDuties('fra-1', new Map([['a.a1', { role: 'inherit', intervalMs: 1000, from: ['fra-2'] }]]));
    world.paths.setDuties('fra-1', new Map([['a.a1', { role: 'witness', intervalMs: 1000, from: [] }]]));
    world.send('fra-1', 170_000, [answered('b.b1', 169_000)]);
    expect(world.health('fra-1', 170)).toMatchObject({ state: 'unknown', consecutiveMisses: 0 });
  });

  it('that is asked by nobody (a peer of a full mesh) is unknown and says why', () => {
    const world = new World([]);
    world.second(1);
    expect(world.health('fra-1', 2)).toMatchObject({ state: 'unknown', inheritedFrom: [] });
    expect(world.health('fra-1', 2).reason).toContain('other paths between these places are asked instead');
  });
});

describe('a path that is asked rarely', () => {
  it('is stale after three of its intervals, not after a minute', () => {
    const world = new World(SITE, 60_000);
    world.second(0);
    for (let at = 5; at < 185; at += 5) world.send('fra-1', at * 1000, []);
    expect(world.health('fra-1', 184).state).toBe('healthy');
    world.send('fra-1', 191_000, []);
    expect(world.health('fra-1', 195).state).toBe('unknown');
  });

  it('has a window of ten intervals, at most five minutes', () => {
    expect(windowOf(new World(SITE, 1000))).toBe(60_000);
    expect(windowOf(new World(SITE, 20_000))).toBe(200_000);
    expect(windowOf(new World(SITE, 60_000))).toBe(300_000);
  });

  it('says that its loss is told by ICMP, which moves nothing however bad it is', () => {
    const world = new World(SITE, 40_000);
    world.second(0);
    const echoes = Array.from({ length: 50 }, (_, at) => echoed('a.a1', 1000 + at * 1000, at % 2 === 0));
    world.send('fra-1', 52_000, echoes);
    world.second(52);
    const { state, lossEvidence, reason } = world.health('fra-1', 53);
    expect({ state, lossEvidence }).toEqual({ state: 'healthy', lossEvidence: 'icmp' });
    expect(reason).toContain('of 50 ICMP echoes 25 were lost, which alone is no ground');
  });
});

describe('replies that say the service is not there', () => {
  const answeredBy = (atS: number, statusCode: number, retryAfterS?: number) =>
    attempted('a.a1', atS * 1000, {
      kind: 'answered',
      rttMs: 20,
      statusCode,
      ...(retryAfterS !== undefined && { retryAfterS }),
    });
  const started = () => {
    const world = new World(SITE, 1000);
    world.seconds(0, 20);
    return world;
  };
  const rejecting = (world: World, from: number, to: number) => {
    for (let at = from; at < to; at += 1) {
      world.send('fra-1', at * 1000 + 500, [answeredBy(at, 503), answered('b.b1', at * 1000)]);
    }
  };

  it('are no loss, and make the path hard-down after three in a row, with the code in the sentence', () => {
    const world = started();
    rejecting(world, 20, 22);
    expect(world.health('fra-1', 22)).toMatchObject({ state: 'healthy', options: { lost: 0 } });
    rejecting(world, 22, 23);
    expect(world.health('fra-1', 23)).toMatchObject({ state: 'hard-down', options: { lost: 0 }, lastStatusCode: 503 });
    expect(world.health('fra-1', 23).reason).toContain('3 OPTIONS in a row answered 503');
    world.send('fra-1', 24_000, [answered('a.a1', 23_500)]);
    expect(world.health('fra-1', 24).state).toBe('healthy');
  });

  it('move nothing while a call is taken; a call that is itself turned away does not count as taken', () => {
    const world = started();
    rejecting(world, 20, 24);
    world.send('fra-1', 24_600, [invite(24_000, { outcome: 'answered', statusCode: 503 })]);
    expect(world.health('fra-1', 25).state).toBe('hard-down');
    world.send('fra-1', 25_600, [invite(25_000, { outcome: 'answered', statusCode: 180 })]);
    expect(world.health('fra-1', 26)).toMatchObject({ state: 'probe-blocked' });
    expect(world.health('fra-1', 26).reason).toContain('only the probe is turned away');
  });

  it('from an edge that never answered otherwise make it unmeasurable, not down', () => {
    const world = new World(SITE, 1000);
    rejecting(world, 0, 10);
    expect(world.health('fra-1', 10)).toMatchObject({ state: 'unmeasurable' });
  });

  it('are what the configuration of the provider says', () => {
    const isAlive = aliveCodes(['2xx', '404']);
    expect([200, 202, 404, 405, 480, 503, 603].filter(isAlive)).toEqual([200, 202, 404]);
  });

  it('with Retry-After leave a path quiet that is not stale for that long and says so', () => {
    const world = started();
    world.send('fra-1', 20_500, [answeredBy(20, 503, 240)]);
    const quiet = (atS: number) =>
      world.send('fra-1', atS * 1000, [
        attempted('a.a1', atS * 1000 - 100, { kind: 'not-measured', reason: 'retry-after' }),
      ]);
    for (let at = 25; at < 260; at += 5) quiet(at);
    expect(world.health('fra-1', 200)).toMatchObject({ state: 'healthy' });
    expect(world.health('fra-1', 259).reason).toContain('quiet for another');
    for (let at = 260; at < 400; at += 5) quiet(at);
    expect(world.health('fra-1', 400).state).toBe('unknown');
  });
});

describe('live calls as evidence', () => {
  const failing = (failure: NonNullable<InviteMeasurement['failure']>, atS: number): InviteMeasurement =>
    failure === 'service-unavailable'
      ? invite(atS * 1000, { outcome: 'answered', statusCode: 503, failure })
      : invite(atS * 1000, { outcome: 'unanswered', failure });
  const world = () => {
    const begun = new World(SITE, 40_000);
    begun.second(0);
    return begun;
  };
  const tell = (on: World, atS: number, measurements: readonly Measurement[]) =>
    on.send('fra-1', atS * 1000, [...measurements, answered('b.b1', atS * 1000 - 50)]);

  it('three that time out within a minute, none answered, make the path hard-down without a missed OPTIONS', () => {
    const on = world();
    for (const at of [5, 9]) tell(on, at, [failing('timeout', at)]);
    expect(on.health('fra-1', 10).state).toBe('healthy');
    tell(on, 14, [failing('transport', 14)]);
    expect(on.health('fra-1', 15)).toMatchObject({ state: 'hard-down', options: { lost: 0, sent: 1 } });
    expect(on.health('fra-1', 15).reason).toMatch(
      /^3 calls in a row failed within 9 s \(2 timed out, 1 not delivered\)/,
    );
    tell(on, 20, [invite(19_500, { outcome: 'answered', statusCode: 180 })]);
    expect(on.health('fra-1', 20).state).toBe('healthy');
  });

  it('say nothing where they lie further apart, where a call got through between, or where no other target answered', () => {
    const apart = world();
    for (const at of [5, 50, 120]) tell(apart, at, [failing('timeout', at)]);
    expect(apart.health('fra-1', 121).state).toBe('healthy');
    const between = world();
    for (const at of [5, 9]) tell(between, at, [failing('timeout', at)]);
    tell(between, 10, [invite(9900, { outcome: 'answered', statusCode: 183 })]);
    tell(between, 14, [failing('timeout', 14)]);
    expect(between.health('fra-1', 15).state).toBe('healthy');
    const alone = world();
    for (const at of [5, 9, 14]) alone.send('fra-1', at * 1000, [failing('timeout', at)]);
    expect(alone.health('fra-1', 15).state).toBe('healthy');
  });

  it('count together with missed OPTIONS towards one run', () => {
    const on = new World(SITE, 1000);
    on.seconds(0, 520);
    for (const at of [520, 521]) tell(on, at + 0.6, [missed('a.a1', at * 1000)]);
    const before = on.health('fra-1', 522);
    expect(before).toMatchObject({ state: 'healthy', consecutiveMisses: 2, missesNeeded: 4 });
    for (const at of [522, 523]) tell(on, at + 0.6, [failing('timeout', at + 0.5)]);
    expect(on.health('fra-1', 524)).toMatchObject({ state: 'hard-down' });
  });

  it('refused with 503 move nothing while OPTIONS is answered, but do once the registration is refused too', () => {
    const on = world();
    for (const at of [5, 9, 14]) {
      tell(on, at, [failing('service-unavailable', at), answered('a.a1', at * 1000 - 20, 'control')]);
    }
    expect(on.health('fra-1', 15)).toMatchObject({ state: 'degraded' });
    expect(on.health('fra-1', 15).reason).toContain('3 refused with 503');
    tell(on, 16, [{ kind: 'registration', trunk: 'a', observedAtMs: 15_900, state: 'rejected' }]);
    expect(on.health('fra-1', 16)).toMatchObject({ state: 'hard-down', registration: 'rejected' });
  });

  it('refused with 503 say nothing where OPTIONS was not asked since, and count where it is missed too', () => {
    const on = world();
    for (const at of [5, 9, 14]) tell(on, at, [failing('service-unavailable', at)]);
    expect(on.health('fra-1', 15).state).toBe('degraded');
    tell(on, 16, [missed('a.a1', 15_400)]);
    expect(on.health('fra-1', 16).state).toBe('hard-down');
  });

  it('refused with 503 just before a run of misses do not shorten it: the edge was there', () => {
    const on = new World(SITE, 1000);
    on.seconds(0, 520);
    tell(on, 520, [failing('service-unavailable', 520)]);
    for (const at of [520, 521, 522]) tell(on, at + 0.6, [missed('a.a1', at * 1000)]);
    expect(on.health('fra-1', 523)).toMatchObject({ state: 'healthy', consecutiveMisses: 3, missesNeeded: 4 });
  });

  it('are needed beside a lost registration, which alone is shown and no ground', () => {
    const on = world();
    tell(on, 5, [{ kind: 'registration', trunk: 'a', observedAtMs: 4900, state: 'rejected' }]);
    expect(on.health('fra-1', 6)).toMatchObject({ state: 'healthy' });
    expect(on.health('fra-1', 6).reason).toContain('Registration of a rejected: alone no ground to move.');
  });

  it('at an edge by name are held against none of several addresses, and against the only one', () => {
    const stateAfter = (hosts: readonly string[]) => {
      const on = world();
      const atHost = (host: string) => {
        const ref = trunkPath('fra-1', 'telco-a', `a.a1.at-${host}`);
        return { ...ref, end: { kind: 'trunk', provider: 'telco-a', trunk: 'a', edge: 'a1', host } as const };
      };
      on.paths.setPaths('fra-1', [...hosts.map(atHost), trunkPath('fra-1', 'telco-b', 'b.b1')], EPOCH);
      const alive = hosts.map((host) => answered(`a.a1.at-${host}`, 3900));
      tell(on, 4, alive);
      for (const at of [5, 9, 14]) tell(on, at, [failing('timeout', at)]);
      const healths = on.paths.healthsOf('fra-1', EPOCH + 15_000);
      return healths.find(({ ref }) => ref.target === 'a.a1.at-east')?.state;
    };
    expect(stateAfter(['east', 'west'])).toBe('healthy');
    expect(stateAfter(['east'])).toBe('hard-down');
  });

  it('without an edge are held against none of several edges of the trunk', () => {
    const on = world();
    on.paths.setPaths(
      'fra-1',
      [...TARGETS, 'a.a2'].map((target) => trunkPath('fra-1', 'telco-a', target)),
      EPOCH,
    );
    for (const at of [5, 9, 14]) {
      tell(on, at, [
        { kind: 'invite', trunk: 'a', observedAtMs: at * 1000, outcome: 'unanswered', failure: 'timeout' },
      ]);
    }
    expect(on.health('fra-1', 15).state).toBe('healthy');
  });

  it('of an inheriting PBX are its own word, before any witness', () => {
    const on = new World(['fra-1'], 1000);
    on.seconds(0, 30);
    on.send('fra-2', 31_000, [invite(30_500, { outcome: 'answered', statusCode: 200 })]);
    for (const at of [32, 33, 34])
      on.send('fra-2', at * 1000, [failing('timeout', at), echoed('b.b1', at * 1000, true)]);
    on.second(34);
    expect(on.health('fra-2', 35)).toMatchObject({ state: 'hard-down' });
    expect(on.health('fra-3', 35)).toMatchObject({ state: 'healthy' });
  });
});

function windowOf(world: World): number {
  world.second(0);
  return world.health('fra-1', 1).options.windowMs;
}

function invite(observedAtMs: number, changes: Partial<InviteMeasurement>): InviteMeasurement {
  return { kind: 'invite', trunk: 'a', edge: 'a1', observedAtMs, outcome: 'answered', ...changes };
}
