import type { LivePath } from '../../../wire/live.ts';
import { formatMs, formatPercent, formatWindow } from './format.ts';

/** How urgent a thing looks; always shown with a glyph and a word too, never by colour alone. */
export type Tone = 'good' | 'warn' | 'bad' | 'unknown' | 'info' | 'quiet';

/** Sign of one path state. `rank` orders by urgency, 0 first. */
export type StateLook = {
  readonly glyph: string;
  readonly word: string;
  readonly tone: Tone;
  readonly rank: number;
  readonly meaning: string;
};

/** The signs of all path states. `unknown` and its kin never look good (safety rule 2). */
export const STATE_LOOKS: Readonly<Record<LivePath['state'], StateLook>> = {
  'hard-down': { glyph: '✕', word: 'hard-down', tone: 'bad', rank: 0, meaning: 'no answer, while others answer' },
  degraded: { glyph: '▲', word: 'degraded', tone: 'warn', rank: 1, meaning: 'answers, but loses or delays too much' },
  unknown: { glyph: '?', word: 'unknown', tone: 'unknown', rank: 2, meaning: 'no evidence: neither good nor bad' },
  'probe-blocked': {
    glyph: '⊘',
    word: 'probe-blocked',
    tone: 'info',
    rank: 3,
    meaning: 'silent to OPTIONS while calls succeed',
  },
  unmeasurable: { glyph: '–', word: 'unmeasurable', tone: 'unknown', rank: 4, meaning: 'never answered an OPTIONS' },
  healthy: { glyph: '✓', word: 'healthy', tone: 'good', rank: 5, meaning: 'answers within bounds' },
};

/** Look of a state; a state this page does not know (a newer hub) looks unknown and keeps its name. */
export function stateLook(state: LivePath['state']): StateLook {
  const look: StateLook | undefined = STATE_LOOKS[state];
  return look ?? { ...STATE_LOOKS.unknown, word: state };
}

/** Loss as a short figure for a cell; `–` when nothing was sent. */
export function lossFigure(path: LivePath): string {
  return path.sent > 0 ? formatPercent(path.lost / path.sent) : '–';
}

/** Median round trip as a short figure for a cell; `–` when nothing was answered. */
export function rttFigure(path: LivePath): string {
  return path.rttP50Ms !== undefined && path.rttN > 0 ? formatMs(path.rttP50Ms) : '–';
}

/** Loss with its n, interval and window: the long form behind {@link lossFigure}. */
export function lossInFull(path: LivePath): string {
  if (path.sent === 0) return `no SIP OPTIONS asked in the last ${formatWindow(path.windowMs)}`;
  const interval = `${formatPercent(path.lossLowRatio)} to ${formatPercent(path.lossHighRatio)}`;
  return `${lossFigure(path)} (${path.lost} of ${path.sent} SIP OPTIONS lost in ${formatWindow(path.windowMs)}; interval ${interval})`;
}

/** Round trip with its quantiles, n and window: the long form behind {@link rttFigure}. */
export function rttInFull(path: LivePath): string {
  if (path.rttP50Ms === undefined || path.rttN === 0)
    return `no SIP OPTIONS answered in the last ${formatWindow(path.windowMs)}`;
  const p95 = path.rttP95Ms === undefined ? '' : `, p95 ${formatMs(path.rttP95Ms)}`;
  return `p50 ${formatMs(path.rttP50Ms)}${p95} (n ${path.rttN} SIP OPTIONS answered in ${formatWindow(path.windowMs)})`;
}

/** One line that says all of a cell in words: read out by screen readers and shown as its title. */
export function describePath(path: LivePath): string {
  const { word } = stateLook(path.state);
  const via = path.provider === undefined ? '' : ` of ${path.provider}`;
  return `${path.pbx} to ${path.target}${via}: ${word}. Loss ${lossInFull(path)}. Round trip ${rttInFull(path)}. ${path.reason}`;
}
