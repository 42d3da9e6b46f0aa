import { dispersion, type SpreadCount } from '../../paths/quality/spread-loss.ts';
import type { LossCounts } from '../../paths/second-counts.ts';
import { KIND_MODELS, type OtherKind } from './evidence-kinds.ts';
import type { PathKindCount } from './kind-events.ts';

/** Packets of a stream that count as one trial: those of one second of speech. */
const PACKETS_A_TRIAL = 50;

/**
 * Overdispersion of media before it was measured: packets of one stream meet the same full queue. Counts as so many degrees of
 * freedom beside the intervals of the path itself.
 */
const USUAL_DISPERSION = 4;
const USUAL_FREEDOM = 2;

/** Echoes or calls of one path: a run of losses is one event, and what follows a success is a trial. */
export function weighedRuns(kind: OtherKind, { lossRuns, lost, sent }: LossCounts): PathKindCount {
  const { weight } = KIND_MODELS[kind];
  const events = lost > 0 ? Math.max(1, lossRuns) : 0;
  return { events: events * weight, trials: Math.max(sent - lost, events) * weight, sent, lost };
}

/**
 * Packets of one direction of one stream, or of the calls of one PBX at a trunk. A second of a stream is one trial, however many
 * packets it has, for they meet the same moment of the same queue. Runs of losses are counted where they are told, else lost
 * packets, over the dispersion that the path's own intervals show.
 */
export function weighedMedia(kind: OtherKind, count: SpreadCount): PathKindCount {
  const { weight } = KIND_MODELS[kind];
  const { lossRuns, lost, sent } = count;
  const independent = lost / fittedDispersion(count);
  const events = lossRuns === undefined ? independent : Math.min(lossRuns, independent);
  const scale = weight / PACKETS_A_TRIAL;
  return { events: events * scale, trials: (sent - lost + events) * scale, sent, lost };
}

function fittedDispersion(count: SpreadCount): number {
  const freedom = count.intervals < 3 ? 0 : count.intervals - 1;
  return (freedom * dispersion(count) + USUAL_FREEDOM * USUAL_DISPERSION) / (freedom + USUAL_FREEDOM);
}

/** A share of a count, for one of several edges that it may belong to. */
export function shareOf({ events, lost, sent, trials }: PathKindCount, ratio: number): PathKindCount {
  return { events: events * ratio, trials: trials * ratio, sent: sent * ratio, lost: lost * ratio };
}
