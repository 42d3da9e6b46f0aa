import { describe, expect, it } from 'vitest';
import type { Place } from '../../server/correlate/verdict.ts';
import {
  eventEntry,
  flipEntry,
  helloEntry,
  planEntry,
  planResultEntry,
  toJson,
  verdictEntry,
} from '../../server/hub-entries.ts';
import type { FlipProposal } from '../../server/routing/route-plan.ts';
import type { EventBody, PlanResultFrame } from '../../wire/probe-frames.ts';
import { helloFrame } from '../support/probe-frames.ts';
import { verdict } from './routing/judged.ts';

const FLIP: FlipProposal = {
  pbx: 'fra-1',
  class: 'national',
  mode: 'enforce',
  direction: 'away',
  fromTrunk: 'a',
  toTrunk: 'b',
  trunks: [{ trunk: 'b', weight: 100 }],
  version: 4,
  verdictId: undefined,
  orderedBy: 'planner',
  atMs: 77,
  sentence: 'national on fra-1 goes to b: a is hard-down after 3 misses',
};

describe('the entry of a flip', () => {
  it('says why, where, and by whom, with everything it rests on (rule 7)', () => {
    expect(flipEntry(FLIP)).toEqual({
      atEpochMs: 77,
      kind: 'flip',
      actor: 'hub',
      scope: { pbx: 'fra-1', class: 'national', trunk: 'a' },
      sentence: FLIP.sentence,
      detail: toJson(FLIP),
    });
  });

  it('is a proposal by name where routing only observes (rule 7)', () => {
    expect(flipEntry({ ...FLIP, mode: 'observe' }).kind).toBe('flip-proposed');
  });
});

describe('the entry of a verdict', () => {
  it.each<[string, Place, object]>([
    ['site', { kind: 'site', site: 'fra' }, { site: 'fra' }],
    ['provider', { kind: 'provider', provider: 'telco-a' }, { provider: 'telco-a' }],
    ['path', { kind: 'path', pbx: 'fra-1', target: 'a.a1' }, { pbx: 'fra-1' }],
    ['probe', { kind: 'probe', pbx: 'fra-1' }, { pbx: 'fra-1' }],
    ['line', { kind: 'line', sites: ['fra', 'ams'] }, {}],
    ['none', { kind: 'none' }, {}],
  ])('about a %s can be found by it', (_name, place, scope) => {
    const effect = { kind: 'verdict-opened', verdict: verdict({ place }) } as const;
    expect(verdictEntry(effect)?.scope).toEqual(scope);
  });

  it('is made where one opens or clears, at that time; an update is none', () => {
    const opened = verdict({ openedAtMs: 5, updatedAtMs: 6 });
    expect(verdictEntry({ kind: 'verdict-opened', verdict: opened })).toMatchObject({
      atEpochMs: 5,
      kind: 'verdict-opened',
      sentence: 'telco-a loses 30 %.',
      detail: { verdictId: 'v-1', certainty: 'named', posterior: 0.987 },
    });
    const cleared = verdict({ openedAtMs: 5, updatedAtMs: 6, clearedAtMs: 9 });
    expect(verdictEntry({ kind: 'verdict-cleared', verdict: cleared })).toMatchObject({ atEpochMs: 9 });
    expect(verdictEntry({ kind: 'verdict-updated', verdict: opened })).toBeUndefined();
  });
});

describe('the life of a verdict in the journal', () => {
  it('says that it reopened, how often, and at the time that it did', () => {
    const again = verdict({ openedAtMs: 5, updatedAtMs: 900, reopenedAtMs: [400, 900] });
    expect(verdictEntry({ kind: 'verdict-opened', verdict: again })).toMatchObject({
      atEpochMs: 900,
      sentence: 'Reopened (2 in a day). telco-a loses 30 %.',
      detail: { reopenings: 2 },
    });
  });

  it('closes with what it cost, and keeps since when and of what it is a part', () => {
    const cost = {
      fromMs: 3,
      pbxes: 2,
      sites: 1,
      classes: [],
      noCalls: 'asterisk-not-reached',
      blindPbxes: [],
    } as const;
    const life = { sinceMs: 3, sinceLowMs: 2, sinceHighMs: 4, mergedInto: 'v-9' };
    const entry = verdictEntry({ kind: 'verdict-cleared', verdict: verdict({ clearedAtMs: 9, cost, ...life }) });
    expect(entry?.sentence).toContain('Touched: 2 PBXs at 1 site. What calls met is not known');
    expect(entry?.detail).toMatchObject({ ...life, cost: { noCalls: 'asterisk-not-reached' } });
  });
});

