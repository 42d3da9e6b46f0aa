import type { Mode } from '../../wire/plan.ts';
import { describePlace } from '../correlate/places.ts';
import type { Verdict } from '../correlate/verdict.ts';
import type { TrunkTier } from './trunk-tier.ts';

/** Longest sentence, in characters: what a reason on the wire may hold. */
export const MAX_SENTENCE = 500;

/** A flip as it is told: what moves, on what evidence, and who ordered it (safety rule 7). */
export type FlipStory = {
  readonly pbx: string;
  readonly class: string;
  readonly mode: Mode;
  readonly from: TrunkTier;
  readonly to: TrunkTier;
  /** The verdict that condemned `from`, when one did. */
  readonly verdict: Verdict | undefined;
  readonly isPanic: boolean;
  /** `planner`, or a person's token name. */
  readonly orderedBy: string;
  /** What the person who pinned a trunk said. */
  readonly orderReason?: string | undefined;
};

/**
 * Tells a flip in one plain sentence: route, trunks, evidence with its counts, posterior and runner-up, who ordered it.
 * Long evidence is cut so that every part is there within {@link MAX_SENTENCE} characters.
 */
export function flipSentence(story: FlipStory): string {
  const { from, to, verdict } = story;
  const verb = story.mode === 'enforce' ? 'moves' : 'would move (observe mode, nothing changed)';
  const head = `${story.class} on ${story.pbx} ${verb} from ${from.trunk} to ${to.trunk}, ordered by ${story.orderedBy}`;
  const panic = story.isPanic ? ' PANIC: no trunk is left that is not bad.' : '';
  const posterior = verdict ? ` ${verdictClause(verdict)}.` : '';
  const order = story.orderReason === undefined ? '' : ` ${story.orderReason}`;
  const tail = `${posterior}${order === '' ? panic : order}`;
  const room = Math.max(40, Math.floor((MAX_SENTENCE - head.length - tail.length - 20) / 2));
  const grounds = [from, to].map(({ trunk, tier, reason }) => clipped(`${trunk} is ${tier}: ${reason}`, room));
  return clipped(`${head}: ${grounds.map(unstopped).join('; ')}.${tail}`, MAX_SENTENCE);
}

/** Cuts a text to so many characters, with an ellipsis where something is missing. */
export function clipped(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

function verdictClause({ certainty, place, group, posterior, runnerUp, witnesses, verdictId }: Verdict): string {
  const places = certainty === 'ambiguous' ? group.map(describePlace).join(' or ') : describePlace(place);
  const second = runnerUp ? `${describePlace(runnerUp.place)} at ${runnerUp.posterior.toFixed(3)}` : 'none';
  return `Verdict ${verdictId}: ${places} at posterior ${posterior.toFixed(3)}, runner-up ${second}, ${witnesses.length} witnesses`;
}

function unstopped(text: string): string {
  return text.replace(/\.+$/, '');
}
