import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UNCHANGED } from '../../../../dashboards/live/src/changed.ts';
import {
  CLEARED_KEPT_MS,
  EMPTY_STATE,
  fold,
  JOURNAL_KEPT,
  reconnected,
  type ViewState,
} from '../../../../dashboards/live/src/state.ts';
import type { LiveChange, LiveDelta } from '../../../../wire/live.ts';
import {
  down,
  entry,
  FLEET_EPOCH_MS,
  hub,
  path,
  pbx,
  route,
  snapshot,
  verdict,
} from '../../../browser/support/fleet.ts';

const delta = (sequence: number, ...changes: LiveChange[]): LiveDelta => ({
  type: 'delta',
  sequence,
  atEpochMs: FLEET_EPOCH_MS + sequence,
  changes,
});

const first = fold(
  EMPTY_STATE,
  snapshot({ sequence: 10, pbxes: [pbx('fra-1')], paths: [path('fra-1', 'b.b1', 'telco-b')] }),
).state;

describe('numbers', () => {
  test('a snapshot is taken whatever its number, also one below ours (a hub that was started anew)', () => {
    const folded = fold(first, snapshot({ sequence: 1 }));
    expect(folded).toMatchObject({
      kind: 'taken',
      state: { sequence: 1, isAwaitingResume: false },
      changed: { isAll: true, isShape: true },
    });
    expect(folded.state.paths.size).toBe(0);
  });

  test('the next number is taken', () => {
    expect(fold(first, delta(11))).toMatchObject({
      kind: 'taken',
      state: { sequence: 11, atEpochMs: FLEET_EPOCH_MS + 11 },
    });
  });

  test.each([10, 9, 0])('number %d has been in already: dropped, nothing touched', (sequence) => {
    const folded = fold(first, delta(sequence, { kind: 'path', value: path('fra-1', 'b.b1', 'telco-b', down()) }));
    expect(folded.kind).toBe('repeated');
    expect(folded.state).toBe(first);
  });

  test('a missing number asks for a resume from the last one taken, once', () => {
    const gap = fold(first, delta(12));
    expect(gap).toMatchObject({ kind: 'gap', resume: { type: 'resume', sequence: 10 }, state: { sequence: 10 } });
    const again = fold(gap.state, delta(13));
    expect(again).toMatchObject({ kind: 'gap' });
    expect(again).not.toHaveProperty('resume');
  });

  test('a hub that goes on from where we were closes the gap, and the next gap asks anew', () => {
    const gap = fold(first, delta(12));
    const closed = fold(gap.state, delta(11));
    expect(closed).toMatchObject({ kind: 'taken', state: { isAwaitingResume: false } });
    expect(fold(closed.state, delta(13))).toMatchObject({ kind: 'gap', resume: { sequence: 11 } });
  });

  test('a delta before any snapshot is dropped without a word to the hub: the snapshot is on its way', () => {
    expect(fold(EMPTY_STATE, delta(1))).toEqual({ kind: 'early', state: EMPTY_STATE, changed: UNCHANGED });
  });

  test('on a new connection what was known stays, and even the very next number waits for the snapshot', () => {
    const again = reconnected(fold(first, delta(12)).state);
    expect(again).toMatchObject({ sequence: undefined, isAwaitingResume: false });
    expect(again.paths).toBe(first.paths);
    const early = fold(again, delta(11, { kind: 'path', value: path('fra-1', 'b.b1', 'telco-b', down()) }));
    expect(early).toEqual({ kind: 'early', state: again, changed: UNCHANGED });
    expect(fold(again, snapshot({ sequence: 3 }))).toMatchObject({ kind: 'taken', state: { sequence: 3 } });
  });
});

