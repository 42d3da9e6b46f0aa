import { describe, expect, it } from 'vitest';
import {
  type CorrelateState,
  correlate,
  NOTHING_CORRELATED,
  recallVerdicts,
} from '../../../server/correlate/correlate.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import type { Place } from '../../../server/correlate/verdict.ts';
import type { PathHealth } from '../../../server/paths/path-health.ts';
import { seeded } from '../../support/seeded.ts';
import { fleetRefs, SimulatedPath, suffers } from './loss-simulation.ts';

const REFS = fleetRefs({ sites: 2, providers: 2, hasMesh: true });
const PROVIDER_A = { kind: 'provider', provider: 'telco-a' } as const;
const CLEAN = { kind: 'independent', ratio: 0 } as const;
const LOSSY = { kind: 'independent', ratio: 0.3 } as const;
const DEAD = { kind: 'independent', ratio: 1 } as const;

/** A fleet that goes on in steps of a second, with the fault of provider A switched on and off. */
class Fleet {
  readonly paths = REFS.map((ref) => new SimulatedPath(ref, seeded(ref.key.length * 97)));
  state: CorrelateState = NOTHING_CORRELATED;
  nowMs = 1_000_000;
  readonly effects: { readonly kind: string; readonly id: string; readonly atMs: number }[] = [];

  /** Hub time from which media were asked for in the last pass; undefined where they were not. */
  mediaSinceMs: number | undefined;

  run(seconds: number, fault: typeof CLEAN | typeof LOSSY | typeof DEAD, silent: readonly string[] = []) {
    let open: ReturnType<typeof correlate>['open'] = [];
    for (let second = 0; second < seconds; second += 1) {
      this.nowMs += 1000;
      for (const path of this.paths) {
        const isSilent = silent.includes(path.ref.pbx);
        path.state = isSilent ? 'unknown' : undefined;
        if (!isSilent) path.attempt(this.nowMs, suffers(path.ref, PROVIDER_A) ? fault : CLEAN);
      }
      this.mediaSinceMs = undefined;
      const pass = correlate(this.state, {
        paths: this.paths.map((path) => path.evidence()),
        nowMs: this.nowMs,
        mediaCounts: (_key, _direction, sinceMs) => {
          this.mediaSinceMs = sinceMs;
          return undefined;
        },
      });
      this.state = pass.state;
      ({ open } = pass);
      for (const { kind, verdict } of pass.effects)
        this.effects.push({ kind, id: verdict.verdictId, atMs: this.nowMs });
    }
    return open;
  }

  judgeAs(state: PathHealth['state']) {
    const paths = this.paths.map((path) => {
      const evidence = path.evidence();
      return suffers(path.ref, PROVIDER_A) ? { ...evidence, health: { ...evidence.health, state } } : evidence;
    });
    return correlate(this.state, { paths, nowMs: this.nowMs + 1000 });
  }

  kinds() {
    return this.effects.map(({ kind }) => kind);
  }
}

