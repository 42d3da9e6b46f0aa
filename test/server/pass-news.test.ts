import { describe, expect, it } from 'vitest';
import type { PictureSources } from '../../server/hub-picture.ts';
import { changeKey } from '../../server/live/live-feed.ts';
import { PassNews } from '../../server/pass-news.ts';
import type { PassResult } from '../../server/pass-result.ts';
import { censusOf } from '../../server/paths/path-census.ts';
import { neverSeen } from '../../server/probe-status.ts';
import { plan } from '../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../server/routing/planner-memory.ts';
import { finish } from '../../server/steps.ts';
import type { LiveChange } from '../../wire/live.ts';
import { EMPTY_PICTURE } from './live/live-view.ts';
import { health, NOW, pbxInput, routeInput, verdict } from './routing/judged.ts';

const { routes } = plan(
  EMPTY_PLANNER,
  routeInput([pbxInput('fra-1')], { a: 'healthy', b: 'healthy', c: 'healthy' }),
  NOW,
);
const FRA = health('fra-1', 'a.a1', 'healthy');
const AMS = health('ams-1', 'a.a1', 'hard-down');
const statuses = [neverSeen('fra-1', 'fra', 1), neverSeen('ams-1', 'ams', 1)];
const ALL: PassResult = {
  healths: [FRA, AMS],
  census: censusOf([FRA, AMS]),
  verdictEffects: [],
  openVerdicts: [],
  routes,
  flips: [],
  renewed: { healths: [FRA, AMS], routes },
};
const NOTHING_RENEWED = { healths: [], routes: [] };

function sources(changes: Partial<PictureSources> = {}): PictureSources {
  return {
    hub: EMPTY_PICTURE.hub,
    statuses,
    healths: ALL.healths,
    verdicts: [verdict()],
    routes,
    fence: 3,
    readBackOf: () => undefined,
    downMarksOf: () => [],
    nowMs: NOW,
    changedAtMs: new Map(),
    startedAtMs: 5,
    journal: [],
    ...changes,
  };
}

function told(news: PassNews, pass: PassResult, shown = sources()): readonly string[] {
  const changes: LiveChange[] = [];
  finish(news.steps(pass, shown, (portion) => changes.push(...portion)));
  return changes.map(changeKey);
}

describe('what views are told after a pass', () => {
  it('is everything at first, and then only what the pass looked at anew and found other than before', () => {
    const news = new PassNews();
    expect(told(news, ALL)).toEqual([
      'hub',
      'pbx fra-1',
      'pbx ams-1',
      'path fra-1>a.a1',
      'path ams-1>a.a1',
      'verdict v-1',
      'route fra-1 national',
    ]);
    expect(told(news, { ...ALL, renewed: { healths: [FRA, AMS], routes } })).toEqual([]);
    const lost = { ...FRA, reason: 'lost some' };
    expect(told(news, { ...ALL, healths: [lost, AMS], renewed: { ...NOTHING_RENEWED, healths: [lost] } })).toEqual([
      'path fra-1>a.a1',
    ]);
  });

  it('is of a PBX when its probe tells something new, or begins or ends to abstain', () => {
    const news = new PassNews();
    told(news, ALL);
    const sick = { ...AMS, isAbstaining: true };
    const healths = [FRA, sick];
    const pass = { ...ALL, healths, census: censusOf(healths), renewed: NOTHING_RENEWED };
    expect(told(news, pass)).toEqual(['pbx ams-1']);
    const other = [{ ...neverSeen('fra-1', 'fra', 1), sinceMs: 9 }, ...statuses.slice(1)];
    expect(told(news, pass, sources({ statuses: other }))).toEqual(['pbx fra-1']);
  });

  it('is of every route under another fence', () => {
    const news = new PassNews();
    told(news, ALL);
    expect(told(news, { ...ALL, renewed: NOTHING_RENEWED }, sources({ fence: 4 }))).toEqual(['route fra-1 national']);
  });

  it('is once that a path or a route is gone, whose probe or class is not configured any more', () => {
    const news = new PassNews();
    told(news, ALL);
    const changes: LiveChange[] = [];
    const pass = { ...ALL, healths: [FRA], routes: [], renewed: NOTHING_RENEWED };
    finish(news.steps(pass, sources({ routes: [] }), (portion) => changes.push(...portion)));
    expect(changes).toEqual([
      { kind: 'gone', value: { of: 'path', key: 'ams-1>a.a1' } },
      { kind: 'gone', value: { of: 'route', pbx: 'fra-1', class: 'national' } },
    ]);
    expect(told(news, pass, sources({ routes: [] }))).toEqual([]);
  });

  it('is nothing of a verdict that is shown no more: it was told as cleared', () => {
    const news = new PassNews();
    told(news, ALL);
    expect(told(news, { ...ALL, renewed: NOTHING_RENEWED }, sources({ verdicts: [] }))).toEqual([]);
  });

  it('is told anew of a path that was gone meanwhile', () => {
    const news = new PassNews();
    told(news, ALL);
    told(news, { ...ALL, healths: [FRA], renewed: NOTHING_RENEWED });
    expect(told(news, { ...ALL, renewed: { ...NOTHING_RENEWED, healths: [FRA, AMS] } })).toEqual(['path ams-1>a.a1']);
  });
});
