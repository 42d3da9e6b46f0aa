import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LineEnd, linePairs, oppositeLine } from '../../../server/orders/line-pairs.ts';
import {
  FIRST_WITHIN_MS,
  type LinePolicy,
  type LineSight,
  type LineState,
  lineEnded,
  noLines,
  orderLines,
} from '../../../server/orders/line-schedule.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const START_MS = 20_000 * DAY_MS;

const POLICY: LinePolicy = {
  isEnabled: true,
  everyMs: DAY_MS,
  suspectEveryMs: 30 * MINUTE_MS,
  retryMs: 30 * MINUTE_MS,
  atOnce: 2,
  maxBytes: 4_194_304,
  maxMs: 5000,
};

const end = (pbx: string, site: string, peers: readonly string[]): LineEnd => ({ pbx, site, peers });
const TWO = [
  end('fra-1', 'fra', ['ams-1', 'ams-2']),
  end('ams-1', 'ams', ['fra-1']),
  end('ams-2', 'ams', ['fra-1', 'ams-1']),
];
const FOUR = ['ams', 'fra', 'lon', 'par'].map((site, _at, all) =>
  end(
    `${site}-1`,
    site,
    all.filter((other) => other !== site).map((other) => `${other}-1`),
  ),
);

function sight(ends: readonly LineEnd[], changes: Partial<LineSight> = {}): LineSight {
  return {
    pairs: linePairs(ends),
    unfit: new Set(),
    suspects: new Map(),
    isElected: () => false,
    lotOf: () => 0,
    ...changes,
  };
}

/** Runs the schedule second by second; each transfer takes 10 s and ends as told. */
function play(from: LineState, seen: LineSight, lastsMs: number, isMeasured: (line: string) => boolean) {
  let state = from;
  const orders: { readonly atMs: number; readonly line: string; readonly cause: string; readonly pair: string }[] = [];
  let most = 0;
  for (let nowMs = START_MS; nowMs < START_MS + lastsMs; nowMs += 10_000) {
    for (const run of state.running) state = lineEnded(state, run, isMeasured(run.line), nowMs);
    const step = orderLines(state, seen, POLICY, nowMs);
    state = step.state;
    most = Math.max(most, state.running.length);
    for (const { cause, from: sender, line, to } of step.orders) {
      orders.push({ atMs: nowMs - START_MS, line, cause, pair: `${sender}>${to}` });
    }
  }
  return { orders, most, state };
}

/** What FNV would give, spread evenly: the n-th line has its turn n parts of an hour into the interval. */
function spread(lines: readonly string[]) {
  return (text: string): number => Math.max(0, lines.indexOf(text)) * 7 * MINUTE_MS;
}

describe('linePairs', () => {
  test('joins PBXs of different sites that name each other, once from either side', () => {
    expect([...linePairs(TWO)]).toEqual([
      [
        'ams>fra',
        [
          { from: 'ams-1', to: 'fra-1' },
          { from: 'ams-2', to: 'fra-1' },
        ],
      ],
      [
        'fra>ams',
        [
          { from: 'fra-1', to: 'ams-1' },
          { from: 'fra-1', to: 'ams-2' },
        ],
      ],
    ]);
    expect(linePairs([end('fra-1', 'fra', ['ams-1']), end('ams-1', 'ams', [])]).size).toBe(0);
    expect(oppositeLine('ams>fra')).toBe('fra>ams');
  });
});

