import { describe, expect, it } from 'vitest';
import { ROUTE_POLICY } from '../../server/routing/route-policy.ts';
import { EngineStory, type Look, moves, PBXES } from './engine-story.ts';

const QUIET = 0.002;

function isOfTrunk(target: string, trunk: string): boolean {
  return target.startsWith(`${trunk}.`);
}

/** Trunk a is up and then down, again and again, from the 300th second on. */
function storm(upS: number, downS: number, lastsS: number) {
  return (_pbx: string, target: string, second: number): number => {
    const isStorm = second >= 300 && second < 300 + lastsS && (second - 300) % (upS + downS) < downS;
    return isStorm && isOfTrunk(target, 'a') ? 1 : QUIET;
  };
}

describe('routes under fire', () => {
  it('0 flips in 30 minutes with 10 % random loss on everything, verdicts included, on a fleet that has been up for a minute', () => {
    const looks = [...new EngineStory(1).play(1860, (_pbx, _target, second) => (second < 60 ? QUIET : 0.1))];
    expect(looks.flatMap(({ flips }) => flips)).toEqual([]);
    expect(looks.flatMap(({ routes }) => routes).some(({ isChanged }) => isChanged)).toBe(false);
  }, 120_000);

  it('a provider that is up and down for 40 s each, for an hour, costs one flip away and one back: no hold ends between', () => {
    const looks = [...new EngineStory(3).play(4100, storm(40, 40, 3600))];
    for (const pbx of PBXES) {
      expect(moves(looks, pbx, 'national')).toEqual(['a>b', 'b>a']);
      expect(moves(looks, pbx, 'international')).toEqual([]);
    }
  }, 120_000);

  it('one that stays up long enough to come back costs no more flips than its doubling holds allow', () => {
    const upS = 120;
    const looks = [...new EngineStory(4).play(2700, storm(upS, 20, 1800))];
    let returns = 0;
    for (let holdS = ROUTE_POLICY.holdDownMs / 1000; holdS + ROUTE_POLICY.halfOpenMs / 1000 < upS; holdS *= 2)
      returns += 1;
    for (const pbx of PBXES) {
      const made = moves(looks, pbx, 'national');
      expect(made.filter((move) => move === 'a>b').length).toBeLessThanOrEqual(returns + 1);
      expect(made.at(-1)).toBe('b>a');
      expect(made).toHaveLength(2 * made.filter((move) => move === 'a>b').length);
    }
  }, 120_000);

  it('both providers dead: the least bad trunk leads, loudly, once; back again, each route is where it was without a flap', () => {
    const isDead = (target: string, second: number): boolean =>
      (isOfTrunk(target, 'a') && second >= 120 && second < 400) ||
      (isOfTrunk(target, 'b') && second >= 180 && second < 340);
    const story = new EngineStory(5);
    const looks = [...story.play(900, (_pbx, target, second) => (isDead(target, second) ? 1 : QUIET))];
    for (const pbx of PBXES) {
      for (const name of ['national', 'international']) {
        const own = looks.map(({ routes }) => routes.find((route) => route.pbx === pbx && route.class === name));
        const panics = own.map((route) => route?.isPanic === true);
        const begins = panics.filter((isPanic, at) => isPanic && panics[at - 1] !== true);
        expect(begins).toHaveLength(1);
        expect(panics.slice(178, 340).some(Boolean)).toBe(true);
        expect(panics.at(-1)).toBe(false);
        expect(own[300]?.reason).toContain('PANIC');
        expect(own.every((route) => route?.trunks.some(({ weight }) => weight > 0))).toBe(true);
        expect(own.at(-1)?.trunks[0]?.trunk).toBe(name === 'national' ? 'a' : 'b');
        expect(moves(looks, pbx, name).length).toBeLessThanOrEqual(2);
      }
    }
  }, 120_000);
});

/** Route of `national` on the first PBX. */
function national({ routes }: Look) {
  return routes.find((route) => route.pbx === PBXES[0] && route.class === 'national');
}

function shares(look: Look | undefined): string {
  return (look ? (national(look)?.trunks ?? []) : []).map(({ trunk, weight }) => `${trunk}/${weight}`).join();
}

describe('a hub that restarts in the middle of a canary', () => {
  const calls: { readonly pbx: string; readonly trunk: string; readonly atMs: number }[] = [];

  /** Both trunks are called all the time, as their shares would have it roughly: enough for each step. */
  function calling(story: EngineStory) {
    return (second: number): void => {
      if (second % 3 !== 0) return;
      for (const pbx of PBXES) {
        for (const trunk of ['a', 'b']) {
          const atMs = story.nowMs;
          calls.push({ pbx, trunk, atMs });
          story.call(pbx, trunk, atMs);
        }
      }
    };
  }

  it('keeps the step, the share and the strikes of the hold, flips nothing, and goes on from there (rules 2 and 9)', () => {
    const story = new EngineStory(6);
    const isDead = (target: string, second: number) => isOfTrunk(target, 'a') && second >= 60 && second < 120;
    const loss = (_pbx: string, target: string, second: number) => (isDead(target, second) ? 1 : QUIET);
    const before: Look[] = [];
    for (const look of story.play(600, loss, calling(story))) {
      before.push(look);
      if (look.second > 120 && shares(look) === 'b/100,a/33') break;
    }
    expect(shares(before.at(-1))).toBe('b/100,a/33');
    const kept = story.planner.pbxes['fra-1'];
    expect(kept?.routes['national']?.ramp).toMatchObject({ trunk: 'a', step: 1 });

    story.restartHub(20);
    for (const { atMs, pbx, trunk } of calls) story.call(pbx, trunk, atMs);
    const blind = [...story.silence(5)];
    story.reconnect();
    const after = [...blind, ...story.play(240, loss, calling(story))];
    const held = story.planner.pbxes['fra-1']?.holds['a'];
    expect(held?.strikes).toBe(kept?.holds['a']?.strikes);
    expect(blind.flatMap(({ routes }) => routes).some(({ isChanged }) => isChanged)).toBe(false);
    expect(blind.map((look) => national(look)?.perTrunk.every(({ tier }) => tier === 'unknown'))).not.toContain(false);
    const seen = [...new Set(after.map(shares))];
    expect(seen).toEqual(['b/100,a/33', 'b/100,a/100', 'a/100,b/0']);
    expect(moves(after, 'fra-1', 'national')).toEqual(['b>a']);
    expect(moves(before, 'fra-1', 'national')).toEqual(['a>b']);
  }, 120_000);
});
