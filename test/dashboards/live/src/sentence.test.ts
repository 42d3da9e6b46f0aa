import { describe, expect, test } from 'vitest';
import { glance } from '../../../../dashboards/live/src/glance.ts';
import { fleetSentence, staleSentence } from '../../../../dashboards/live/src/sentence.ts';
import { EMPTY_STATE, fold } from '../../../../dashboards/live/src/state.ts';
import { tallyFleet } from '../../../../dashboards/live/src/tally.ts';
import { badNight } from '../../../browser/support/bad-night.ts';
import { down, hub, path, pbx, route, type SnapshotParts, snapshot, verdict } from '../../../browser/support/fleet.ts';

const paths = [path('fra-1', 'a.a1', 'telco-a'), path('fra-1', 'b.b1', 'telco-b')];
const withState = (state: 'unknown' | 'unmeasurable' | 'probe-blocked' | 'degraded') => [
  paths[0] ?? path('fra-1', 'a.a1'),
  path('fra-1', 'b.b1', 'telco-b', { state }),
];

function say(parts: SnapshotParts) {
  const { state } = fold(EMPTY_STATE, snapshot({ pbxes: [pbx('fra-1')], ...parts }));
  const tally = tallyFleet(state);
  const { tone, headline, clauses } = fleetSentence(state.hub, tally);
  return { tone, headline: headline.replaceAll('\u00a0', ' '), clauses, answers: glance(state.hub, tally) };
}

describe('headline', () => {
  test.each([
    ['all healthy', { paths }, 'good', 'All 2 paths are healthy.'],
    ['nothing measured', {}, 'unknown', 'No path is measured yet.'],
    [
      'one unknown among healthy',
      { paths: withState('unknown') },
      'unknown',
      'No fault is seen, but 1 of 2 paths are unknown.',
    ],
    [
      'all unknown',
      { paths: withState('unknown').slice(1) },
      'unknown',
      'Nothing is known: all 1 path are without evidence.',
    ],
    [
      'probe-blocked',
      { paths: withState('probe-blocked') },
      'info',
      'No fault is seen: 1 of 2 paths healthy, 1 probe-blocked.',
    ],
    [
      'unmeasurable',
      { paths: withState('unmeasurable') },
      'info',
      'No fault is seen: 1 of 2 paths healthy, 1 unmeasurable.',
    ],
    [
      'trouble without a verdict',
      { paths: withState('degraded') },
      'warn',
      '1 path degraded; no verdict on whose fault yet.',
    ],
    ['a named verdict', { paths, verdicts: [verdict()] }, 'bad', 'Provider telco-a is at fault (99.3 % sure).'],
    [
      'an ambiguous verdict',
      { paths, verdicts: [verdict({ certainty: 'ambiguous', group: ['site fra', 'probe fra-1'] })] },
      'warn',
      'Site fra or probe fra-1 is at fault (99.3 % sure together); the evidence cannot tell them apart.',
    ],
    [
      'a suspect',
      { paths, verdicts: [verdict({ certainty: 'suspect', posterior: 0.8 })] },
      'warn',
      'Provider telco-a is suspected (80 %), not proven.',
    ],
    [
      'a verdict on what cannot be measured',
      { paths, verdicts: [verdict({ symptom: 'probe-blocked' })] },
      'good',
      'All 2 paths are healthy.',
    ],
    ['a cleared verdict', { paths, verdicts: [verdict({ clearedAtEpochMs: 1 })] }, 'good', 'All 2 paths are healthy.'],
  ] as const)('%s', (_case, parts, tone, headline) => {
    expect(say(parts)).toMatchObject({ tone, headline });
  });

  test('a suspect never goes before a named fault, however probable', () => {
    const verdicts = [
      verdict({ verdictId: 'a', certainty: 'suspect', place: 'site x', posterior: 0.949 }),
      verdict({ verdictId: 'b', posterior: 0.95 }),
    ];
    expect(say({ paths, verdicts }).headline).toBe('Provider telco-a is at fault (95 % sure). 1 more verdict open.');
  });

  test('a state that this page does not know counts as unknown, never as healthy (safety rule 2)', () => {
    const odd = path('fra-1', 'b.b1', 'telco-b', { state: 'splendid' as 'healthy' });
    expect(say({ paths: [odd] }).tone).toBe('unknown');
  });

  test('before the first word of the hub nothing is claimed', () => {
    expect(fleetSentence(undefined, tallyFleet(EMPTY_STATE))).toEqual({
      tone: 'unknown',
      headline: 'Waiting for the first word of the hub.',
      clauses: [],
    });
  });

  test('once stale, the last headline is quoted as old and no longer claimed', () => {
    const stale = staleSentence({ tone: 'good', headline: 'All 2 paths are healthy.', clauses: [] }, '03:47:10');
    expect(stale).toEqual({
      tone: 'unknown',
      headline: 'Nothing is known now: the hub is silent.',
      clauses: ['Last known at 03:47:10: All 2 paths are healthy.'],
    });
  });
});