describe('orderLines', () => {
  test('measures every line once a day from either side, each at its own time', () => {
    const pairs = sight(FOUR);
    const seen = { ...pairs, lotOf: spread([...pairs.pairs.keys()]) };
    const known = new Map([...seen.pairs.keys()].map((line) => [line, START_MS - DAY_MS / 2]));
    const { orders } = play(noLines(known, START_MS), seen, 2 * DAY_MS, () => true);
    const byLine = Map.groupBy(orders, ({ line }) => line);
    expect(byLine.size).toBe(12);
    for (const [line, own] of byLine) {
      expect(own.map(({ atMs }) => atMs - (own[0]?.atMs ?? 0))).toEqual([0, DAY_MS]);
      expect((own[0]?.atMs ?? -1) - seen.lotOf(line)).toBeGreaterThanOrEqual(0);
      expect((own[0]?.atMs ?? -1) - seen.lotOf(line)).toBeLessThan(10_000);
    }
  });

  test('a restart brings no turn forward: what came while no hub was there is left out', () => {
    const seen = sight(FOUR, { lotOf: () => DAY_MS - MINUTE_MS });
    const known = new Map([...seen.pairs.keys()].map((line) => [line, START_MS - 2 * DAY_MS]));
    const { orders } = play(noLines(known, START_MS), seen, DAY_MS - 2 * MINUTE_MS, () => true);
    expect(orders).toEqual([]);
  });

  test('lines that were never measured have their first turn within an hour, not at once', () => {
    const pairs = sight(FOUR);
    const lotOf = (line: string): number => spread([...pairs.pairs.keys()])(line) * 1000;
    const { orders } = play(noLines(new Map(), START_MS), { ...pairs, lotOf }, FIRST_WITHIN_MS, () => true);
    expect(new Set(orders.map(({ line }) => line)).size).toBe(12);
    expect(new Set(orders.map(({ atMs }) => atMs)).size).toBeGreaterThan(5);
  });

  test('never two at a site, and no more than the fleet may, though all have their turn together', () => {
    const { orders, most } = play(noLines(new Map(), START_MS), sight(FOUR), HOUR_MS, () => true);
    expect(orders).toHaveLength(12);
    expect(most).toBe(2);
    for (const own of Map.groupBy(orders, ({ atMs }) => atMs).values()) {
      const sites = own.flatMap(({ line }) => line.split('>'));
      expect(new Set(sites).size).toBe(sites.length);
    }
  });

  test('what could not be made is tried again after longer and longer, and by another pair', () => {
    const { orders } = play(noLines(new Map(), START_MS), sight(TWO), 12 * HOUR_MS, (line) => line === 'ams>fra');
    const failing = orders.filter(({ line }) => line === 'fra>ams');
    const gapsMs = failing.slice(1).map(({ atMs }, at) => atMs - (failing[at]?.atMs ?? 0));
    expect(gapsMs.map((gapMs) => Math.round(gapMs / (30 * MINUTE_MS)))).toEqual([1, 2, 4, 8]);
    expect(failing.slice(0, 3).map(({ pair }) => pair)).toEqual(['fra-1>ams-1', 'fra-1>ams-2', 'fra-1>ams-1']);
    expect(orders.filter(({ line }) => line === 'ams>fra')).toHaveLength(1);
  });

  test('a suspected line goes first, at most once in its time from either side', () => {
    const suspects = new Map([
      ['lon>par', 'path lon-1 to peer.par-1 is degraded'],
      ['par>lon', 'path par-1 to peer.lon-1 is degraded'],
    ]);
    const seen = sight(FOUR, { suspects, lotOf: () => DAY_MS - 1 });
    const known = new Map([...seen.pairs.keys()].map((line) => [line, START_MS - 1]));
    const { orders } = play(noLines(known, START_MS), seen, 65 * MINUTE_MS, () => true);
    expect(orders.map(({ atMs, cause }) => [atMs / MINUTE_MS, cause])).toEqual([
      [0, 'suspicion'],
      [30, 'suspicion'],
      [60, 'suspicion'],
    ]);
    expect(orderLines(noLines(known, START_MS), seen, POLICY, START_MS).orders[0]?.why).toContain('is degraded');
  });

  test('a pair that the mesh has elected goes first, a sick probe is not asked', () => {
    const first = (changes: Partial<LineSight>) =>
      orderLines(noLines(new Map(), START_MS), sight(TWO, changes), { ...POLICY, atOnce: 1 }, START_MS).orders[0];
    expect(first({ isElected: (one) => one === 'ams-2' })).toMatchObject({ from: 'ams-2', to: 'fra-1' });
    expect(first({ isElected: () => true, unfit: new Set(['ams-1']) })).toMatchObject({ from: 'ams-2' });
    expect(first({ unfit: new Set(['fra-1']) })).toBe(undefined);
  });

  test('a run that nothing is heard of is given up and counts as failed, and its sites are free again', () => {
    const first = orderLines(noLines(new Map(), START_MS), sight(TWO), POLICY, START_MS);
    const [run] = first.state.running;
    const laterMs = run?.untilMs ?? 0;
    expect(orderLines(first.state, sight(TWO), POLICY, laterMs - 1)).toMatchObject({ orders: [], overdue: [] });
    const later = orderLines(first.state, sight(TWO), POLICY, laterMs);
    expect(later.overdue).toEqual([run]);
    expect(later.orders.map(({ line }) => line)).toEqual(['fra>ams']);
  });

  test('nothing is ordered where the file of the hub turns it off', () => {
    const suspects = new Map([['fra>ams', 'x']]);
    const off = { ...POLICY, isEnabled: false };
    expect(orderLines(noLines(new Map(), START_MS), sight(TWO, { suspects }), off, START_MS).orders).toEqual([]);
  });

  test('holds its bounds whatever happens', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 2 * HOUR_MS }),
      ends: fc.boolean(),
      isMeasured: fc.boolean(),
      suspect: fc.option(fc.constantFrom('ams>fra', 'par>lon', 'nowhere>fra'), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, lot) => {
        let state = noLines(new Map(), START_MS);
        let nowMs = START_MS;
        for (const { afterMs, ends, isMeasured, suspect } of steps) {
          nowMs += afterMs;
          const [run] = state.running;
          if (ends && run) state = lineEnded(state, run, isMeasured, nowMs);
          const suspects = new Map(suspect === undefined ? [] : [[suspect, 'x']]);
          state = orderLines(state, sight(FOUR, { suspects, lotOf: () => lot }), POLICY, nowMs).state;
          const sites = state.running.flatMap(({ line }) => line.split('>'));
          expect(state.running.length).toBeLessThanOrEqual(POLICY.atOnce);
          expect(new Set(sites).size).toBe(sites.length);
          expect(state.running.every(({ untilMs }) => untilMs > nowMs)).toBe(true);
        }
      }),
    );
  });
});
