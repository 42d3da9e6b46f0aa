import type { LiveHub, LiveVerdict } from '../../../wire/live.ts';
import { formatPercent, plural } from './format.ts';
import type { Tone } from './path-look.ts';
import { isFault, type Tally } from './tally.ts';

/** The state of the fleet in words: what is wrong first, then what was done and what else holds. */
export type FleetSentence = {
  readonly tone: Tone;
  readonly headline: string;
  /** Short sentences, most urgent first; may be empty. */
  readonly clauses: readonly string[];
};

/** Says the state of the fleet. Never calm while something is unknown (safety rule 2). */
export function fleetSentence(hub: LiveHub | undefined, tally: Tally, isRoutingStopped = false): FleetSentence {
  if (hub === undefined) return { tone: 'unknown', headline: 'Waiting for the first word of the hub.', clauses: [] };
  const { tone, headline } = judge(tally);
  const clauses = [
    ...switches(hub, isRoutingStopped),
    ...actions(hub.isStopped || isRoutingStopped, tally),
    ...instruments(tally),
  ];
  return { tone: tone === 'good' && clauses.length > 0 ? 'info' : tone, headline, clauses };
}

/** What may be said once the hub is silent: that nothing is known now, and what was known last. */
export function staleSentence(last: FleetSentence, lastClock: string): FleetSentence {
  return {
    tone: 'unknown',
    headline: 'Nothing is known now: the hub is silent.',
    clauses: [`Last known at ${lastClock}: ${last.headline}`],
  };
}

/** Writes where the hub places a fault: `Provider telco-a`, or all places of a group that it cannot tell apart. */
export function placeInWords(verdict: LiveVerdict): string {
  const places = verdict.certainty !== 'named' && verdict.group.length > 1 ? verdict.group : [verdict.place];
  const text = places.join(' or ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function judge(tally: Tally): { readonly tone: Tone; readonly headline: string } {
  const faults = tally.openVerdicts.filter(isFault);
  const [first, ...others] = faults;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` ${plural(others.length, 'more verdict')} open.`;
    return { tone: first.certainty === 'named' ? 'bad' : 'warn', headline: `${faultInWords(first)}${more}` };
  }
  const { paths, pathTotal } = tally;
  if (paths['hard-down'] + paths.degraded > 0) {
    const bad = [
      ...(paths['hard-down'] > 0 ? [`${plural(paths['hard-down'], 'path')} hard-down`] : []),
      ...(paths.degraded > 0 ? [`${plural(paths.degraded, 'path')} degraded`] : []),
    ];
    return { tone: 'warn', headline: `${bad.join(', ')}; no verdict on whose fault yet.` };
  }
  if (pathTotal === 0) return { tone: 'unknown', headline: 'No path is measured yet.' };
  if (paths.unknown === pathTotal) {
    return { tone: 'unknown', headline: `Nothing is known: all ${plural(pathTotal, 'path')} are without evidence.` };
  }
  if (paths.unknown > 0) {
    const headline = `No fault is seen, but ${paths.unknown} of ${plural(pathTotal, 'path')} are unknown.`;
    return { tone: 'unknown', headline };
  }
  return calm(tally);
}

function faultInWords(verdict: LiveVerdict): string {
  const place = placeInWords(verdict);
  const sure = formatPercent(verdict.posterior);
  switch (verdict.certainty) {
    case 'named':
      return `${place} is at fault (${sure} sure).`;
    case 'ambiguous':
      return `${place} is at fault (${sure} sure together); the evidence cannot tell them apart.`;
    case 'suspect':
      return `${place} is suspected (${sure}), not proven.`;
    default:
      return verdict.certainty satisfies never;
  }
}

function calm({ paths, pathTotal }: Tally): { readonly tone: Tone; readonly headline: string } {
  const blind = [
    ...(paths['probe-blocked'] > 0 ? [`${paths['probe-blocked']} probe-blocked`] : []),
    ...(paths.unmeasurable > 0 ? [`${paths.unmeasurable} unmeasurable`] : []),
  ];
  if (blind.length === 0) {
    const all = pathTotal === 1 ? 'The only path is' : `All ${plural(pathTotal, 'path')} are`;
    return { tone: 'good', headline: `${all} healthy.` };
  }
  const headline = `No fault is seen: ${paths.healthy} of ${plural(pathTotal, 'path')} healthy, ${blind.join(', ')}.`;
  return { tone: 'info', headline };
}

function switches(hub: LiveHub, isRoutingStopped: boolean): readonly string[] {
  return [
    ...(hub.isStopped ? ['The stop switch is on: nothing is changed anywhere.'] : []),
    ...(isRoutingStopped && !hub.isStopped ? ['Routing is stopped: the hub changes no route.'] : []),
    ...(hub.isJournalWritable ? [] : ['The journal cannot be written: only moves off hard-down trunks go on.']),
  ];
}

function actions(isStopped: boolean, { routes }: Tally): readonly string[] {
  const why = isStopped ? 'stop switch' : 'observe';
  return [
    ...(routes.pending > 0 ? [`${plural(routes.pending, 'route')} ordered but not applied yet.`] : []),
    ...(routes.moved > 0 ? [`${plural(routes.moved, 'route')} moved to another first trunk.`] : []),
    ...(routes.proposed > 0
      ? [`${plural(routes.proposed, 'route change')} only proposed (${why}): nothing was changed there.`]
      : []),
  ];
}

function instruments({ probes, probeTotal, sickProbes }: Tally): readonly string[] {
  return [
    ...(probes.silent > 0 ? [`${probes.silent} of ${plural(probeTotal, 'probe')} silent.`] : []),
    ...(probes['never-seen'] > 0 ? [`${plural(probes['never-seen'], 'probe')} never seen.`] : []),
    ...(sickProbes > 0 ? [`${plural(sickProbes, 'probe')} out of order and abstaining.`] : []),
  ];
}