describe('life of a verdict', () => {
  it('opens within five seconds of a black hole seen from two sites, clears once quiet, and is told once each', () => {
    const fleet = new Fleet();
    fleet.run(300, CLEAN);
    const beganAtMs = fleet.nowMs;
    const [verdict] = fleet.run(30, DEAD);
    expect(verdict).toMatchObject({ certainty: 'named', place: PROVIDER_A, siteCount: 2, clearedAtMs: undefined });
    expect((verdict?.openedAtMs ?? 0) - beganAtMs).toBeLessThanOrEqual(5_000);
    const endedAtMs = fleet.nowMs;
    expect(fleet.run(120, CLEAN)).toEqual([]);
    expect(fleet.kinds().at(0)).toBe('verdict-opened');
    expect(fleet.kinds().filter((kind) => kind !== 'verdict-updated')).toEqual(['verdict-opened', 'verdict-cleared']);
    const clearedAtMs = fleet.effects.at(-1)?.atMs ?? 0;
    expect(clearedAtMs - endedAtMs).toBeGreaterThanOrEqual(30_000);
    expect(clearedAtMs - endedAtMs).toBeLessThanOrEqual(45_000);
  });

  it('is confirmed by a second window: losses that stop at once open nothing', () => {
    const fleet = new Fleet();
    fleet.run(120, CLEAN);
    fleet.run(6, LOSSY);
    fleet.run(200, CLEAN);
    expect(fleet.effects).toEqual([]);
  });

  it('keeps its id while it lasts, and takes it up again when reopened inside the hold', () => {
    const fleet = new Fleet();
    fleet.run(120, CLEAN);
    const [first] = fleet.run(120, LOSSY);
    fleet.run(200, CLEAN);
    expect(fleet.kinds().at(-1)).toBe('verdict-cleared');
    const [again] = fleet.run(120, LOSSY);
    expect(again?.verdictId).toBe(first?.verdictId);
    expect(again?.openedAtMs).toBe(first?.openedAtMs);
    expect(new Set(fleet.effects.map(({ id }) => id)).size).toBe(1);
  });

  it('tells the direction of a reopened verdict by the packets of this spell alone', () => {
    const fleet = new Fleet();
    fleet.run(120, CLEAN);
    const [first] = fleet.run(60, LOSSY);
    expect(fleet.mediaSinceMs).toBe((first?.openedAtMs ?? 0) - 30_000);
    fleet.run(60, CLEAN);
    const reopenedFromMs = fleet.nowMs;
    const [again] = fleet.run(60, LOSSY);
    expect(again?.openedAtMs).toBe(first?.openedAtMs);
    expect(fleet.mediaSinceMs).toBeGreaterThan(reopenedFromMs - 30_000);
  });

  it('is a new verdict with a new id after the hold', () => {
    const fleet = new Fleet();
    fleet.run(120, CLEAN);
    const [first] = fleet.run(120, LOSSY);
    fleet.run(900, CLEAN);
    const [later] = fleet.run(120, LOSSY);
    expect(later?.verdictId).not.toBe(first?.verdictId);
  });

  it('losses of a cleared trouble are not counted again by the long window', () => {
    const fleet = new Fleet();
    fleet.run(120, CLEAN);
    fleet.run(120, LOSSY);
    fleet.run(400, CLEAN);
    expect(fleet.kinds().filter((kind) => kind === 'verdict-cleared')).toHaveLength(1);
    expect(fleet.kinds().filter((kind) => kind === 'verdict-opened')).toHaveLength(1);
  });

  it('does not clear while one of its paths stays lossy', () => {
    const fleet = new Fleet();
    fleet.run(120, CLEAN);
    fleet.run(300, LOSSY);
    expect(fleet.kinds()).not.toContain('verdict-cleared');
  });
});

describe('rule 2: a verdict is not judged from missing data', () => {
  it('stays open, says so, and keeps its posterior while a witness gives no figures; then goes on', () => {
    const fleet = new Fleet();
    fleet.run(120, CLEAN);
    const [before] = fleet.run(120, LOSSY);
    const [during] = fleet.run(400, CLEAN, ['s2-1']);
    expect(during?.verdictId).toBe(before?.verdictId);
    expect(during?.posterior).toBe(before?.posterior);
    expect(during?.updatedAtMs).toBe(before?.updatedAtMs);
    expect(during?.sentence).toContain('Stands as it was: no figures now from path s2-1 > a.e1');
    expect(fleet.kinds()).not.toContain('verdict-cleared');
    expect(fleet.run(60, CLEAN)).toEqual([]);
    expect(fleet.kinds().at(-1)).toBe('verdict-cleared');
  });

  it('is told once that figures are missing, not each second', () => {
    const fleet = new Fleet();
    fleet.run(120, CLEAN);
    fleet.run(120, LOSSY);
    const before = fleet.effects.length;
    fleet.run(100, CLEAN, ['s2-1']);
    expect(fleet.effects.length - before).toBe(1);
  });

  it('clears at once when its paths turn out to be silent to probes only', () => {
    const fleet = new Fleet();
    fleet.run(120, CLEAN);
    fleet.run(30, DEAD);
    const pass = fleet.judgeAs('probe-blocked');
    expect(pass.effects.map(({ kind, verdict }) => `${kind} ${verdict.symptom}`)).toEqual([
      'verdict-cleared loss',
      'verdict-opened probe-blocked',
      'verdict-opened probe-blocked',
    ]);
  });

  it('clears when its paths left the configuration', () => {
    const fleet = new Fleet();
    fleet.run(120, CLEAN);
    fleet.run(30, DEAD);
    const others = fleet.paths.filter(({ ref }) => !suffers(ref, PROVIDER_A));
    const pass = correlate(fleet.state, { paths: others.map((path) => path.evidence()), nowMs: fleet.nowMs + 1000 });
    expect(pass.effects.map(({ kind }) => kind)).toEqual(['verdict-cleared']);
    expect(pass.effects[0]?.verdict.sentence).toContain('no longer configured');
  });
});

