import { addAttempt, judgeHardDown, type MissRun, NO_RUN } from '../../wire/hard-down.ts';

/** Answers in a row after which a mark is no longer refreshed and is taken away. */
export const ANSWERS_TO_RECOVER = 10;

/** Memory of one edge. */
type EdgeMemory = {
  readonly run: MissRun;
  /** Loss before the present run of misses, 0 to 1, as its measurer has it. */
  readonly lossRatio: number;
  readonly answersInRow: number;
  readonly lastAnsweredSentAtMs: number | undefined;
  readonly inviteAnsweredAtMs: number | undefined;
};

/** Memory of one trunk's mark: until when it is meant, and why. */
type MarkMemory = {
  readonly untilMs: number;
  readonly misses: number;
  readonly reason: string;
  /** Until when AstDB holds it; undefined where it does not. */
  readonly writtenUntilMs: number | undefined;
};

/** A down mark found in AstDB; `untilMs` on the probe's monotonic clock. */
export type FoundMark = { readonly trunk: string; readonly untilMs: number };

/** All that the probe's own demotion remembers. Start with {@link newDemotion}. */
export type DemotionState = {
  /** Target name to its trunk; targets of peers have none. */
  readonly trunkOf: ReadonlyMap<string, string | undefined>;
  readonly edges: ReadonlyMap<string, EdgeMemory>;
  readonly marks: ReadonlyMap<string, MarkMemory>;
};

/** What has been learned. Times are on the probe's monotonic clock. */
export type DemotionInput =
  | {
      readonly kind: 'attempt';
      readonly target: string;
      readonly sentAtMs: number;
      readonly isAnswered: boolean;
      /** Loss of the target before its present run of misses, 0 to 1; an upper estimate is the careful choice. */
      readonly lossRatio: number;
    }
  | { readonly kind: 'invite-answered'; readonly trunk: string; readonly edge: string | undefined }
  /** The hub has left these targets to other PBXs: nothing continues their runs of misses, so they are over. */
  | { readonly kind: 'left-to-others'; readonly targets: readonly string[] }
  | { readonly kind: 'tick' };

/** What the shell writes to AstDB and says in an event. */
export type DemotionEffect =
  | {
      readonly kind: 'mark';
      readonly trunk: string;
      readonly untilMs: number;
      readonly misses: number;
      readonly isNew: boolean;
      readonly reason: string;
    }
  | { readonly kind: 'clear'; readonly trunk: string; readonly reason: string }
  /** The mark has run out by itself, in AstDB too. */
  | { readonly kind: 'lapse'; readonly trunk: string; readonly reason: string };

/**
 * Starts with nothing measured in this life.
 *
 * @param answered - targets known to have answered in an earlier life: silence of theirs is no longer unmeasurable.
 */
export function newDemotion(
  targets: readonly { readonly target: string; readonly trunk: string | undefined }[],
  answered: ReadonlySet<string> = new Set(),
): DemotionState {
  const fresh: EdgeMemory = {
    run: NO_RUN,
    lossRatio: 1,
    answersInRow: 0,
    lastAnsweredSentAtMs: undefined,
    inviteAnsweredAtMs: undefined,
  };
  return {
    trunkOf: new Map(targets.map(({ target, trunk }) => [target, trunk])),
    edges: new Map(
      targets.map(({ target }) => [target, { ...fresh, run: { ...NO_RUN, hasAnswered: answered.has(target) } }]),
    ),
    marks: new Map(),
  };
}

/**
 * The probe's only own judgement (safety rule 5): a trunk is marked hard-down when all its edges are, by the one
 * definition in `wire/hard-down.ts`; the mark is refreshed at half its life and goes after
 * {@link ANSWERS_TO_RECOVER} answers in a row of one edge, or when a call gets through. One that is not refreshed lapses,
 * and the next is new. It never adds a trunk.
 *
 * @param markMs - life of a mark in milliseconds.
 */
