import { wilsonInterval } from '../../../server/paths/wilson.ts';
import { playQuietLatency } from './latency-days.ts';
import { LATENCY_ROWS, scoreLatency } from './latency-score.ts';
import { quantile } from './time-score.ts';

const DRAWS = 10_000;
const SMOKE_DRAWS = 60;
const DAYS = 30;
const SMOKE_DAYS = 0.05;

/** Figures of the latency rows by name, ours and those of the rule that judges each path by itself. */
export type LatencyReport = {
  readonly metrics: Readonly<Record<string, number>>;
  readonly peers: Readonly<Record<string, number>>;
};

/** Plays the rows of latency and the days without a fault, and tells each as a line. */
export function reportLatency(isSmoke: boolean, seed: number, say: (line: string) => void): LatencyReport {
  const draws = isSmoke ? SMOKE_DRAWS : DRAWS;
  const metrics: Record<string, number> = {};
  const peers: Record<string, number> = {};
  for (const row of LATENCY_ROWS.filter((each) => each.isSmoke || !isSmoke)) {
    const { missed, right, secondsOf, threshold, wrong } = scoreLatency(row, draws, seed);
    const times = [...secondsOf].map(([kind, seconds]) => {
      metrics[`${row.name} median seconds to ${kind}`] = quantile(seconds, 0.5);
      return `${kind} after ${quantile(seconds, 0.5)} s, 95 % within ${quantile(seconds, 0.95)} s`;
    });
    say(
      `${row.name.padEnd(52)}  right ${share(right, draws)} wrong ${share(wrong, draws)} not in 600 s ${share(missed, draws)}` +
        `  | threshold right ${share(threshold.right, draws)} wrong ${share(threshold.wrong, draws)}` +
        (times.length > 0 ? `  | ${times.join('; ')}` : ''),
    );
    metrics[`${row.name} right`] = right / draws;
    metrics[`${row.name} wrong`] = wrong / draws;
    peers[`threshold: ${row.name} right`] = threshold.right / draws;
    peers[`threshold: ${row.name} wrong`] = threshold.wrong / draws;
  }
  const days = isSmoke ? SMOKE_DAYS : DAYS;
  const quiet = playQuietLatency(days, seed);
  say(
    `latency ${days} quiet days`.padEnd(52) +
      `  ${quiet.paths} paths at 1/s, ${quiet.samples} round trips, a tide of 8 ms, ${quiet.bursts} bursts: ` +
      `${quiet.named.length} named verdicts${quiet.named.length > 0 ? ` (${quiet.named.join(', ')})` : ''}, ` +
      `${quiet.suspected} suspicions  | threshold ${quiet.thresholdAlarms} alarms`,
  );
  if (!isSmoke) {
    metrics[`latency ${days} quiet days named verdicts`] = quiet.named.length;
    peers[`threshold: latency ${days} quiet days alarms`] = quiet.thresholdAlarms;
  }
  return { metrics, peers };
}

function share(count: number, draws: number): string {
  const { highRatio, lowRatio } = wilsonInterval({ sent: draws, lost: count });
  const [value, low, high] = [count / draws, lowRatio, highRatio].map((ratio) => (ratio * 100).toFixed(2));
  return `${value} [${low}, ${high}]`;
}