describe('changes', () => {
  test('each kind lands in its place, and what was touched is named', () => {
    const folded = fold(
      first,
      delta(
        11,
        { kind: 'hub', value: hub({ isStopped: true }) },
        { kind: 'pbx', value: pbx('fra-1', { probe: 'silent' }) },
        { kind: 'path', value: path('fra-1', 'b.b1', 'telco-b', down()) },
        { kind: 'verdict', value: verdict() },
        { kind: 'route', value: route('fra-1', 'national', ['b']) },
        { kind: 'journal', value: entry(1, 0, 'probe-silent', 'hub', 'fra-1 fell silent') },
      ),
    );
    expect(folded.state.hub?.isStopped).toBe(true);
    expect(folded.state.pbxes.get('fra-1')?.probe).toBe('silent');
    expect(folded.state.paths.get('fra-1>b.b1')?.state).toBe('hard-down');
    expect([...folded.state.verdicts.keys()]).toEqual(['v-2026-03-14-0007']);
    expect([...folded.state.routes.keys()]).toEqual(['fra-1/national']);
    expect(folded.state.journal.map(({ id }) => id)).toEqual([1]);
    expect(folded.changed).toMatchObject({
      isAll: false,
      isShape: false,
      isHub: true,
      isJournal: true,
      paths: new Set(['fra-1>b.b1']),
    });
  });

  test('a path or PBX that was not there changes the shape', () => {
    expect(fold(first, delta(11, { kind: 'path', value: path('fra-1', 'c.c1', 'telco-c') })).changed.isShape).toBe(
      true,
    );
    expect(fold(first, delta(11, { kind: 'pbx', value: pbx('ams-1') })).changed.isShape).toBe(true);
  });

  test('a path or route that is gone is there no more, and its going changes the shape', () => {
    const state = fold(first, delta(11, { kind: 'route', value: route('fra-1', 'national', ['b']) })).state;
    const folded = fold(
      state,
      delta(
        12,
        { kind: 'gone', value: { of: 'path', key: 'fra-1>b.b1' } },
        { kind: 'gone', value: { of: 'route', pbx: 'fra-1', class: 'national' } },
      ),
    );
    expect([folded.state.paths.size, folded.state.routes.size]).toEqual([0, 0]);
    expect(folded.changed).toMatchObject({
      isShape: true,
      paths: new Set(['fra-1>b.b1']),
      routes: new Set(['fra-1/national']),
    });
    expect(folded.state.pbxes).toBe(first.pbxes);
  });

  test('the state before is not touched, and maps without a change are the same maps', () => {
    const folded = fold(first, delta(11, { kind: 'path', value: path('fra-1', 'b.b1', 'telco-b', down()) }));
    expect(first.paths.get('fra-1>b.b1')?.state).toBe('healthy');
    expect(folded.state.routes).toBe(first.routes);
    expect(folded.state.pbxes).toBe(first.pbxes);
  });

  test('of two changes to one thing in one delta the later wins', () => {
    const folded = fold(
      first,
      delta(
        11,
        { kind: 'path', value: path('fra-1', 'b.b1', 'telco-b', down()) },
        { kind: 'path', value: path('fra-1', 'b.b1', 'telco-b') },
      ),
    );
    expect(folded.state.paths.get('fra-1>b.b1')?.state).toBe('healthy');
  });

  test('the journal is newest first without doubles, and bounded', () => {
    const many = Array.from({ length: 260 }, (_, id) => ({
      kind: 'journal' as const,
      value: entry(id % 250, 0, 'k', 'hub', `${id}`),
    }));
    const { journal } = fold(first, delta(11, ...many)).state;
    expect(journal).toHaveLength(JOURNAL_KEPT);
    expect(journal[0]?.id).toBe(249);
    expect(new Set(journal.map(({ id }) => id)).size).toBe(JOURNAL_KEPT);
  });

  test('a cleared verdict is kept for an hour of the hub’s time, an open one for good', () => {
    const cleared = verdict({ verdictId: 'old', clearedAtEpochMs: FLEET_EPOCH_MS });
    const state = fold(first, snapshot({ sequence: 10, verdicts: [cleared, verdict()] })).state;
    const after = fold(state, { ...delta(11), atEpochMs: FLEET_EPOCH_MS + CLEARED_KEPT_MS + 1 });
    expect([...after.state.verdicts.keys()]).toEqual(['v-2026-03-14-0007']);
    const before = fold(state, { ...delta(11), atEpochMs: FLEET_EPOCH_MS + CLEARED_KEPT_MS });
    expect(before.state.verdicts.size).toBe(2);
  });
});

test('whatever is lost or doubled on the way, a state is only ever one the hub was in (safety rule 1)', () => {
  const value = (lost: number) => path('fra-1', 'b.b1', 'telco-b', { lost });
  fc.assert(
    fc.property(fc.array(fc.constantFrom('pass', 'lose', 'double'), { maxLength: 40 }), (fates) => {
      let state: ViewState = fold(EMPTY_STATE, snapshot({ sequence: 0, paths: [value(0)] })).state;
      let asked = 0;
      for (const [index, fate] of fates.entries()) {
        const message = delta(index + 1, { kind: 'path', value: value(index + 1) });
        const times = { pass: 1, lose: 0, double: 2 }[fate];
        for (let time = 0; time < times; time += 1) {
          const folded = fold(state, message);
          state = folded.state;
          if (folded.kind === 'gap' && folded.resume !== undefined) asked += 1;
        }
        expect(state.paths.get('fra-1>b.b1')?.lost).toBe(state.sequence);
      }
      const firstLoss = fates.indexOf('lose');
      expect(state.sequence).toBe(firstLoss === -1 ? fates.length : firstLoss);
      expect(asked).toBe(firstLoss !== -1 && fates.slice(firstLoss).some((fate) => fate !== 'lose') ? 1 : 0);
    }),
  );
});
