import { sayCost } from '../correlate/cost-sentence.ts';
import type { PackVerdict } from './evidence-pack.ts';
import { bothTimes } from './plain-words.ts';

type Told = { readonly verdict: PackVerdict; readonly timeZone: string | undefined };

/** When the trouble began, as closely as it is known; undefined where only the opening is. */
export function beginning({
  firstLossAtEpochMs,
  sinceEpochMs,
  sinceHighEpochMs,
}: Pick<PackVerdict, 'firstLossAtEpochMs' | 'sinceEpochMs' | 'sinceHighEpochMs'>): number | undefined {
  if (sinceEpochMs !== undefined) return sinceEpochMs;
  if (sinceHighEpochMs === undefined) return firstLossAtEpochMs;
  return Math.min(sinceHighEpochMs, firstLossAtEpochMs ?? sinceHighEpochMs);
}

/** The time after "since": of the beginning, or before which it began. */
export function beginsAt(verdict: PackVerdict, timeZone: string | undefined): string {
  const atEpochMs = beginning(verdict) ?? verdict.openedAtEpochMs;
  const isOlder = verdict.sinceEpochMs === undefined && verdict.sinceHighEpochMs !== undefined;
  return `${isOlder ? 'before ' : ''}${bothTimes(atEpochMs, timeZone)}`;
}

/** Since when, with its interval; when it was judged, how often it came back, and whether it is over. */
export function sayBeginning({ timeZone, verdict }: Told): string {
  const { clearedAtEpochMs, mergedInto, openedAtEpochMs, reopenings = 0 } = verdict;
  const part = mergedInto === undefined ? '' : ` It has turned out to be a part of verdict ${mergedInto}.`;
  const end =
    clearedAtEpochMs === undefined
      ? 'it is still going on'
      : `judged over at ${bothTimes(clearedAtEpochMs, timeZone)}${mergedInto === undefined ? ', after a time of quiet' : ''}`;
  const times = reopenings === 1 ? 'once' : `${reopenings} times`;
  const again = reopenings === 0 ? '' : ` Within a day it had ended and come back ${times}.`;
  return `${began(verdict, timeZone)}Judged at ${bothTimes(openedAtEpochMs, timeZone)}; ${end}.${again}${part}`;
}

function began(verdict: PackVerdict, timeZone: string | undefined): string {
  const { firstLossAtEpochMs, sinceEpochMs, sinceHighEpochMs, sinceLowEpochMs } = verdict;
  const minute =
    firstLossAtEpochMs === undefined
      ? ''
      : `The first lossy minute on record began at ${bothTimes(firstLossAtEpochMs, timeZone)}. `;
  if (sinceHighEpochMs === undefined) return minute;
  const high = bothTimes(sinceHighEpochMs, timeZone);
  if (sinceEpochMs === undefined) {
    return `It began before ${high}: all that was counted until then was lossy already. ${minute}`;
  }
  const at = `It began at ${bothTimes(sinceEpochMs, timeZone)}`;
  return sinceLowEpochMs === undefined
    ? `${at}, with 95 % confidence before ${high}, and perhaps before anything that was counted. ${minute}`
    : `${at}, with 95 % confidence between ${bothTimes(sinceLowEpochMs, timeZone)} and ${high}. `;
}

/** What it touched and cost; nothing where no hub counted it. */
export function costSays({ verdict: { cost } }: Pick<Told, 'verdict'>): readonly string[] {
  if (!cost) return [];
  const { fromEpochMs: fromMs, newestAtEpochMs: _newest, noCalls, ...counts } = cost;
  const words = sayCost({
    ...counts,
    fromMs,
    ...(noCalls !== undefined && { noCalls: noCalls === 'no-trunk' ? noCalls : 'asterisk-not-reached' }),
  });
  return [`What it cost, on our side. ${words}`];
}
