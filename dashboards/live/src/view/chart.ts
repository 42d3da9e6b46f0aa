import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatClock, formatMs, formatPercent } from '../format.ts';
import type { History } from '../history.ts';

/** Least time that the chart spans, so that a few points do not fill it. */
const LEAST_SPAN_MS = 120_000;

/**
 * Draws the round trip (left axis) and loss (right axis) of one path into `host`, replacing what it held. Time nobody
 * watched stays blank.
 *
 * @returns a function that sets other points on the same chart.
 */
export function drawChart(host: HTMLElement, history: History): (history: History) => void {
  const style = getComputedStyle(host);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--ink-soft'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: '11px sans-serif',
  };
  const plot = new uPlot(
    {
      width: Math.max(260, host.clientWidth),
      height: 170,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        ms: { range: (_plot, _min, max) => [0, Math.max(10, (max ?? 0) * 1.2)] },
        loss: { range: [0, 1] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          space: 90,
          values: (_plot, ticks) => ticks.map((tick) => formatClock(tick * 1000, tick * 1000)),
        },
        {
          ...axis,
          scale: 'ms',
          size: 54,
          values: (_plot, ticks) => ticks.map((tick) => (tick === 0 ? '0 ms' : formatMs(tick))),
        },
        {
          ...axis,
          scale: 'loss',
          side: 1,
          size: 48,
          grid: { show: false },
          values: (_plot, ticks) => ticks.map(formatPercent),
        },
      ],
      series: [
        {},
        { scale: 'loss', stroke: color('--bad'), fill: color('--bad-soft'), width: 1, points: { show: true, size: 3 } },
        { scale: 'ms', stroke: color('--ink-soft'), width: 1, dash: [4, 3], points: { show: true, size: 3 } },
        { scale: 'ms', stroke: color('--accent'), width: 2, points: { show: true, size: 3 } },
      ],
    },
    columns(history),
    host,
  );
  describe(host, history);
  return (next) => {
    plot.setData(columns(next));
    describe(host, next);
  };
}

function columns(history: History): uPlot.AlignedData {
  const points = padded(history);
  return [
    points.map(({ atEpochMs }) => atEpochMs / 1000),
    points.map(({ lossRatio }) => lossRatio),
    points.map(({ rttP95Ms }) => rttP95Ms),
    points.map(({ rttP50Ms }) => rttP50Ms),
  ];
}

/** Puts an empty point before a short history, so that the first readings stand at the right edge. */
function padded(history: History): History {
  const first = history.at(0);
  const last = history.at(-1);
  if (first === undefined || last === undefined || last.atEpochMs - first.atEpochMs >= LEAST_SPAN_MS) return history;
  return [{ atEpochMs: last.atEpochMs - LEAST_SPAN_MS, lossRatio: null, rttP50Ms: null, rttP95Ms: null }, ...history];
}

function describe(host: HTMLElement, history: History): void {
  const last = history.at(-1);
  const loss =
    last?.lossRatio === undefined || last.lossRatio === null ? 'loss unknown' : `loss ${formatPercent(last.lossRatio)}`;
  host.setAttribute('role', 'img');
  host.setAttribute(
    'aria-label',
    `Round trip and loss since this page was opened, ${history.length} points; now ${loss}`,
  );
}
