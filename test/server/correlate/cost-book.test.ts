import { describe, expect, it } from 'vitest';
import { CostBook } from '../../../server/correlate/cost-book.ts';
import { sayCost } from '../../../server/correlate/cost-sentence.ts';
import type { IncidentCost } from '../../../server/correlate/incident-cost.ts';
import type { DeclaredRefs } from '../../../server/correlate/touched.ts';
import type { Verdict } from '../../../server/correlate/verdict.ts';
import type { PathRef } from '../../../server/paths/path-health.ts';
import type { CallEnded } from '../../../server/paths/quality/ended-call.ts';
import { finish } from '../../../server/steps.ts';
import type { RtpCallMeasurement } from '../../../wire/rtp-measurement.ts';
import { verdict } from '../routing/judged.ts';
import { fleetRefs, peerRef, trunkRef } from './loss-simulation.ts';

const BEGAN = 1_000_000;
const OPENED = 1_060_000;

function declared(refs: readonly PathRef[], version = 1): DeclaredRefs {
  return { version, of: (pbx) => refs.filter((ref) => ref.pbx === pbx), all: () => refs };
}

const REFS = declared([...fleetRefs({ sites: 2, providers: 2, hasMesh: true }), trunkRef('s1-1', 's1', 'a', 'e2')]);
const PROVIDER = { kind: 'provider', provider: 'telco-a' } as const;

function open(changes: Partial<Verdict> = {}): Verdict {
  return verdict({ place: PROVIDER, group: [PROVIDER], sinceMs: BEGAN, openedAtMs: OPENED, ...changes });
}

function call(changes: Partial<CallEnded> = {}): CallEnded {
  return {
    kind: 'call-ended',
    linkedId: '1.1',
    uniqueId: '1.2',
    trunk: 'a',
    edge: 'e1',
    class: 'national',
    startedAtEpochMs: 0,
    answeredAtEpochMs: 1000,
    endedAtEpochMs: 61_000,
    causeCode: 16,
    ...changes,
  };
}

const FAILED = { answeredAtEpochMs: undefined as never, causeCode: 38 };

function failed(changes: Partial<CallEnded>): CallEnded {
  const { answeredAtEpochMs: _none, ...rest } = call({ ...FAILED, ...changes });
  return rest;
}

function newBook(): CostBook {
  const book = new CostBook((trunks) => (trunks.has('a') ? ['national', 'international'] : []));
  book.asterisk('s1-1', true);
  book.asterisk('s2-1', true);
  return book;
}

function costOf(book: CostBook, of: Verdict = open(), nowMs = OPENED, refs = REFS): IncidentCost {
  const [found] = finish(book.priced({ effects: [], open: [of] }, refs, nowMs)).open;
  if (!found?.cost) throw new Error('a verdict without a cost');
  return found.cost;
}

