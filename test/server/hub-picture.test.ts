import { describe, expect, it } from 'vitest';
import { type PictureSources, picture } from '../../server/hub-picture.ts';
import { neverSeen } from '../../server/probe-status.ts';
import { plan } from '../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../server/routing/planner-memory.ts';
import { EMPTY_PICTURE } from './live/live-view.ts';
import { health, NOW, pbxInput, routeInput, verdict } from './routing/judged.ts';

const routes = plan(
  EMPTY_PLANNER,
  routeInput([pbxInput('fra-1')], { a: 'healthy', b: 'healthy', c: 'healthy' }),
  NOW,
).routes;
const sources: PictureSources = {
  hub: EMPTY_PICTURE.hub,
  statuses: [neverSeen('fra-1', 'fra', 1), neverSeen('ams-1', 'ams', 1)],
  healths: [health('fra-1', 'a.a1', 'healthy', { isAbstaining: true }), health('ams-1', 'a.a1', 'hard-down')],
  verdicts: [verdict()],
  routes,
  fence: 3,
  readBackOf: (pbx) => (pbx === 'fra-1' ? [{ class: 'national', raw: '2:3.1:a/100' }] : undefined),
  downMarksOf: () => [],
  nowMs: NOW,
  changedAtMs: new Map([['fra-1 national', 88]]),
  startedAtMs: 5,
  journal: [{ id: 1, atEpochMs: 1, kind: 'note', actor: 'hub', sentence: 'x' }],
};

describe('the picture', () => {
  it('gathers everything that is shown', () => {
    const shown = picture(sources);
    expect(shown.pbxes.map(({ pbx, isSick }) => [pbx, isSick])).toEqual([
      ['fra-1', true],
      ['ams-1', false],
    ]);
    expect(shown.paths.map(({ key, state }) => [key, state])).toEqual([
      ['fra-1>a.a1', 'healthy'],
      ['ams-1>a.a1', 'hard-down'],
    ]);
    expect(shown.verdicts).toMatchObject([{ verdictId: 'v-1', place: 'provider telco-a' }]);
    expect(shown.routes).toMatchObject([
      { pbx: 'fra-1', class: 'national', readBack: '2:3.1:a/100', fence: 3, changedAtEpochMs: 88 },
    ]);
    expect(shown.journal).toEqual(sources.journal);
  });

  it('takes the start of the hub for a route that has not changed since, and no read-back where none is known', () => {
    const [route] = picture({ ...sources, changedAtMs: new Map(), readBackOf: () => undefined }).routes;
    expect(route?.changedAtEpochMs).toBe(5);
    expect(route && 'readBack' in route).toBe(false);
  });

  it("shows the probe's own mark in a trunk's reason for as long as it is in force", () => {
    const untilEpochMs = Date.UTC(2026, 0, 2, 12, 34, 56);
    const downMarksOf = (pbx: string) => (pbx === 'fra-1' ? [{ trunk: 'b', untilEpochMs }] : []);
    const reasons = (nowMs: number) =>
      picture({ ...sources, downMarksOf, nowMs }).routes[0]?.trunks.map(({ reason }) => reason.replace(/^.*\./, ''));
    expect(reasons(untilEpochMs - 1)).toEqual(['', ', marked down by the probe until 12:34:56 UTC', '']);
    expect(reasons(untilEpochMs)).toEqual(['', '', '']);
  });
});
