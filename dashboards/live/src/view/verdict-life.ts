import type { LiveVerdict } from '../../../../wire/live.ts';
import { plural } from '../format.ts';
import { type Child, h } from './dom.ts';
import { clock } from './pieces.ts';

/** When the trouble began, as the hub tells it: a time, "before" one, or that nothing tells. */
export function began({ sinceEpochMs, sinceHighEpochMs }: LiveVerdict, nowEpochMs: number): readonly Child[] {
  if (sinceEpochMs !== undefined) return [clock(sinceEpochMs, nowEpochMs)];
  return sinceHighEpochMs === undefined ? ['at an unknown time'] : ['before ', clock(sinceHighEpochMs, nowEpochMs)];
}

/** The interval that holds the beginning with 95 %; undefined where none is told. */
export function beganBetween(verdict: LiveVerdict, nowEpochMs: number): HTMLElement | undefined {
  const { sinceEpochMs, sinceHighEpochMs, sinceLowEpochMs } = verdict;
  if (sinceHighEpochMs === undefined || sinceEpochMs === undefined) return undefined;
  const high = clock(sinceHighEpochMs, nowEpochMs);
  return sinceLowEpochMs === undefined
    ? h('span', {}, 'at ', high, ' at the latest, perhaps before anything remembered (95 %)')
    : h('span', {}, 'between ', clock(sinceLowEpochMs, nowEpochMs), ' and ', high, ' (95 %)');
}

/** `never`, `once`, `3 times`. */
export function timesReopened(reopenings: number): string {
  return reopenings === 0 ? 'never' : reopenings === 1 ? 'once' : plural(reopenings, 'time');
}
