import type { PackDirection, PackSeries } from './evidence-pack.ts';
import type { PackInput } from './pack-input.ts';
import type { VerdictTime } from './pack-series.ts';
import { zoneTime } from './zone-time.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What was made of the input so far. */
export type Made = {
  readonly series: readonly PackSeries[];
  readonly directions: readonly PackDirection[];
  readonly time: VerdictTime;
  readonly hasControl: boolean;
  /** Paths that a look counts and does not list. */
  readonly unlisted: number;
};

/** Says what the pack does not hold, and why: silence would read as "nothing was there". */
export function packMissing(input: PackInput, made: Made): readonly string[] {
  return [
    ...openEnd(input),
    ...controlGroup(input, made),
    ...figuresOverTime(input, made),
    ...oneWay(made),
    ...records(input),
  ];
}

function openEnd({ madeAtEpochMs, verdict }: PackInput): readonly string[] {
  return verdict.clearedAtMs === undefined
    ? [`The verdict is still open: this is what was known at ${zoneTime(madeAtEpochMs)}.`]
    : [];
}

function controlGroup({ contexts }: PackInput, { hasControl, unlisted }: Made): readonly string[] {
  if (contexts.length === 0) return ['No counts of single paths were kept with this verdict.'];
  const none = hasControl
    ? []
    : ['No control group was kept: no other path gave figures, or the verdict is of a hub that did not keep them yet.'];
  return unlisted > 0 ? [...none, `${unlisted} further paths are in the totals and are not listed one by one.`] : none;
}

function figuresOverTime({ kept, madeAtEpochMs, span, verdict }: PackInput, { series, time }: Made): readonly string[] {
  const found: string[] = [];
  if (span.minutesToEpochMs < span.toEpochMs) {
    found.push(
      `The verdict lasted long: it is followed by the minute up to ${zoneTime(span.minutesToEpochMs)} and by the quarter of an hour from there.`,
    );
  }
  if (time.endEpochMs > span.toEpochMs) found.push(`Nothing after ${zoneTime(span.toEpochMs)} is in this pack.`);
  if (verdict.openedAtMs < madeAtEpochMs - kept.minutesMs) {
    const days = Math.round(kept.minutesMs / DAY_MS);
    found.push(
      `Figures by the minute are kept for ${days} days and are gone, in whole or in part: quarters of an hour speak instead, as far as they are kept.`,
    );
  }
  const inside = series.filter(({ role }) => role === 'inside');
  if (inside.length === 0) {
    found.push('No figures over time were kept of the paths of this verdict.');
    return found;
  }
  const fromMs = Math.ceil(time.openedAtEpochMs / MINUTE_MS) * MINUTE_MS;
  const toMs = Math.floor(Math.min(time.endEpochMs, span.toEpochMs) / MINUTE_MS) * MINUTE_MS;
  const whole = Math.max(0, Math.round((toMs - fromMs) / MINUTE_MS));
  const spans = inside.flatMap((each) => each.spans);
  let empty = 0;
  for (let atMs = fromMs; atMs < toMs; atMs += MINUTE_MS) {
    if (!spans.some(({ lengthMs, startEpochMs }) => startEpochMs <= atMs && startEpochMs + lengthMs > atMs)) empty += 1;
  }
  if (empty > 0) {
    found.push(
      `${empty} of the ${whole} whole minutes of the verdict have no figures (hub or probes were away, or nothing was sent): they are unknown, neither good nor bad.`,
    );
  }
  return found;
}

function oneWay({ directions }: Made): readonly string[] {
  return directions.some(({ role, sent }) => role === 'inside' && sent > 0)
    ? []
    : [
        'No evidence of single directions (RTP between sites, RTCP of calls) was there for these paths in this time: direction unknown.',
      ];
}

function records(input: PackInput): readonly string[] {
  const { calls, isCallsCut, isJournalCut, kept, madeAtEpochMs, numbers, traces, verdict } = input;
  const ageMs = madeAtEpochMs - verdict.openedAtMs;
  const eventsDays = Math.round(kept.eventsMs / DAY_MS);
  const gone = ageMs > kept.eventsMs ? `: they are kept for ${eventsDays} days and are gone` : '';
  return [
    ...(isJournalCut ? ['The journal of this time is longer than is read here: its beginning is shown.'] : []),
    ...(ageMs > kept.journalMs ? ['The journal of this time is older than it is kept.'] : []),
    ...(traces.length === 0 ? [`No trace of the way belongs to this verdict${gone}.`] : []),
    ...(calls.length === 0 ? [`No call at the trunks of this verdict ended in this time${gone}.`] : []),
    ...(isCallsCut ? ['More calls ended in this time than are shown: failed ones first, then the newest.'] : []),
    'The Call-ID of SIP is not kept. Calls are named as Asterisk names them; by the times and the trunk a provider finds them in its own records.',
    ...(numbers === 'masked' ? ['Telephone numbers, where a text held one, are masked.'] : []),
  ];
}