describe('what a verdict costs', () => {
  it('is every call that ended at a touched trunk since the trouble began, also before the verdict was opened', () => {
    const book = newBook();
    book.callEnded('s1-1', call(), BEGAN - 1);
    book.callEnded('s1-1', call(), BEGAN);
    book.callEnded('s2-1', failed({ statusCode: 503 }), BEGAN + 5000);
    expect(costOf(book).calls).toMatchObject({ attempted: 2, answered: 1, failed: 1 });
    book.callEnded('s1-1', failed({ statusCode: 408 }), OPENED + 5000);
    book.callEnded('s1-1', call({ trunk: 'b' }), OPENED + 5000);
    expect(costOf(book)).toMatchObject({
      fromMs: BEGAN,
      newestAtMs: OPENED + 5000,
      pbxes: 2,
      sites: 2,
      calls: { attempted: 3, answered: 1, failed: 2 },
    });
  });

  it('sorts failed calls by status, else by cause; busy and unanswered calls are none of them', () => {
    const book = newBook();
    costOf(book);
    for (const changes of [{ statusCode: 503 }, { statusCode: 503 }, { statusCode: 408 }, { causeCode: 38 }]) {
      book.callEnded('s1-1', failed(changes), OPENED + 1);
    }
    book.callEnded('s1-1', failed({ statusCode: 486, causeCode: 17 }), OPENED + 2);
    book.callEnded('s1-1', failed({ causeCode: 16 }), OPENED + 3);
    book.callEnded('s1-1', call({ endedAtEpochMs: 3000 }), OPENED + 4);
    book.callEnded('s1-1', failed({ missedEvents: true }), OPENED + 5);
    expect(costOf(book).calls).toEqual({
      attempted: 7,
      answered: 1,
      failed: 4,
      failedBy: [
        { by: '503', calls: 2 },
        { by: '408', calls: 1 },
        { by: 'cause 38', calls: 1 },
      ],
      givenUp: 1,
      short: 1,
      unknown: 1,
    });
  });

  it('names the classes that are routed there and counts the calls of each', () => {
    const book = newBook();
    costOf(book);
    book.callEnded('s1-1', call(), OPENED + 1);
    book.callEnded('s1-1', failed({ statusCode: 503, class: 'premium' }), OPENED + 2);
    expect(costOf(book).classes).toEqual([
      { class: 'international', attempted: 0, failed: 0 },
      { class: 'national', attempted: 1, failed: 0 },
      { class: 'premium', attempted: 1, failed: 1 },
    ]);
  });

  it('rule 2: without a word of any Asterisk there is no count of calls, and none of zero', () => {
    const book = new CostBook(() => ['national']);
    book.asterisk('s1-1', false);
    const cost = costOf(book);
    expect(cost).not.toHaveProperty('calls');
    expect(cost).toMatchObject({ noCalls: 'asterisk-not-reached', blindPbxes: ['s1-1'], pbxes: 2 });
    expect(sayCost(cost)).toContain('What calls met is not known');
  });

  it('rule 2: a PBX whose Asterisk was lost for a while stays named as not fully known', () => {
    const book = newBook();
    costOf(book);
    book.asterisk('s2-1', false);
    costOf(book);
    book.asterisk('s2-1', true);
    const cost = costOf(book);
    expect(cost).toMatchObject({ calls: { attempted: 0 }, blindPbxes: ['s2-1'] });
    expect(sayCost(cost)).toContain('What calls met on s2-1 is not fully known');
  });

  it('a place without a trunk has no calls to count, and says so', () => {
    const place = { kind: 'line', sites: ['s1', 's2'] } as const;
    const cost = costOf(
      newBook(),
      open({ place, group: [place] }),
      OPENED,
      declared([peerRef('s1-1', 's1', 's2-1', 's2')]),
    );
    expect(cost).toMatchObject({ noCalls: 'no-trunk', pbxes: 1 });
    expect(cost).not.toHaveProperty('calls');
  });

  it('of one edge counts the calls of that edge alone, and none whose edge is not told', () => {
    const place = { kind: 'edge', provider: 'telco-a', trunk: 'a', edge: 'e2' } as const;
    const book = newBook();
    const of = open({ place, group: [place] });
    costOf(book, of);
    book.callEnded('s1-1', call({ edge: 'e2' }), OPENED + 1);
    book.callEnded('s1-1', call({ edge: 'e1' }), OPENED + 2);
    const { edge: _none, ...unplaced } = call();
    book.callEnded('s1-1', unplaced, OPENED + 3);
    expect(costOf(book, of)).toMatchObject({ pbxes: 1, calls: { attempted: 1 } });
  });

  it('counts anew when the beginning or the place is found to be another', () => {
    const book = newBook();
    book.callEnded('s1-1', call(), BEGAN + 1000);
    book.callEnded('s2-1', call(), BEGAN + 20_000);
    const place = { kind: 'path', pbx: 's1-1', target: 'a.e1' } as const;
    expect(costOf(book, open({ place, group: [place] })).calls?.attempted).toBe(1);
    expect(costOf(book, open()).calls?.attempted).toBe(2);
    expect(costOf(book, open({ sinceMs: BEGAN + 10_000 })).calls?.attempted).toBe(1);
  });
});