describe('clauses', () => {
  const away = {
    planned: [
      { trunk: 'b', weight: 1 },
      { trunk: 'a', weight: 0 },
    ],
  };

  test('what was done, what waits and what is only proposed are told apart', () => {
    const routes = [
      route('fra-1', 'national', ['a', 'b'], away),
      route('fra-1', 'mobile', ['a', 'b'], { ...away, isApplied: false }),
      route('fra-1', 'premium', ['a', 'b'], { ...away, isApplied: false, mode: 'observe' }),
    ];
    expect(say({ paths, routes }).clauses).toEqual([
      '1 route ordered but not applied yet.',
      '1 route moved to another first trunk.',
      '1 route change only proposed (observe): nothing was changed there.',
    ]);
  });

  test('under the stop switch nothing is said to be ordered', () => {
    const routes = [route('fra-1', 'mobile', ['a', 'b'], { ...away, isApplied: false })];
    expect(say({ hub: hub({ isStopped: true }), paths, routes }).clauses).toEqual([
      'The stop switch is on: nothing is changed anywhere.',
      '1 route change only proposed (stop switch): nothing was changed there.',
    ]);
  });

  test('a silent, a never seen and a sick probe take the calm out of a healthy fleet', () => {
    const pbxes = [pbx('a-1', { probe: 'silent' }), pbx('b-1', { probe: 'never-seen' }), pbx('c-1', { isSick: true })];
    expect(say({ paths, pbxes })).toMatchObject({
      tone: 'info',
      clauses: ['1 of 3 probes silent.', '1 probe never seen.', '1 probe out of order and abstaining.'],
    });
  });
});

describe('the four answers', () => {
  test('a bad night at one glance', () => {
    const { state } = fold(EMPTY_STATE, badNight());
    const answers = glance(state.hub, tallyFleet(state));
    expect(answers.map(({ answer, tone }) => [answer, tone])).toEqual([
      ['8 hard-down · 1 degraded', 'bad'],
      ['Provider telco-a', 'bad'],
      ['4 routes moved', 'warn'],
      ['2 route changes', 'info'],
    ]);
    expect(answers.map(({ href }) => href)).toEqual([
      '#/state/hard-down',
      '#/verdict/v-2026-03-14-0007',
      '#routes',
      '#routes',
    ]);
  });

  test('a fleet without evidence is not said to have nothing broken', () => {
    expect(say({ paths: withState('unknown').slice(1) }).answers[0]).toMatchObject({
      answer: 'Not known',
      tone: 'unknown',
    });
    expect(say({}).answers[0]).toMatchObject({ answer: 'Not known', tone: 'unknown' });
  });

  test('trouble without a verdict is nobody’s yet', () => {
    expect(say({ paths: [path('fra-1', 'a.a1', 'telco-a', down())] }).answers[1]).toMatchObject({
      answer: 'No verdict yet',
      tone: 'warn',
    });
  });
});