describe('the entry of a hello', () => {
  it('names versions, or why there is none of Asterisk', () => {
    expect(helloEntry(helloFrame({ asteriskVersion: '22.1.0' }))).toMatchObject({
      kind: 'probe-connected',
      actor: 'probe-1',
      scope: { pbx: 'fra-1' },
      sentence: 'probe of fra-1 connected (0.1.0, Asterisk 22.1.0)',
    });
    expect(helloEntry(helloFrame()).sentence).toBe('probe of fra-1 connected (0.1.0, Asterisk not reached)');
    expect(helloEntry(helloFrame({ asteriskAway: 'login-refused' })).sentence).toBe(
      'probe of fra-1 connected (0.1.0, Asterisk not reached: it refuses the user name or the secret)',
    );
    expect(helloEntry(helloFrame({ asteriskAway: 'unnamed' })).sentence).toContain('Asterisk reached, its version not');
  });
});

describe('the entry of an event', () => {
  it.each<[EventBody, string, object]>([
    [
      { kind: 'down-marked', trunk: 'a', misses: 3, untilEpochMs: 9, written: true, reason: '3 misses' },
      'probe on fra-1 marked trunk a down by itself: 3 misses',
      { pbx: 'fra-1', trunk: 'a' },
    ],
    [
      { kind: 'down-marked', trunk: 'a', misses: 3, untilEpochMs: 9, written: false, reason: '3 misses' },
      'probe on fra-1 would mark trunk a down by itself: 3 misses',
      { pbx: 'fra-1', trunk: 'a' },
    ],
    [
      { kind: 'down-cleared', trunk: 'a', reason: '10 answers in a row' },
      'probe on fra-1 took its mark off trunk a: 10 answers in a row',
      { pbx: 'fra-1', trunk: 'a' },
    ],
    [
      { kind: 'asterisk-connected', version: '22.1.0', fullyBooted: true },
      'probe on fra-1 reached Asterisk 22.1.0',
      { pbx: 'fra-1' },
    ],
    [
      { kind: 'asterisk-lost', reason: 'AMI_LOGIN_REFUSED: no', away: 'login-refused', wasReached: false },
      'probe on fra-1 does not reach Asterisk: AMI_LOGIN_REFUSED: no',
      { pbx: 'fra-1' },
    ],
    [{ kind: 'asterisk-lost', reason: 'closed' }, 'probe on fra-1 lost Asterisk: closed', { pbx: 'fra-1' }],
    [
      { kind: 'route-drift', class: 'national', expected: '2:1.1:a/1', found: '' },
      'AstDB on fra-1 holds nothing for national, not 2:1.1:a/1',
      { pbx: 'fra-1', class: 'national' },
    ],
    [{ kind: 'probe-note', code: 'outbox-damaged', text: 'set aside' }, 'probe on fra-1: set aside', { pbx: 'fra-1' }],
  ])('%j reads as a sentence', (body, sentence, scope) => {
    expect(eventEntry('fra-1', body, 5)).toEqual({
      atEpochMs: 5,
      kind: body.kind,
      actor: 'probe',
      detail: body,
      scope,
      sentence,
    });
  });

  it('is none for a call: those are records, not news', () => {
    const call = {
      kind: 'call-ended',
      linkedId: '1',
      uniqueId: '2',
      trunk: 'a',
      startedAtEpochMs: 1,
      endedAtEpochMs: 2,
    };
    expect(eventEntry('fra-1', call as EventBody, 5)).toBeUndefined();
  });
});

describe('the entry of a plan and its result', () => {
  const result = (outcomes: PlanResultFrame['results']): PlanResultFrame => ({
    v: 1,
    type: 'plan-result',
    fence: 3,
    version: 7,
    results: outcomes,
    finishedAtMs: 1,
    finishedAtEpochMs: 2,
  });

  it('names the plan and its reason', () => {
    expect(planEntry('fra-1', 4, 'weights changed', 9)).toEqual({
      atEpochMs: 9,
      kind: 'plan-issued',
      actor: 'hub',
      scope: { pbx: 'fra-1' },
      sentence: 'plan 4 for fra-1: weights changed',
    });
  });

  it('gives what Asterisk holds now, and how long it took (rule 7)', () => {
    const frame = result([{ class: 'national', outcome: 'applied', readBack: '2:3.7:b/100' }]);
    expect(planResultEntry('fra-1', frame, 41.6)).toMatchObject({
      kind: 'plan-applied',
      sentence: 'plan 3.7 on fra-1 after 42 ms: national applied (2:3.7:b/100)',
    });
  });

  it.each(['observed', 'refused', 'failed'] as const)('is not applied when one class was %s', (outcome) => {
    const frame = result([
      { class: 'national', outcome: 'unchanged' },
      { class: 'mobile', outcome, reason: 'because' },
    ]);
    expect(planResultEntry('fra-1', frame, undefined)).toMatchObject({
      kind: 'plan-not-applied',
      sentence: `plan 3.7 on fra-1: national unchanged; mobile ${outcome} (because)`,
    });
  });
});