describe('the life of a cost', () => {
  it('ends with the verdict, and goes on when it reopens without what was quiet in between', () => {
    const book = newBook();
    costOf(book);
    book.callEnded('s1-1', call(), OPENED + 1);
    const cleared = open({ clearedAtMs: OPENED + 60_000 });
    const { effects } = finish(
      book.priced({ effects: [{ kind: 'verdict-cleared', verdict: cleared }], open: [] }, REFS, OPENED + 60_000),
    );
    expect(effects[0]?.verdict.cost?.calls?.attempted).toBe(1);
    book.callEnded('s1-1', call(), OPENED + 100_000);
    expect(costOf(book, open(), OPENED + 200_000).calls?.attempted).toBe(1);
    book.callEnded('s1-1', call(), OPENED + 200_001);
    expect(costOf(book, open(), OPENED + 201_000)).toMatchObject({ fromMs: BEGAN, calls: { attempted: 2 } });
  });

  it('goes on after a restart of the hub, and counts no call twice that is told again', () => {
    const book = newBook();
    costOf(book);
    book.callEnded('s1-1', call(), OPENED + 1);
    book.callEnded('s1-1', failed({ statusCode: 503 }), OPENED + 2);
    const stored = open({ cost: costOf(book) });
    const next = newBook();
    next.restore([structuredClone(stored)]);
    // As they are read back from disk: newest first.
    next.callEnded('s1-1', call(), OPENED + 3);
    next.callEnded('s1-1', failed({ statusCode: 503 }), OPENED + 2);
    next.callEnded('s1-1', call(), OPENED + 1);
    expect(costOf(next, open())).toMatchObject({ fromMs: BEGAN, calls: { attempted: 3, answered: 2, failed: 1 } });
  });

  it('is the same object while nothing is counted, so that views are told nothing', () => {
    const book = newBook();
    expect(costOf(book)).toBe(costOf(book, open(), OPENED + 1000));
  });
});

