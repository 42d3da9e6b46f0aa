import { wilsonInterval } from '../../../server/paths/wilson.ts';
import { KIND_ROWS } from './kind-rows.ts';
import { scoreKinds } from './kind-score.ts';
import type { Outcomes } from './window-score.ts';

/** What the rows of kinds measured, ours and the peers' apart. */
export type KindReport = {
  readonly metrics: Readonly<Record<string, number>>;
  readonly peers: Readonly<Record<string, number>>;
};

/** Rows of the small size. */
const SMOKE = new Set(['all kinds 5%', 'none, ICMP limited by a provider to 80%']);

/** Plays the rows that tell what each kind of evidence adds, tells their table to `say`, and gives the figures. */
export function reportKinds(
  { draws, isSmoke, seed }: { readonly draws: number; readonly isSmoke: boolean; readonly seed: number },
  say: (line: string) => void,
): KindReport {
  const metrics: Record<string, number> = {};
  const peers: Record<string, number> = {};
  for (const row of KIND_ROWS) {
    if (isSmoke && !SMOKE.has(row.name)) continue;
    const name = `kinds: ${row.name}`;
    const isFault = Object.keys(row.fault).length > 0;
    const score = scoreKinds(row, draws, seed);
    const { direction, ours, suspected } = score;
    const told = (outcomes: Outcomes) =>
      isFault
        ? `right ${share(outcomes.right, draws)} wrong ${share(outcomes.wrong, draws)}`
        : `false ${share(outcomes.wrong, draws)}`;
    const named = direction.right + direction.unknown + direction.wrong;
    const ways =
      row.isOneWay === true ? `  direction right ${direction.right} of ${named} named, wrong ${direction.wrong}` : '';
    say(
      `${name.padEnd(48)}  ${told(ours)} suspected ${share(suspected, draws)}  | oracle ${told(score.oracle)}  ` +
        `| tomography ${told(score.tomography)}  | threshold ${told(score.threshold)}${ways}`,
    );
    metrics[`${name} ${isFault ? 'wrong' : 'false'}`] = ours.wrong / draws;
    if (isFault) metrics[`${name} right`] = ours.right / draws;
    if (row.isOneWay === true) metrics[`${name} direction wrong`] = direction.wrong / draws;
    for (const peer of ['oracle', 'tomography', 'threshold'] as const) {
      peers[`${peer}: ${name} ${isFault ? 'right' : 'false'}`] =
        (isFault ? score[peer].right : score[peer].wrong) / draws;
    }
  }
  return { metrics, peers };
}

function share(count: number, draws: number): string {
  const { lowRatio, highRatio } = wilsonInterval({ sent: draws, lost: count });
  const [value, low, high] = [count / draws, lowRatio, highRatio].map((ratio) => (ratio * 100).toFixed(2));
  return `${value} [${low}, ${high}]`;
}
