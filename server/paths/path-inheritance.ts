import type { HealthState, LossEstimate, PathHealth } from './path-health.ts';
import { lossEstimate } from './wilson.ts';

/** From so many witnesses on half of them are enough; of fewer all must agree. */
const HALF_FROM = 3;

/** What the PBX that inherits knows by itself. */
export type OwnSight = {
  /** What of its own health stands beside its witnesses' figures. */
  readonly beside: Pick<PathHealth, 'ref' | 'sinceMs' | 'icmp' | 'isAbstaining' | 'registration' | 'pairs'>;
  /** Its own health as far as it goes: a silent or sick probe, and its own calls, speak before any witness. */
  readonly whole: () => PathHealth;
  /** Why its probe tells nothing, or what its calls say: then nothing is inherited. */
  readonly isOwnWord: boolean;
  /** Latest INVITE of its own that the edge took, hub time. */
  readonly inviteAliveAtMs: number | undefined;
};

/** What the witnesses of one target say together, the same for all that inherit from them. */
export type WitnessWord = {
  readonly from: readonly string[];
} & (
  | { readonly isKnown: false; readonly reason: string }
  | {
      readonly isKnown: true;
      readonly named: string;
      readonly figures: ReturnType<typeof summed>;
      readonly state: HealthState;
      /** Since when it is hard-down, hub time; undefined where it is not. */
      readonly downSinceMs: number | undefined;
      readonly ground: PathHealth;
      readonly reason: string;
    }
);

/**
 * What witnesses say together: their state, and their figures summed.
 *
 * Bad news is inherited only where all witnesses that know anything agree, or half of three or more: one witness may have
 * been banned for its probing, or have trouble of its own. Witnesses that know nothing have no voice; with none left the path
 * is unknown (safety rule 2).
 *
 * @param from - names of the witnesses, in the order of `witnesses`.
 */
export function witnessWord(from: readonly string[], witnesses: readonly PathHealth[]): WitnessWord {
  const knowing = witnesses.filter(({ isAbstaining, state }) => !isAbstaining && state !== 'unknown');
  if (knowing.length === 0) {
    const reason =
      from.length === 0
        ? 'Not asked: other paths between these places are asked instead.'
        : `Not asked here, and of the witnesses ${from.join(', ')} none knows how it is.`;
    return { from, isKnown: false, reason };
  }
  const named = knowing.map(({ ref }) => ref.pbx).join(', ');
  const state = agreedState(knowing.map((health) => health.state));
  const ground = groundOf(knowing, state);
  return {
    from,
    isKnown: true,
    named,
    figures: summed(knowing),
    state,
    downSinceMs: state === 'hard-down' ? beganAtMs(knowing) : undefined,
    ground,
    reason: `Inherited from ${named} (${knowing.length} of ${from.length} witnesses know): ${ground.reason}`,
  };
}

/**
 * Health of a path that is left to witnesses of the same site: what they say together, unless its own PBX knows better. A call
 * of this PBX that the edge took since the trouble began stands against it.
 */
export function inheritedHealth(own: OwnSight, word: WitnessWord): PathHealth {
  const { from } = word;
  if (own.isOwnWord) return { ...own.whole(), inheritedFrom: from };
  if (!word.isKnown) {
    const base = own.whole();
    return { ...base, ...noFigures(base), state: 'unknown', reason: word.reason, inheritedFrom: from };
  }
  const { downSinceMs, figures, ground, named } = word;
  const { icmp, isAbstaining, pairs, ref, registration, sinceMs } = own.beside;
  const isContradicted = downSinceMs !== undefined && (own.inviteAliveAtMs ?? 0) > downSinceMs;
  // Field by field: of a large fleet nearly all paths are read here, and spreading objects costs several times as much.
  return {
    ref,
    sinceMs,
    icmp,
    isAbstaining,
    options: figures.options,
    samplesInState: figures.samplesInState,
    lostInState: figures.lostInState,
    lastAnsweredAtMs: figures.lastAnsweredAtMs,
    lastSampleAtMs: figures.lastSampleAtMs,
    state: isContradicted ? 'probe-blocked' : word.state,
    reason: isContradicted
      ? `Inherited from ${named}: hard-down there, but a call of ${ref.pbx} was taken since; no ground here. ${ground.reason}`
      : word.reason,
    rtt: ground.rtt,
    consecutiveMisses: ground.consecutiveMisses,
    missesNeeded: ground.missesNeeded,
    lastStatusCode: ground.lastStatusCode,
    lossEvidence: ground.lossEvidence ?? 'none',
    inheritedFrom: from,
    ...(registration !== undefined && { registration }),
    ...(pairs && { pairs }),
  };
}

function agreedState(states: readonly HealthState[]): HealthState {
  const needed = states.length >= HALF_FROM ? states.length / 2 : states.length;
  const count = (...wanted: readonly HealthState[]) => states.filter((state) => wanted.includes(state)).length;
  if (count('hard-down') >= needed) return 'hard-down';
  if (count('hard-down', 'degraded') >= needed) return 'degraded';
  if (count('healthy') > 0) return 'healthy';
  if (count('probe-blocked') > 0) return 'probe-blocked';
  return count('degraded', 'hard-down') > 0 ? 'degraded' : 'unmeasurable';
}

/** The witness whose words say why: the first in that state, else the first of all. */
function groundOf(knowing: readonly PathHealth[], state: HealthState): PathHealth {
  const ground = knowing.find((health) => health.state === state) ?? knowing[0];
  if (!ground) throw new Error('no witness knows');
  return ground;
}

function beganAtMs(knowing: readonly PathHealth[]): number {
  const down = knowing.filter(({ state }) => state === 'hard-down');
  return Math.max(...down.map(({ lastAnsweredAtMs, sinceMs }) => lastAnsweredAtMs ?? sinceMs));
}

function summed(knowing: readonly PathHealth[]) {
  const sum = (read: (health: PathHealth) => number) => knowing.reduce((total, health) => total + read(health), 0);
  const latest = (read: (health: PathHealth) => number | undefined) => {
    const times = knowing.flatMap((health) => read(health) ?? []);
    return times.length > 0 ? Math.max(...times) : undefined;
  };
  return {
    options: pooled(knowing.map(({ options }) => options)),
    samplesInState: sum(({ samplesInState }) => samplesInState),
    lostInState: sum(({ lostInState }) => lostInState),
    lastAnsweredAtMs: latest(({ lastAnsweredAtMs }) => lastAnsweredAtMs),
    lastSampleAtMs: latest(({ lastSampleAtMs }) => lastSampleAtMs),
  };
}

function pooled(estimates: readonly LossEstimate[]): LossEstimate {
  const sent = estimates.reduce((total, each) => total + each.sent, 0);
  const lost = estimates.reduce((total, each) => total + each.lost, 0);
  return lossEstimate({ sent, lost }, Math.max(...estimates.map(({ windowMs }) => windowMs)));
}

function noFigures({ options }: PathHealth) {
  return { options: lossEstimate({ sent: 0, lost: 0 }, options.windowMs), rtt: undefined, consecutiveMisses: 0 };
}