describe('media of calls', () => {
  const media = (changes: Partial<RtpCallMeasurement>): RtpCallMeasurement => ({
    kind: 'rtp-call',
    trunk: 'a',
    edge: 'e1',
    leg: 1,
    direction: 'sent',
    observedAtMs: 0,
    intervalMs: 5000,
    expected: 250,
    lost: 0,
    isFinal: false,
    source: 'rtcp',
    ...changes,
  });

  it('are counted by the call: bad where one direction lost more than 3 %, once however long it lasts', () => {
    const book = newBook();
    costOf(book);
    book.media('s1-1', 'i', media({}), OPENED);
    book.media('s1-1', 'i', media({ direction: 'received', lost: 20 }), OPENED);
    book.media('s1-1', 'i', media({ direction: 'received', lost: 20 }), OPENED);
    book.media('s1-1', 'i', media({ leg: 2, lost: 7 }), OPENED);
    book.media('s2-1', 'i', media({ leg: 2, isSilentReceiver: true }), OPENED);
    book.media('s2-1', 'i', media({ leg: 3, trunk: 'b', lost: 250 }), OPENED);
    expect(costOf(book).media).toEqual({ calls: 3, bad: 2 });
  });

  it('are unknown, not zero, where none were counted', () => {
    expect(costOf(newBook())).not.toHaveProperty('media');
    expect(sayCost(costOf(newBook()))).toContain('No media of calls were counted');
  });

  /** Reports of one call every 5 s, through both ends. */
  function talk(book: CostBook, leg: number, fromMs: number, toMs: number): void {
    for (let atMs = fromMs; atMs <= toMs; atMs += 5000) book.media('s1-1', 'i', media({ leg }), atMs);
  }

  it('are counted for as long as it takes: calls that have ended make room for others', () => {
    const book = newBook();
    costOf(book);
    for (let leg = 0; leg < 25_000; leg += 1) book.media('s1-1', 'i', media({ leg }), OPENED + leg * 100);
    expect(costOf(book, open(), OPENED + 2_500_000).media).toEqual({ calls: 25_000, bad: 0 });
  });

  it('say so where more calls are up at once than are followed', () => {
    const book = newBook();
    costOf(book);
    for (let leg = 0; leg <= 20_000; leg += 1) book.media('s1-1', 'i', media({ leg }), OPENED);
    const cost = costOf(book, open(), OPENED + 1000);
    expect(cost.media).toEqual({ calls: 20_000, bad: 0, isCut: true });
    expect(sayCost(cost)).toContain('More were up at once than are followed');
  });

  it('count a long call once, also where the verdict clears and reopens meanwhile', () => {
    const book = newBook();
    costOf(book);
    talk(book, 1, OPENED, OPENED + 60_000);
    const cleared = open({ clearedAtMs: OPENED + 60_000 });
    finish(book.priced({ effects: [{ kind: 'verdict-cleared', verdict: cleared }], open: [] }, REFS, OPENED + 60_000));
    talk(book, 1, OPENED + 65_000, OPENED + 400_000);
    talk(book, 2, OPENED + 65_000, OPENED + 400_000);
    expect(costOf(book, open(), OPENED + 400_000).media).toEqual({ calls: 1, bad: 0 });
    talk(book, 1, OPENED + 405_000, OPENED + 500_000);
    talk(book, 2, OPENED + 405_000, OPENED + 500_000);
    expect(costOf(book, open(), OPENED + 500_000).media).toEqual({ calls: 2, bad: 0 });
  });

  it('count a call that is up over a restart of the hub once, and one that began since', () => {
    const book = newBook();
    costOf(book);
    talk(book, 1, OPENED, OPENED + 60_000);
    talk(book, 7, OPENED, OPENED + 60_000);
    const stored = open({ cost: costOf(book) });
    const legs = new Map([['s1-1', structuredClone(book.newestLeg('s1-1') ?? { instanceId: 'none', leg: 0 })]]);
    const next = newBook();
    next.restore([structuredClone(stored)]);
    next.restoreLegs(legs);
    expect(next.newestLeg('s1-1')).toEqual({ instanceId: 'i', leg: 7 });
    expect(costOf(next).media).toEqual({ calls: 2, bad: 0 });
    for (const leg of [1, 7, 8]) talk(next, leg, OPENED + 65_000, OPENED + 90_000);
    next.media('s1-1', 'another-life', media({ leg: 1 }), OPENED + 90_000);
    expect(costOf(next).media).toEqual({ calls: 4, bad: 0 });
    expect(next.newestLeg('s1-1')).toEqual({ instanceId: 'another-life', leg: 1 });
  });

  it('of a verdict that is new since the restart count the calls that were up before', () => {
    const next = newBook();
    next.restoreLegs(new Map([['s1-1', { instanceId: 'i', leg: 7 }]]));
    costOf(next);
    talk(next, 3, OPENED, OPENED + 60_000);
    expect(costOf(next).media).toEqual({ calls: 1, bad: 0 });
  });

  it('are those of the place that is named now', () => {
    const book = newBook();
    costOf(book);
    book.media('s1-1', 'i', media({ lost: 20 }), OPENED);
    book.media('s2-1', 'i', media({}), OPENED);
    const place = { kind: 'path', pbx: 's2-1', target: 'a.e1' } as const;
    expect(costOf(book, open({ place, group: [place] })).media).toEqual({ calls: 1, bad: 0 });
    expect(costOf(book).media).toEqual({ calls: 2, bad: 1 });
  });

  it.each(['probe-blocked', 'unmeasurable'] as const)(
    'are no part of %s, which may stay open for months',
    (symptom) => {
      const book = newBook();
      const of = open({ symptom });
      costOf(book, of);
      book.media('s1-1', 'i', media({}), OPENED);
      book.callEnded('s1-1', call(), OPENED + 1);
      const cost = costOf(book, of);
      expect(cost).not.toHaveProperty('media');
      expect(cost.calls?.attempted).toBe(1);
    },
  );
});

