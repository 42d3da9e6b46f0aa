import { placeKey } from '../../../server/correlate/places.ts';
import { RttFleet } from '../../server/correlate/latency/rtt-simulation.ts';
import { fleetRefs } from '../../server/correlate/loss-simulation.ts';
import { seeded } from '../../support/seeded.ts';
import { RttBursts } from './rtt-bursts.ts';

/** What was said in days on which nothing was wrong. */
export type QuietLatency = {
  readonly paths: number;
  readonly samples: number;
  readonly bursts: number;
  readonly named: readonly string[];
  readonly suspected: number;
  /** Alarms of the rule that judges each path by itself: the mean of a minute 10 ms above that of the hour before. */
  readonly thresholdAlarms: number;
};

/** Each path is slower by a tide of so much in the course of a day. */
const TIDE_MS = 8;
/** And by bursts of its own. */
const BURSTS = { everyS: 7200, meanS: 15 };

/**
 * Plays days without a fault at 3×4 with a mesh: a tide over the day, bursts on single paths, a queue with a long tail on each. Both
 * directions between two PBXs share one burst.
 */
export function playQuietLatency(days: number, seed: number): QuietLatency {
  const refs = fleetRefs({ sites: 3, providers: 4, hasMesh: true });
  const random = seeded(seed);
  const fleet = new RttFleet(refs, random);
  const bursts = new RttBursts(refs, BURSTS, random);
  const phase = new Map(bursts.ways.map((way) => [way, random() * 2 * Math.PI]));
  const named = new Map<string, string>();
  const suspected = new Set<string>();
  const rule = new MinuteRule(refs.length);
  const lengthS = Math.round(days * 86_400);
  for (let atS = 0; atS < lengthS; atS += 1) {
    bursts.second(atS);
    const tide = 2 * Math.PI * (atS / 86_400);
    fleet.second((_, index) => {
      const tideMs = (TIDE_MS / 2) * (1 + Math.sin(tide + (phase.get(bursts.wayOf(index)) ?? 0)));
      return tideMs + bursts.addedMs(index, atS);
    });
    rule.second(fleet.latest);
    for (const { certainty, place, verdictId } of fleet.pass().open) {
      if (certainty === 'suspect') suspected.add(verdictId);
      else named.set(verdictId, placeKey(place));
    }
  }
  return {
    paths: refs.length,
    samples: refs.length * lengthS,
    bursts: bursts.count,
    named: [...named.values()],
    suspected: suspected.size,
    thresholdAlarms: rule.alarms,
  };
}

/** Raises an alarm for each minute in which the mean of a path lies 10 ms above that of the hour before. */
class MinuteRule {
  readonly #sums: Float64Array;
  readonly #hours: (number[] | undefined)[];
  #seconds = 0;
  alarms = 0;

  constructor(paths: number) {
    this.#sums = new Float64Array(paths);
    this.#hours = Array.from({ length: paths });
  }

  second(latest: readonly number[]): void {
    latest.forEach((rttMs, index) => {
      this.#sums[index] = (this.#sums[index] ?? 0) + rttMs;
    });
    this.#seconds += 1;
    if (this.#seconds < 60) return;
    this.#seconds = 0;
    this.#sums.forEach((sum, index) => {
      const minuteMs = sum / 60;
      const hour = this.#hours[index] ?? [];
      const hourMs = hour.reduce((total, each) => total + each, 0) / Math.max(1, hour.length);
      if (hour.length > 0 && minuteMs > hourMs + 10) this.alarms += 1;
      this.#hours[index] = [...hour.slice(-59), minuteMs];
      this.#sums[index] = 0;
    });
  }
}
