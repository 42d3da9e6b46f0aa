/** A target that answered, with the probe's monotonic time at which the answered request was sent. */
type TargetAnswer = { readonly target: string; readonly sentAtMs: number };

/**
 * The latest answers of one PBX, enough to say when a target *other* than a given one last answered: the latest of all,
 * and the latest of a second target.
 */
export type LatestAnswers = { readonly first: TargetAnswer | undefined; readonly second: TargetAnswer | undefined };

/** Nothing has answered since the probe's instance began. */
export const NO_ANSWERS: LatestAnswers = { first: undefined, second: undefined };

/** Folds one answered request (OPTIONS or ICMP) of a target. */
export function addAnswer(latest: LatestAnswers, target: string, sentAtMs: number): LatestAnswers {
  const { first, second } = latest;
  const answer = { target, sentAtMs };
  if (!first) return { first: answer, second };
  if (first.target === target) return { first: sentAtMs > first.sentAtMs ? answer : first, second };
  if (sentAtMs >= first.sentAtMs) return { first: answer, second: first };
  const isLater = !second || second.target === target || sentAtMs > second.sentAtMs;
  return isLater ? { first, second: later(second, answer) } : latest;
}

/** When a target other than `target` last answered, by the time of sending on the probe's clock; undefined if none did. */
export function otherAnsweredSentAtMs(latest: LatestAnswers, target: string): number | undefined {
  return latest.first?.target === target ? latest.second?.sentAtMs : latest.first?.sentAtMs;
}

function later(held: TargetAnswer | undefined, answer: TargetAnswer): TargetAnswer {
  return held && held.sentAtMs > answer.sentAtMs ? held : answer;
}