describe('a cost of a trouble that began before the calls that are remembered', () => {
  /** The trouble has 500 calls, and after them so many end elsewhere that these are forgotten. */
  function longTrouble(): CostBook {
    const book = newBook();
    costOf(book);
    for (let nth = 0; nth < 500; nth += 1) book.callEnded('s1-1', call(), OPENED + nth);
    for (let nth = 0; nth < 30_000; nth += 1) book.callEnded('s1-1', call({ trunk: 'b' }), OPENED + 1000 + nth);
    expect(costOf(book).calls?.attempted).toBe(500);
    return book;
  }
  const MORE = [...REFS.all(), trunkRef('s3-1', 's3', 'a', 'e1')];

  it('goes on where the declared paths change, with the calls of the new ones from then on', () => {
    const book = longTrouble();
    const more = declared(MORE, 2);
    expect(costOf(book, open(), OPENED + 40_000, more)).toMatchObject({
      fromMs: BEGAN,
      pbxes: 3,
      calls: { attempted: 500 },
    });
    book.callEnded('s3-1', call(), OPENED + 50_000);
    expect(costOf(book, open(), OPENED + 60_000, more).calls?.attempted).toBe(501);
  });

  it('leaves out the calls of places that are named no longer, and takes them in again with the place', () => {
    const book = newBook();
    costOf(book);
    for (let nth = 0; nth < 300; nth += 1) book.callEnded('s1-1', failed({ statusCode: 503 }), OPENED + nth);
    for (let nth = 0; nth < 200; nth += 1) book.callEnded('s2-1', call({ class: 'international' }), OPENED + nth);
    for (let nth = 0; nth < 30_000; nth += 1) book.callEnded('s1-1', call({ trunk: 'b' }), OPENED + 1000 + nth);
    const place = { kind: 'path', pbx: 's2-1', target: 'a.e1' } as const;
    const narrow = costOf(book, open({ place, group: [place] }), OPENED + 40_000);
    expect(narrow.calls).toMatchObject({ attempted: 200, answered: 200, failed: 0, failedBy: [] });
    expect(narrow.classes).toContainEqual({ class: 'national', attempted: 0, failed: 0 });
    const wide = costOf(book, open(), OPENED + 50_000);
    expect(wide.calls).toMatchObject({ attempted: 500, failed: 300, failedBy: [{ by: '503', calls: 300 }] });
    expect(wide.classes).toContainEqual({ class: 'national', attempted: 300, failed: 300 });
    expect(wide.newestAtMs).toBe(OPENED + 299);
  });

  it('that is first told then begins with the calls that are remembered, and says so', () => {
    const book = newBook();
    for (let nth = 0; nth < 20_001; nth += 1) book.callEnded('s1-1', call(), BEGAN + nth);
    expect(costOf(book)).toMatchObject({ fromMs: BEGAN + 2000, calls: { attempted: 18_001 } });
  });

  it('is of a trunk that took the place of another in the declaration, though there are as many as before', () => {
    const book = newBook();
    const [edge, swapped] = [trunkRef('s1-1', 's1', 'b', 'e1'), trunkRef('s1-1', 's1', 'a', 'e1')];
    expect(costOf(book, open(), OPENED, declared([edge]))).toMatchObject({ pbxes: 0, noCalls: 'no-trunk' });
    book.callEnded('s1-1', call(), OPENED + 1);
    expect(costOf(book, open(), OPENED + 2, declared([swapped], 2))).toMatchObject({
      pbxes: 1,
      calls: { attempted: 1 },
    });
  });

  it('is the same object where a declaration changes nothing that it touches', () => {
    const book = newBook();
    expect(costOf(book)).toBe(costOf(book, open(), OPENED + 1000, declared([...REFS.all()], 2)));
  });
});