describe('rule 9: a restart of the hub', () => {
  it('takes up a stored verdict, which stands until its paths give fresh figures', () => {
    const before = new Fleet();
    before.run(120, CLEAN);
    const stored = before.run(60, DEAD);
    const fleet = new Fleet();
    fleet.nowMs = before.nowMs + 5_000;
    fleet.state = recallVerdicts(stored);
    const [standing] = fleet.run(60, CLEAN, ['s1-1', 's2-1']);
    expect(standing).toMatchObject({ verdictId: stored[0]?.verdictId, posterior: stored[0]?.posterior });
    expect(fleet.kinds()).not.toContain('verdict-cleared');
    expect(fleet.run(60, CLEAN)).toEqual([]);
    expect(fleet.effects.at(-1)).toMatchObject({ kind: 'verdict-cleared', id: stored[0]?.verdictId });
  });
});

describe('several faults', () => {
  const refs = fleetRefs({ sites: 3, providers: 3, hasMesh: true });
  const pathTo = (pbx: string): Place => ({ kind: 'path', pbx, target: 'a.e1' });

  /** Runs on from a state with these places lossy; tells the open verdicts by place and id, and what was cleared. */
  class Story {
    readonly paths = refs.map((ref, index) => new SimulatedPath(ref, seeded(index * 31 + 5)));
    readonly cleared: string[] = [];
    state: CorrelateState = NOTHING_CORRELATED;
    nowMs = 1_000_000;

    run(seconds: number, faults: readonly Place[]): ReadonlyMap<string, string> {
      let open: ReturnType<typeof correlate>['open'] = [];
      for (let second = 0; second < seconds; second += 1) {
        this.nowMs += 1000;
        for (const path of this.paths) {
          path.attempt(this.nowMs, faults.some((place) => suffers(path.ref, place)) ? LOSSY : CLEAN);
        }
        const pass = correlate(this.state, { paths: this.paths.map((path) => path.evidence()), nowMs: this.nowMs });
        this.state = pass.state;
        ({ open } = pass);
        for (const { kind, verdict } of pass.effects)
          if (kind === 'verdict-cleared') this.cleared.push(verdict.sentence);
      }
      return new Map(open.map(({ certainty, place, verdictId }) => [`${certainty} ${placeKey(place)}`, verdictId]));
    }
  }

  it('are several verdicts, each with an id that lasts, and end each by itself', () => {
    const story = new Story();
    story.run(120, []);
    const site = { kind: 'site', site: 's3' } as const;
    const both = story.run(150, [PROVIDER_A, site]);
    expect([...both.keys()].toSorted()).toEqual(['named provider-telco-a', 'named site-s3']);
    const one = story.run(150, [site]);
    expect([...one]).toEqual([['named site-s3', both.get('named site-s3')]]);
    expect(story.run(150, [])).toEqual(new Map());
  });

  it('that turn out to be one leave one verdict: one goes on as the wider place, the other is cleared as a part of it', () => {
    const story = new Story();
    story.run(120, []);
    const apart = story.run(200, [pathTo('s1-1'), pathTo('s2-1')]);
    expect([...apart.keys()].toSorted()).toEqual(['named path-s1-1-a.e1', 'named path-s2-1-a.e1']);
    const whole = story.run(300, [PROVIDER_A]);
    expect([...whole.keys()]).toEqual(['named provider-telco-a']);
    expect([...apart.values()]).toContain(whole.get('named provider-telco-a'));
    expect(story.cleared.length).toBeGreaterThan(0);
    for (const sentence of story.cleared) {
      expect(sentence).toMatch(/^Cleared: part of provider telco-a\. It was: (Suspect p|P)ath s\d-1 > a\.e1: /);
    }
  });
});
