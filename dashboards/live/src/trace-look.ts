import type { ShownHop, ShownTrace } from '../../../wire/traces.ts';
import { formatMs, formatPercent } from './format.ts';
import type { Tone } from './path-look.ts';

/** Sign of what a trace says. Only loss that lasts to the target looks bad. */
export function traceLook({ outcome }: ShownTrace): {
  readonly glyph: string;
  readonly word: string;
  readonly tone: Tone;
} {
  const looks: Readonly<Record<ShownTrace['outcome'], { glyph: string; word: string; tone: Tone }>> = {
    blamed: { glyph: '✕', word: 'loss is placed', tone: 'bad' },
    unplaced: { glyph: '▲', word: 'loss, not placed', tone: 'warn' },
    'no-loss': { glyph: '✓', word: 'no loss', tone: 'good' },
    'not-reached': { glyph: '?', word: 'target did not answer', tone: 'unknown' },
    failed: { glyph: '–', word: 'not made', tone: 'unknown' },
  };
  const known: ReturnType<typeof traceLook> | undefined = looks[outcome];
  return known ?? { glyph: '?', word: outcome, tone: 'unknown' };
}

/** Loss of a hop with its interval; `–` where nothing was sent. */
export function hopLoss({ highRatio, lost, lowRatio, sent }: ShownHop): string {
  if (sent === 0) return '–';
  const interval =
    lowRatio === undefined || highRatio === undefined
      ? ''
      : ` (${formatPercent(lowRatio)} to ${formatPercent(highRatio)})`;
  return `${lost}, ${formatPercent(lost / sent)}${interval}`;
}

/** Round trips of a hop: best, mean, worst; `–` for a hop that never answered. */
export function hopRtts({ averageMs, bestMs, worstMs }: ShownHop): readonly [string, string, string] {
  return [shown(bestMs), shown(averageMs), shown(worstMs)];
}

function shown(rttMs: number | undefined): string {
  return rttMs === undefined ? '–' : formatMs(rttMs);
}
