import { correlate, NOTHING_CORRELATED } from '../../../server/correlate/correlate.ts';
import type { PathEvidence } from '../../../server/correlate/path-evidence.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import type { PathHealth, PathRef } from '../../../server/paths/path-health.ts';
import { edgeEvidence } from '../../../server/routing/edge-evidence.ts';
import { missesForHardDown } from '../../../wire/hard-down.ts';
import { addToLoss, carefulLossRatio, type LossBeforeRun, NO_LOSS_SEEN } from '../../../wire/loss-before-run.ts';
import { fixedEvidence, fleetRefs } from '../../server/correlate/loss-simulation.ts';
import { type Random, seeded } from '../../support/seeded.ts';
import { attemptsUntil, type LossChain } from './loss-draw.ts';

const BLOCK_S = 3600;
const MEMORY_S = 300;

/** What the hub said in days without a fault. */
export type QuietScore = {
  readonly days: number;
  readonly paths: number;
  readonly attempts: number;
  /** Verdicts that were ever named or ambiguous, each once, by place. */
  readonly named: readonly string[];
  readonly suspected: number;
  /** Seconds in which a verdict, or a path judged hard-down, was ground to move calls off an edge. */
  readonly verdictGrounds: number;
  readonly hardDowns: number;
};

/**
 * Days without a fault, second by second through the correlate stage: 20 PBXs at four sites, each asking 20 edges of as many
 * providers once a second, all losing by the same chain. Only losses are drawn, not attempts, and a second
 * without a loss is passed over while nothing is open or waits for its second window: it could only make healthy paths look
 * healthier.
 */
export function quietDays(days: number, chain: LossChain, seed: number): QuietScore {
  const refs = fleetRefs({ sites: 4, providers: 20, hasMesh: false, pbxesPerSite: 5 });
  const random = seeded(seed);
  const paths = refs.map((ref) => new QuietPath(ref));
  const evidence = paths.map((path) => path.evidence);
  const named = new Set<string>();
  const suspected = new Set<string>();
  let state = NOTHING_CORRELATED;
  let verdictGrounds = 0;
  let hardDowns = 0;
  for (let blockS = 0; blockS < days * 86_400; blockS += BLOCK_S) {
    const lossesAt = drawBlock(paths.length, chain, random);
    for (let second = 0; second < BLOCK_S; second += 1) {
      const atS = blockS + second;
      const lost = lossesAt.get(second) ?? [];
      for (const path of paths) path.answer(atS);
      for (const index of lost) hardDowns += paths[index]?.lose(atS) ? 1 : 0;
      const isWaiting = state.incidents.open.length + state.incidents.candidates.length > 0;
      if (lost.length === 0 && !isWaiting) continue;
      const pass = correlate(state, { paths: evidence, nowMs: atS * 1000 + 500 });
      state = pass.state;
      for (const { certainty, place, verdictId } of pass.open) {
        if (certainty === 'suspect') suspected.add(verdictId);
        else named.add(`${placeKey(place)} (${verdictId})`);
      }
      if (pass.open.length === 0) continue;
      const isGround = paths.some(
        ({ ref, health }) =>
          ref.end.kind === 'trunk' && edgeEvidence(ref.end.provider, health, pass.open).verdictId !== undefined,
      );
      if (isGround) verdictGrounds += 1;
    }
  }
  const attempts = paths.length * days * 86_400;
  return {
    days,
    paths: paths.length,
    attempts,
    named: [...named],
    suspected: suspected.size,
    verdictGrounds,
    hardDowns,
  };
}

/** Seconds of one block at which paths lose their attempt; a run that reaches the end of the block ends there. */
function drawBlock(pathCount: number, chain: LossChain, random: Random): ReadonlyMap<number, readonly number[]> {
  const lossesAt = new Map<number, number[]>();
  for (let path = 0; path < pathCount; path += 1) {
    let second = attemptsUntil(chain.afterAnswer, random);
    while (second < BLOCK_S) {
      const runEnd = second + 1 + attemptsUntil(1 - chain.afterLoss, random);
      for (; second < Math.min(runEnd, BLOCK_S); second += 1) {
        const known = lossesAt.get(second);
        if (known) known.push(path);
        else lossesAt.set(second, [path]);
      }
      second += 1 + attemptsUntil(chain.afterAnswer, random);
    }
  }
  return lossesAt;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A path that answers once a second but for the losses it is told; its counts are those of the last five minutes. */
class QuietPath {
  readonly ref: PathRef;
  readonly evidence: PathEvidence;
  readonly health: Writable<PathHealth>;
  #nowS = 0;
  #run = 0;
  #lossesS: number[] = [];
  #before: LossBeforeRun = NO_LOSS_SEEN;
  #countedS = 0;

  constructor(ref: PathRef) {
    this.ref = ref;
    this.health = { ...fixedEvidence(ref, { sent: 0, lost: 0 }).health };
    this.evidence = { health: this.health, countsSince: (sinceMs) => this.#countsSince(sinceMs) };
  }

  /** A second passes; the attempt is answered unless {@link lose} says otherwise. */
  answer(atS: number): void {
    this.#nowS = atS;
    this.health.consecutiveMisses = 0;
  }

  /** @returns true when this miss makes the path hard-down. */
  lose(atS: number): boolean {
    const isRun = this.#lossesS.at(-1) === atS - 1;
    if (!isRun) {
      this.#before = addToLoss(this.#before, atS - this.#countedS, this.#lossesS.length > 0 ? 1 : 0);
      this.#countedS = atS;
      this.health.missesNeeded = missesForHardDown(carefulLossRatio(this.#before));
    }
    this.#lossesS = [...this.#lossesS.filter((each) => each > atS - MEMORY_S), atS];
    this.#run = isRun ? this.#run + 1 : 1;
    this.health.consecutiveMisses = this.#run;
    this.health.lastAnsweredAtMs = (atS - this.#run) * 1000;
    return this.#run === this.health.missesNeeded;
  }

  #countsSince(sinceMs: number) {
    const fromS = Math.max(0, Math.ceil(sinceMs / 1000), this.#nowS - MEMORY_S + 1);
    const sent = this.#nowS - fromS + 1;
    let lost = 0;
    let lossRuns = 0;
    let beforeS = Number.NaN;
    for (const lossS of this.#lossesS) {
      if (lossS < fromS) continue;
      lost += 1;
      if (lossS !== beforeS + 1) lossRuns += 1;
      beforeS = lossS;
    }
    return { sent, lost, lossRuns };
  }
}