export function stepDemotion(
  state: DemotionState,
  input: DemotionInput,
  nowMs: number,
  markMs: number,
): { readonly state: DemotionState; readonly effects: readonly DemotionEffect[] } {
  const learned = learn(state, input, nowMs);
  const trunks = new Set([...learned.trunkOf.values()].filter((trunk) => trunk !== undefined));
  const marks = new Map(learned.marks);
  const effects: DemotionEffect[] = [];
  for (const [trunk, { untilMs }] of learned.marks) {
    if (untilMs > nowMs) continue;
    marks.delete(trunk);
    effects.push({ kind: 'lapse', trunk, reason: 'the mark ran out' });
  }
  for (const trunk of trunks) {
    const effect = judgeTrunk({ ...learned, marks }, trunk, nowMs, markMs);
    if (!effect) continue;
    effects.push(effect);
    if (effect.kind === 'mark') {
      const { untilMs, misses, reason } = effect;
      marks.set(trunk, { untilMs, misses, reason, writtenUntilMs: marks.get(trunk)?.writtenUntilMs });
    } else marks.delete(trunk);
  }
  return { state: { ...learned, marks }, effects };
}

/** Takes up what AstDB was found to hold of the marks meant; a mark that it no longer holds counts as not written. */
export function withFoundMarks(state: DemotionState, found: readonly FoundMark[]): DemotionState {
  const untilOf = new Map(found.map(({ trunk, untilMs }) => [trunk, untilMs]));
  const marks = new Map(
    [...state.marks].map(([trunk, mark]) => [trunk, { ...mark, writtenUntilMs: untilOf.get(trunk) }] as const),
  );
  return { ...state, marks };
}

/** Notes that AstDB holds a trunk's mark until then; without effect where the mark is no longer meant. */
export function withWrittenMark(state: DemotionState, trunk: string, writtenUntilMs: number): DemotionState {
  const mark = state.marks.get(trunk);
  return mark ? { ...state, marks: new Map(state.marks).set(trunk, { ...mark, writtenUntilMs }) } : state;
}

/** Makes marks that an earlier life wrote to AstDB, and that have not run out, this one's own. */
export function adoptMarks(state: DemotionState, found: readonly FoundMark[], nowMs: number): DemotionState {
  const marks = new Map(state.marks);
  for (const { trunk, untilMs } of found) {
    if (untilMs <= nowMs || marks.has(trunk)) continue;
    marks.set(trunk, { untilMs, misses: 0, reason: 'marked before the probe restarted', writtenUntilMs: untilMs });
  }
  return { ...state, marks };
}

/**
 * Takes over other targets. Marks stay, and so does the memory of those in `kept`; the others start anew.
 *
 * @param answered - of the new ones: known to have answered before.
 */
export function withTargets(
  state: DemotionState,
  targets: readonly { readonly target: string; readonly trunk: string | undefined }[],
  kept: ReadonlySet<string>,
  answered: ReadonlySet<string>,
): DemotionState {
  const next = newDemotion(targets, answered);
  const edges = [...next.edges].map(([target, fresh]) => {
    return [target, (kept.has(target) && state.edges.get(target)) || fresh] as const;
  });
  return { ...next, edges: new Map(edges), marks: state.marks };
}

/** Targets that have answered in this life or one before. */
export function answeredTargets(state: DemotionState): readonly string[] {
  return [...state.edges].flatMap(([target, { run }]) => (run.hasAnswered ? [target] : []));
}

