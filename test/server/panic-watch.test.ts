import { describe, expect, it } from 'vitest';
import { NO_PANIC, watchPanic } from '../../server/panic-watch.ts';
import type { HealthState } from '../../server/paths/path-health.ts';
import { plan } from '../../server/routing/planner.ts';
import { EMPTY_PLANNER, type PlannerMemory } from '../../server/routing/planner-memory.ts';
import { modes, NOW, pbxInput, routeInput } from './routing/judged.ts';

const ALL_DOWN = { a: 'hard-down', b: 'hard-down', c: 'hard-down' } as const;
const WELL = { a: 'healthy', b: 'healthy', c: 'healthy' } as const;

/** Plans the same PBX through several states of its trunks, one a second, and gives what is told of panic. */
function told(steps: readonly Readonly<Record<string, HealthState>>[], parts: Parameters<typeof pbxInput>[1] = {}) {
  let memory: PlannerMemory = EMPTY_PLANNER;
  let state = NO_PANIC;
  return steps.map((states, second) => {
    const nowMs = NOW + second * 1000;
    const result = plan(memory, routeInput([pbxInput('fra-1', parts)], states), nowMs);
    const watched = watchPanic(state, result.routes, nowMs);
    memory = result.memory;
    state = watched.state;
    return watched.entries;
  });
}

describe('panic', () => {
  it('is told once when it begins and once when it ends, with what is known of each trunk (rule 7)', () => {
    const [well, begins, lasts, ends, after] = told([WELL, ALL_DOWN, ALL_DOWN, { ...ALL_DOWN, b: 'unknown' }, WELL]);
    expect([well, lasts, after]).toEqual([[], [], []]);
    expect(begins).toMatchObject([
      { kind: 'panic', actor: 'hub', scope: { pbx: 'fra-1', class: 'national' }, atEpochMs: NOW + 1000 },
    ]);
    expect(begins?.[0]?.sentence).toMatch(/^national on fra-1: PANIC: no trunk is left that is not bad; a leads/);
    expect(begins?.[0]?.sentence).toContain('c is hard-down: c.c1 hard-down: figures of c.c1.');
    expect(ends).toMatchObject([{ kind: 'panic-over', scope: { pbx: 'fra-1', class: 'national' } }]);
    expect(ends?.[0]?.sentence).toContain('b is unknown');
  });

  it('is told of a class with one trunk, where nothing can flip', () => {
    const [, begins] = told([WELL, ALL_DOWN], { classes: [{ class: 'national', trunks: ['a'] }] });
    expect(begins?.map(({ kind }) => kind)).toEqual(['panic']);
  });

  it.each([
    ['in observe mode', modes('observe')],
    ['while everything is stopped', modes('enforce', { stopped: true })],
  ])('is told %s too', (_name, each) => {
    expect(told([WELL, ALL_DOWN], { modes: each })[1]?.map(({ kind }) => kind)).toEqual(['panic']);
  });

  it('of a route that is no longer planned is forgotten without a word', () => {
    const [route] = plan(EMPTY_PLANNER, routeInput([pbxInput('fra-1')], ALL_DOWN), NOW).routes;
    const begun = watchPanic(NO_PANIC, route ? [route] : [], NOW);
    expect(begun.state).toEqual(new Set(['fra-1 national']));
    expect(watchPanic(begun.state, [], NOW + 1)).toEqual({ state: NO_PANIC, entries: [] });
  });
});
