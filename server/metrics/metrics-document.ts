import type { MetricDefinition } from '../../metric-registry-server.ts';

/** One program's part of the document. */
export type MetricsSection = {
  readonly title: string;
  readonly about: string;
  readonly metrics: readonly MetricDefinition[];
};

/**
 * Writes `docs/metrics.md`: every metric of both programs with its type, unit and labels, in the order of the catalogues.
 *
 * @param sections - one for each program; given by the caller, as the programs do not know each other.
 */
export function metricsDocument(sections: readonly MetricsSection[]): string {
  const head = [
    '# Metrics',
    '',
    'Made from the catalogues by `npm test -- test/server/metrics -u`; a test holds the two together. All are in base units.',
    'Beside these each program exposes the metrics of its own Node process (memory, event loop, garbage collection).',
    'No label ever holds a dialled number, a Call-ID or a secret.',
  ];
  return `${[...head, ...sections.flatMap(sectionLines)].join('\n')}\n`;
}

function sectionLines({ title, about, metrics }: MetricsSection): readonly string[] {
  const rows = metrics.map(
    ({ name, type, unit, labels, help }) =>
      `| \`${name}\` | ${type} | ${unit} | ${labels.map((label) => `\`${label}\``).join(', ') || '-'} | ${cell(help)} |`,
  );
  return [
    '',
    `## ${title}`,
    '',
    about,
    '',
    '| Metric | Type | Unit | Labels | Meaning |',
    '|---|---|---|---|---|',
    ...rows,
  ];
}

/** Text that stands in one cell of a Markdown table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