function learn(state: DemotionState, input: DemotionInput, nowMs: number): DemotionState {
  if (input.kind === 'tick') return state;
  const edges = new Map(state.edges);
  if (input.kind === 'left-to-others') {
    for (const target of input.targets) {
      const edge = edges.get(target);
      if (edge) edges.set(target, { ...edge, run: { ...NO_RUN, hasAnswered: edge.run.hasAnswered }, answersInRow: 0 });
    }
    return { ...state, edges };
  }
  if (input.kind === 'attempt') {
    const edge = edges.get(input.target);
    if (!edge) return state;
    edges.set(input.target, withAttempt(edge, input, nowMs));
    return { ...state, edges };
  }
  for (const [target, trunk] of state.trunkOf) {
    const isMeant = input.edge === undefined || isOfEdge(target, `${input.trunk}.${input.edge}`);
    const edge = edges.get(target);
    if (trunk === input.trunk && isMeant && edge) edges.set(target, { ...edge, inviteAnsweredAtMs: nowMs });
  }
  return { ...state, edges };
}

/** An edge by name has a target at each of its addresses; which of them took the call is not told. */
function isOfEdge(target: string, edge: string): boolean {
  return target === edge || target.startsWith(`${edge}.at-`);
}

/** A miss that was sent before an attempt that has been answered belongs to no run any more: the edge has answered since. */
function withAttempt(edge: EdgeMemory, input: DemotionInput & { readonly kind: 'attempt' }, nowMs: number): EdgeMemory {
  const { sentAtMs, isAnswered } = input;
  if (!isAnswered && sentAtMs < (edge.lastAnsweredSentAtMs ?? sentAtMs)) return edge;
  const run = addAttempt(edge.run, { sentAtMs, settledAtMs: nowMs, isAnswered });
  return {
    ...edge,
    run,
    lossRatio: input.lossRatio,
    answersInRow: isAnswered ? edge.answersInRow + 1 : 0,
    lastAnsweredSentAtMs: isAnswered ? sentAtMs : edge.lastAnsweredSentAtMs,
  };
}

function judgeTrunk(state: DemotionState, trunk: string, nowMs: number, markMs: number): DemotionEffect | undefined {
  const own = [...state.trunkOf].flatMap(([target, of]) => (of === trunk ? [target] : []));
  const edges = own.flatMap((target) => state.edges.get(target) ?? []);
  const mark = state.marks.get(trunk);
  const judgements = own.map((target) => judgeEdge(state, target));
  if (judgements.length > 0 && judgements.every((judgement) => judgement.isHardDown)) {
    if (mark && mark.untilMs - nowMs > markMs / 2) return undefined;
    const misses = Math.min(...judgements.map((judgement) => judgement.misses));
    const reason = `${misses} consecutive misses on ${own.join(', ')} while other targets answered`;
    return { kind: 'mark', trunk, untilMs: nowMs + markMs, misses, isNew: !mark, reason };
  }
  if (!mark) return undefined;
  if (judgements.some((judgement) => !judgement.isHardDown && judgement.because === 'invite-answered')) {
    return { kind: 'clear', trunk, reason: 'an INVITE was answered' };
  }
  const best = Math.max(...edges.map(({ answersInRow }) => answersInRow));
  if (best >= ANSWERS_TO_RECOVER) return { kind: 'clear', trunk, reason: `${best} answers in a row` };
  if (mark.untilMs - nowMs > markMs / 2) return undefined;
  if (best > 0) {
    const reason = `${best} of ${ANSWERS_TO_RECOVER} answers in a row so far`;
    return { kind: 'mark', trunk, untilMs: nowMs + markMs, misses: 0, isNew: false, reason };
  }
  return undefined;
}

function judgeEdge(state: DemotionState, target: string) {
  const edge = state.edges.get(target);
  const others = [...state.edges].flatMap(([name, other]) =>
    name === target || other.lastAnsweredSentAtMs === undefined ? [] : [other.lastAnsweredSentAtMs],
  );
  return judgeHardDown({
    run: edge?.run ?? NO_RUN,
    lossRatio: edge?.lossRatio ?? 1,
    otherAnsweredSentAtMs: others.length > 0 ? Math.max(...others) : undefined,
    inviteAnsweredAtMs: edge?.inviteAnsweredAtMs,
  });
}
