import { describe, expect, it } from 'vitest';
import { callOutcome, type EndedCall, outcomeClass } from '../../../../server/paths/quality/call-outcome.ts';
import { CallWindow } from '../../../../server/paths/quality/call-window.ts';

const NOW = 10 * 3_600_000;
const FAILED: EndedCall = {
  isAnswered: false,
  statusCode: undefined,
  causeCode: undefined,
  hasRung: false,
  missedEvents: false,
};

describe('callOutcome', () => {
  it.each([
    ['busy', { statusCode: 486, causeCode: 17 }, 'seer ner'],
    ['turned down', { statusCode: 603, causeCode: 21 }, 'seer ner'],
    ['no answer, rung', { causeCode: 0, hasRung: true }, 'ner'],
    ['caller gave up while it rang', { causeCode: 16, hasRung: true }, 'ner'],
    ['caller gave up before it rang', { causeCode: 16 }, 'abandoned'],
    ['not found', { statusCode: 404, causeCode: 1 }, ''],
    ['service unavailable', { statusCode: 503, causeCode: 34 }, 'isa'],
    ['timer B', { statusCode: 408, causeCode: 18 }, 'isa'],
    ['moved', { statusCode: 302, causeCode: 0 }, 'redirected'],
    ['a branch that another one won', { causeCode: 26 }, 'elsewhere'],
    ['temporarily unavailable', { statusCode: 480, causeCode: 19 }, 'seer ner'],
  ])('%s', (_name, call, expected) => {
    const outcome = callOutcome({ ...FAILED, ...call });
    const said = [
      outcome.isEffectiveSession && 'seer',
      outcome.isNetworkEffective && 'ner',
      outcome.isIneffective && 'isa',
      outcome.isRedirected && 'redirected',
      outcome.isAbandonedEarly && 'abandoned',
      outcome.isElsewhere && 'elsewhere',
    ];
    expect(said.filter(Boolean).join(' ')).toBe(expected);
  });
});

describe('outcomeClass', () => {
  it.each([
    ['answered', { isAnswered: true, causeCode: 16 }],
    ['answered', { isAnswered: true, causeCode: 26 }],
    ['unknown', { missedEvents: true }],
    ['elsewhere', { causeCode: 26, hasRung: true }],
    ['redirected', { statusCode: 302 }],
    ['abandoned', { causeCode: 16 }],
    ['ineffective', { statusCode: 503, causeCode: 34 }],
    ['not-answered', { statusCode: 486, causeCode: 17 }],
    ['not-answered', { causeCode: 0, hasRung: true }],
    ['rejected', { statusCode: 404, causeCode: 1 }],
    ['rejected', {}],
  ] as const)('%s', (expected, call) => {
    expect(outcomeClass(callOutcome({ ...FAILED, ...call }))).toBe(expected);
  });
});

describe('CallWindow', () => {
  function poolOf(...calls: readonly (Partial<EndedCall> & { talkMs?: number; pddMs?: number })[]) {
    const window = new CallWindow();
    for (const call of calls) window.add(NOW, { ...FAILED, pddMs: undefined, talkMs: undefined, ...call });
    return window.pool(NOW - 300_000, NOW);
  }

  it('gives the shares of RFC 6076 and E.425', () => {
    const pool = poolOf(
      { isAnswered: true, talkMs: 60_000, pddMs: 2000, hasRung: true },
      { isAnswered: true, talkMs: 4000, pddMs: 1000, hasRung: true },
      { statusCode: 486, causeCode: 17 },
      { statusCode: 503, causeCode: 34 },
      { causeCode: 16 },
    );
    expect(pool).toMatchObject({
      asr: { hits: 2, of: 5 },
      ner: { hits: 3, of: 4 },
      seer: { hits: 3, of: 5 },
      isa: { hits: 1, of: 5 },
      shortCalls: { hits: 1, of: 2 },
      acd: { n: 2, meanS: 32 },
      pdd: { n: 2, p50Ms: 1000 },
      unknown: 0,
      abandoned: 1,
    });
  });

  it('a call that a gap hides is in no share, and is said (rule 2)', () => {
    const pool = poolOf({ missedEvents: true }, { isAnswered: true, missedEvents: true, talkMs: 10_000 });
    expect(pool).toMatchObject({ asr: { hits: 1, of: 1 }, unknown: 1 });
  });

  it('a branch of a forked dial that another one won is no attempt, and is said', () => {
    const pool = poolOf({ causeCode: 26, hasRung: true }, { causeCode: 26 }, { isAnswered: true, causeCode: 16 });
    expect(pool).toMatchObject({
      asr: { hits: 1, of: 1 },
      ner: { hits: 1, of: 1 },
      seer: { hits: 1, of: 1 },
      isa: { hits: 0, of: 1 },
      elsewhere: 2,
    });
  });

  it('counts causes, most frequent first; a call without one is in none', () => {
    const pool = poolOf({ causeCode: 34 }, { causeCode: 1 }, { causeCode: 34 }, {});
    expect(pool?.causes).toEqual([
      { causeCode: 34, calls: 2 },
      { causeCode: 1, calls: 1 },
    ]);
  });

  it('knows nothing without calls', () => {
    expect(poolOf()).toBeUndefined();
  });
});
