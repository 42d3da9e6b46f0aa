import { describe, expect, it } from 'vitest';
import {
  ANSWERS_TO_RECOVER,
  type DemotionEffect,
  type DemotionInput,
  type DemotionState,
  newDemotion,
  stepDemotion,
  withTargets,
} from '../../../probes/control/demotion.ts';

const MARK_MS = 60_000;
const TARGETS = [
  { target: 'a.a1', trunk: 'a' },
  { target: 'b.b1', trunk: 'b' },
  { target: 'peer.ams-1', trunk: undefined },
];

class Run {
  state: DemotionState = newDemotion(TARGETS);
  nowMs = 0;
  lossRatio = 0.0126;
  readonly effects: DemotionEffect[] = [];

  give(input: DemotionInput, atMs: number): void {
    this.nowMs = Math.max(this.nowMs, atMs);
    const step = stepDemotion(this.state, input, this.nowMs, MARK_MS);
    this.state = step.state;
    this.effects.push(...step.effects);
  }

  attempt(target: string, sentAtMs: number, isAnswered: boolean): void {
    const settledAtMs = sentAtMs + (isAnswered ? 20 : 250);
    this.give({ kind: 'attempt', target, sentAtMs, isAnswered, lossRatio: this.lossRatio }, settledAtMs);
  }

  /** Rounds of one attempt a second at every target; `silent` ones do not answer. */
  rounds(count: number, silent: readonly string[] = []): void {
    for (let round = 0; round < count; round++) {
      const sentAtMs = this.nowMs + 1000;
      for (const { target } of TARGETS) this.attempt(target, sentAtMs, !silent.includes(target));
    }
  }
}

