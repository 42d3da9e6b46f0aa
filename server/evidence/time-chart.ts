import type { PackSpan } from './evidence-pack.ts';
import { type Markup, markup } from './markup.ts';
import { zoneClock } from './zone-time.ts';

const WIDTH = 720;
const HEIGHT = 210;
const LEFT = 60;
const RIGHT = 24;
const TOP = 14;
const BOTTOM = 40;
const MINUTE_MS = 60_000;
const TICK_MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720] as const;
const MAX_TICKS = 8;

/** One line of a chart: its spans, each with a value, and the band around it. */
export type ChartLine = {
  readonly look: 'inside' | 'control';
  readonly spans: readonly PackSpan[];
  /** Undefined where the span says nothing: the line has a gap there. */
  readonly value: (span: PackSpan) => number | undefined;
  readonly band: (span: PackSpan) => readonly [number, number] | undefined;
};

/** What a chart shows. */
export type Chart = {
  /** For those who cannot see it. */
  readonly title: string;
  readonly lines: readonly ChartLine[];
  /** Highest value of the axis, and how a value reads. */
  readonly top: number;
  readonly unit: (value: number) => string;
  /** Time of the verdict, shaded. */
  readonly openedAtEpochMs: number;
  readonly endEpochMs: number;
  readonly timeZone: string | undefined;
};

/** Time that a chart runs over. */
type Frame = { readonly fromMs: number; readonly toMs: number; readonly top: number };

/** A chart over time as SVG, drawn with attributes alone: no style, script or outside resource. Empty without any span. */
export function timeChart(chart: Chart): Markup {
  const spans = chart.lines.flatMap((line) => line.spans);
  if (spans.length === 0) return markup`<p class="empty">Nothing was kept to draw.</p>`;
  const fromMs = Math.min(...spans.map(({ startEpochMs }) => startEpochMs));
  const toMs = Math.max(...spans.map(({ lengthMs, startEpochMs }) => startEpochMs + lengthMs));
  const frame = { fromMs, toMs, top: chart.top };
  const clampMs = (atMs: number) => Math.min(toMs, Math.max(fromMs, atMs));
  const [openX, endX] = [x(frame, clampMs(chart.openedAtEpochMs)), x(frame, clampMs(chart.endEpochMs))];
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${chart.title}">
<title>${chart.title}</title>
<rect class="time-of-verdict" x="${openX}" y="${TOP}" width="${round(Math.max(1, endX - openX))}" height="${HEIGHT - TOP - BOTTOM}"/>
${levels(frame, chart.unit)}${hours(frame, chart.timeZone)}
${chart.lines.map((line) => drawn(line, frame))}
</svg>`;
}

/** Least of a row of round numbers that is not below `value`. */
export function roundTop(value: number, steps: readonly number[]): number {
  return steps.find((step) => step >= value) ?? steps.at(-1) ?? value;
}

function drawn({ band, look, spans, value }: ChartLine, frame: Frame): Markup {
  const bands = spans.flatMap((span) => {
    const found = band(span);
    if (!found) return [];
    const [low, high] = found;
    const highY = y(frame, high);
    const height = round(Math.max(0.5, y(frame, low) - highY));
    const [left, right] = ends(span, frame);
    return [
      markup`<rect class="band ${look}" x="${left}" y="${highY}" width="${round(right - left)}" height="${height}"/>`,
    ];
  });
  const steps = spans.flatMap((span) => {
    const found = value(span);
    if (found === undefined) return [];
    const [left, right] = ends(span, frame);
    return [`M${left} ${y(frame, found)}H${right}`];
  });
  return markup`<g>${bands}<path class="line ${look}" d="${steps.join('')}"/></g>`;
}

function ends({ lengthMs, startEpochMs }: PackSpan, frame: Frame): readonly [number, number] {
  return [x(frame, startEpochMs), x(frame, startEpochMs + lengthMs)];
}

function levels(frame: Frame, unit: (value: number) => string): Markup {
  const lines = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = y(frame, part * frame.top);
    return markup`<path class="grid" d="M${LEFT} ${at}H${WIDTH - RIGHT}"/><text x="${LEFT - 6}" y="${round(at + 4)}" text-anchor="end">${unit(part * frame.top)}</text>`;
  });
  return markup`<g>${lines}</g>`;
}

function hours(frame: Frame, timeZone: string | undefined): Markup {
  const minutes = (frame.toMs - frame.fromMs) / MINUTE_MS;
  const stepMs = roundTop(minutes / MAX_TICKS, TICK_MINUTES) * MINUTE_MS;
  const ticks: Markup[] = [];
  const foot = HEIGHT - BOTTOM;
  for (let atMs = Math.ceil(frame.fromMs / stepMs) * stepMs; atMs <= frame.toMs; atMs += stepMs) {
    const at = x(frame, atMs);
    const local =
      timeZone === undefined
        ? undefined
        : markup`<text class="local" x="${at}" y="${foot + 30}" text-anchor="middle">${zoneClock(atMs, timeZone)}</text>`;
    ticks.push(
      markup`<path class="tick" d="M${at} ${foot}v4"/><text x="${at}" y="${foot + 16}" text-anchor="middle">${zoneClock(atMs)}</text>${local}`,
    );
  }
  const localName =
    timeZone === undefined ? undefined : markup`<text class="local" x="2" y="${foot + 30}">local</text>`;
  return markup`<g>${ticks}<text x="2" y="${foot + 16}">UTC</text>${localName}</g>`;
}

function x({ fromMs, toMs }: Frame, atMs: number): number {
  return round(LEFT + ((atMs - fromMs) / Math.max(1, toMs - fromMs)) * (WIDTH - LEFT - RIGHT));
}

function y({ top }: Frame, value: number): number {
  const part = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
  return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
