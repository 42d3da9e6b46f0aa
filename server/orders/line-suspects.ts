import { describePlace } from '../correlate/places.ts';
import type { Verdict } from '../correlate/verdict.ts';
import type { PathHealth } from '../paths/path-health.ts';
import { lineName } from './line-pairs.ts';

/**
 * Lines that some evidence is against, with it in words: an open verdict of loss, latency or media that names the line between two
 * sites or a path to a peer, or a path to a peer that loses. A line that is full shows in all three. A path where nothing passes is left out, for there is no rate to be told.
 */
export function lineSuspects(
  healths: readonly PathHealth[],
  openVerdicts: readonly Verdict[],
): ReadonlyMap<string, string> {
  const suspects = new Map<string, string>();
  const lineOf = new Map<string, string>();
  for (const { inheritedFrom, isAbstaining, ref, state } of healths) {
    if (ref.end.kind !== 'peer' || ref.end.site === ref.site || state === 'hard-down') continue;
    const line = lineName(ref.site, ref.end.site);
    lineOf.set(ref.key, line);
    if (state !== 'degraded' || isAbstaining || inheritedFrom !== undefined || suspects.has(line)) continue;
    suspects.set(line, `path ${ref.pbx} to ${ref.target} is degraded`);
  }
  for (const { certainty, group, place, symptom } of openVerdicts) {
    if (symptom === 'probe-blocked' || symptom === 'unmeasurable') continue;
    for (const each of [place, ...group]) {
      const lines =
        each.kind === 'line'
          ? [lineName(...each.sites)]
          : each.kind === 'path'
            ? [lineOf.get(`${each.pbx}>${each.target}`)]
            : [];
      for (const line of lines) {
        if (line !== undefined) suspects.set(line, `a verdict of ${symptom} at ${describePlace(each)}, ${certainty}`);
      }
    }
  }
  return suspects;
}