describe("the probe's own demotion", () => {
  it('rule 5: marks a trunk hard-down by itself when its edge is dead and others answer', () => {
    const run = new Run();
    run.rounds(300);
    run.rounds(9, ['a.a1']);
    expect(run.effects).toMatchObject([{ kind: 'mark', trunk: 'a', isNew: true }]);
  });

  it('holds a trunk for down only when every address of its edge is, and not one that has only just been found', () => {
    const hosts = ['a.a1.at-east', 'a.a1.at-west'].map((target) => ({ target, trunk: 'a' }));
    const others = TARGETS.filter(({ trunk }) => trunk !== 'a');
    const run = new Run();
    run.state = newDemotion([...hosts, ...others]);
    const rounds = (count: number, silent: readonly string[], targets = [...hosts, ...others]) => {
      for (let round = 0; round < count; round += 1) {
        const sentAtMs = run.nowMs + 1000;
        for (const { target } of targets) run.attempt(target, sentAtMs, !silent.includes(target));
      }
    };
    rounds(300, []);
    rounds(60, ['a.a1.at-west']);
    expect(run.effects).toEqual([]);
    const north = { target: 'a.a1.at-north', trunk: 'a' };
    const kept = new Set([...hosts, ...others].map(({ target }) => target));
    run.state = withTargets(run.state, [...hosts, north, ...others], kept, new Set());
    rounds(60, ['a.a1.at-east', 'a.a1.at-west']);
    expect(run.effects).toEqual([]);
    run.state = withTargets(run.state, [...hosts, ...others], kept, new Set());
    rounds(1, ['a.a1.at-east', 'a.a1.at-west']);
    expect(run.effects).toMatchObject([{ kind: 'mark', trunk: 'a', isNew: true }]);
    run.give({ kind: 'invite-answered', trunk: 'a', edge: 'a1' }, run.nowMs + 10);
    expect(run.effects.at(-1)).toMatchObject({ kind: 'clear', trunk: 'a' });
  });

  it('keeps no mark alive for a target that the hub has left to other PBXs: nothing measures it here', () => {
    const run = new Run();
    run.rounds(300);
    run.rounds(9, ['a.a1']);
    run.give({ kind: 'left-to-others', targets: ['a.a1'] }, run.nowMs + 10);
    for (let second = 0; second < 120; second += 1) run.give({ kind: 'tick' }, run.nowMs + 1000);
    expect(run.effects.map(({ kind }) => kind)).toEqual(['mark', 'lapse']);
  });

  it('rule 2: marks nothing when no other target answers either', () => {
    const run = new Run();
    run.rounds(300);
    run.rounds(30, ['a.a1', 'b.b1', 'peer.ams-1']);
    expect(run.effects).toEqual([]);
  });

  it('marks no edge that has never answered', () => {
    const run = new Run();
    run.rounds(50, ['a.a1']);
    expect(run.effects).toEqual([]);
  });

  it('marks nothing while calls are answered by that edge', () => {
    const run = new Run();
    run.rounds(300);
    for (let round = 0; round < 20; round++) {
      run.rounds(1, ['a.a1']);
      run.give({ kind: 'invite-answered', trunk: 'a', edge: undefined }, run.nowMs);
    }
    expect(run.effects).toEqual([]);
  });

  it('asks for a longer run of misses where loss is usual', () => {
    const lossy = new Run();
    lossy.lossRatio = 0.2;
    lossy.rounds(10);
    lossy.rounds(6, ['a.a1']);
    expect(lossy.effects).toEqual([]);
    lossy.rounds(4, ['a.a1']);
    expect(lossy.effects).toMatchObject([{ kind: 'mark', trunk: 'a' }]);
  });

  it('refreshes a mark while it stays true and takes it away after ten answers in a row', () => {
    const run = new Run();
    run.rounds(300);
    run.rounds(100, ['a.a1']);
    const marks = run.effects.filter(({ kind }) => kind === 'mark');
    expect(marks.length).toBeGreaterThan(2);
    expect(marks.filter((mark) => mark.kind === 'mark' && mark.isNew)).toHaveLength(1);
    run.rounds(ANSWERS_TO_RECOVER - 1);
    expect(run.effects.some(({ kind }) => kind === 'clear')).toBe(false);
    run.rounds(1);
    expect(run.effects.at(-1)).toMatchObject({ kind: 'clear', trunk: 'a' });
  });

  it('counts no miss against an edge that has answered what was sent later: its time-out came after the outage was over', () => {
    const run = new Run();
    run.rounds(300);
    run.rounds(9, ['a.a1']);
    const backAtMs = run.nowMs + 1000;
    run.attempt('a.a1', backAtMs, true);
    run.attempt('b.b1', backAtMs, true);
    for (const agoMs of [900, 600, 300]) run.attempt('a.a1', backAtMs - agoMs, false);
    run.rounds(ANSWERS_TO_RECOVER - 1);
    expect(run.effects.map(({ kind }) => kind)).toEqual(['mark', 'clear']);
  });

  it('takes a mark away when a call gets through', () => {
    const run = new Run();
    run.rounds(300);
    run.rounds(10, ['a.a1']);
    run.give({ kind: 'invite-answered', trunk: 'a', edge: 'a1' }, run.nowMs + 10);
    expect(run.effects.at(-1)).toEqual({ kind: 'clear', trunk: 'a', reason: 'an INVITE was answered' });
  });

  it('forgets a mark that ran out, so that the next one is new again', () => {
    const run = new Run();
    run.rounds(300);
    run.rounds(10, ['a.a1']);
    run.rounds(1);
    run.rounds(80, ['a.a1', 'b.b1', 'peer.ams-1']);
    expect(run.effects.at(-1)).toEqual({ kind: 'lapse', trunk: 'a', reason: 'the mark ran out' });
    expect(run.state.marks.size).toBe(0);
    run.rounds(10, ['a.a1']);
    expect(run.effects.at(-1)).toMatchObject({ kind: 'mark', trunk: 'a', isNew: true });
  });

  it('marks an edge silent in this life that answered in an earlier one', () => {
    const run = new Run();
    run.state = newDemotion(TARGETS, new Set(['a.a1']));
    run.rounds(9, ['a.a1']);
    expect(run.effects).toMatchObject([{ kind: 'mark', trunk: 'a', isNew: true }]);
  });

  it('rule 2: lets a mark run out, and neither refreshes nor clears it, when nothing is measured any more', () => {
    const run = new Run();
    run.rounds(300);
    run.rounds(10, ['a.a1']);
    const before = run.effects.length;
    const [mark] = run.effects;
    run.give({ kind: 'tick' }, (mark?.kind === 'mark' ? mark.untilMs : 0) - 1);
    expect(run.effects.length - before).toBeLessThanOrEqual(1);
    expect(run.effects.some(({ kind }) => kind === 'clear')).toBe(false);
  });
});
