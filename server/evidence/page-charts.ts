import type { EvidencePack, PackSeries, PackSpan } from './evidence-pack.ts';
import { type Markup, markup } from './markup.ts';
import { type ChartLine, roundTop, timeChart } from './time-chart.ts';

/** Single paths that have a chart of their own. */
const MAX_PATH_CHARTS = 4;
const LOSS_TOPS = [0.01, 0.02, 0.04, 0.1, 0.2, 0.4, 1] as const;
const RTT_TOPS = [2, 4, 10, 20, 40, 100, 200, 400, 1000, 2000, 4000, 10_000, 40_000] as const;

/** Loss and round trips over time: all paths of the place beside the control group, then the lossiest paths one by one. */
export function charts(pack: EvidencePack): Markup {
  const { control, inside } = pack.pooled;
  const worst = pack.series
    .filter(({ role }) => role === 'inside')
    .toSorted((one, other) => other.whole.lowRatio - one.whole.lowRatio)
    .slice(0, MAX_PATH_CHARTS);
  return markup`<figure>${lossChart(pack, 'Loss over time, all paths of the place together, and the control group', [lossLine('inside', inside), lossLine('control', control)])}
<figcaption>Loss of test messages. Red: all listed paths of the place; blue, dashed: the control group. The band is the 95 % interval of each minute (a quarter of an hour where minutes were not kept). Yellow: the time of the verdict. No line: no figures.</figcaption></figure>
<figure>${rttChart(pack, 'Round trips over time, all paths of the place together, and the control group', [rttLine('inside', inside), rttLine('control', control)])}
<figcaption>Round trips of answered test messages. Line: median of the paths' medians; band: up to the greatest 95th percentile.</figcaption></figure>
${worst.map((series) => ownChart(pack, series))}`;
}

function ownChart(pack: EvidencePack, { pathKey, spans }: PackSeries): Markup {
  return markup`<figure><h3>${pathKey}</h3>${lossChart(pack, `Loss over time of ${pathKey}`, [lossLine('inside', spans)])}</figure>`;
}

function lossChart(pack: EvidencePack, title: string, lines: readonly ChartLine[]): Markup {
  const highest = Math.max(0, ...lines.flatMap(({ spans }) => spans.map(({ highRatio }) => highRatio)));
  return timeChart({
    ...shared(pack),
    title,
    lines,
    top: roundTop(highest, LOSS_TOPS),
    unit: (value) => `${shown(value * 100)} %`,
  });
}

function rttChart(pack: EvidencePack, title: string, lines: readonly ChartLine[]): Markup {
  const highest = Math.max(0, ...lines.flatMap(({ spans }) => spans.map(({ rttP95Ms }) => rttP95Ms ?? 0)));
  return timeChart({
    ...shared(pack),
    title,
    lines,
    top: roundTop(highest, RTT_TOPS),
    unit: (value) => `${shown(value)} ms`,
  });
}

function shared({ madeAtEpochMs, timeZone, verdict }: EvidencePack) {
  const { clearedAtEpochMs, openedAtEpochMs } = verdict;
  return { openedAtEpochMs, endEpochMs: clearedAtEpochMs ?? madeAtEpochMs, timeZone };
}

function lossLine(look: ChartLine['look'], spans: readonly PackSpan[]): ChartLine {
  return {
    look,
    spans,
    value: ({ lossRatio }) => lossRatio,
    band: ({ highRatio, lossRatio, lowRatio }) => (lossRatio === undefined ? undefined : [lowRatio, highRatio]),
  };
}

function rttLine(look: ChartLine['look'], spans: readonly PackSpan[]): ChartLine {
  return {
    look,
    spans,
    value: ({ rttP50Ms }) => rttP50Ms,
    band: ({ rttP50Ms, rttP95Ms }) =>
      rttP50Ms === undefined || rttP95Ms === undefined ? undefined : [rttP50Ms, rttP95Ms],
  };
}

function shown(value: number): string {
  return String(Math.round(value * 100) / 100);
}
