import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { MetricDefinition } from '../../../metric-registry-server.ts';
import { PROBE_METRICS } from '../../../probes/metrics/catalogue.ts';
import { ProbeMetrics } from '../../../probes/metrics/metrics-server.ts';
import { HUB_METRICS } from '../../../server/metrics/catalogue.ts';
import { metricsDocument } from '../../../server/metrics/metrics-document.ts';
import { HubMetrics } from '../../../server/metrics/registry-server.ts';

const FILE = fileURLToPath(new URL('../../../docs/metrics.md', import.meta.url));
const CATALOGUES: readonly (readonly [string, readonly MetricDefinition[]])[] = [
  ['hub', Object.values<MetricDefinition>(HUB_METRICS)],
  ['probe', Object.values<MetricDefinition>(PROBE_METRICS)],
];

describe('docs/metrics.md', () => {
  it('is what both catalogues say', async () => {
    const text = metricsDocument([
      { title: 'Hub', about: "On the hub's `/metrics`.", metrics: CATALOGUES[0]?.[1] ?? [] },
      { title: 'Probe', about: "On each probe's own `/metrics`.", metrics: CATALOGUES[1]?.[1] ?? [] },
    ]);
    await expect(text).toMatchFileSnapshot(FILE);
  });

  it('keeps a table in one piece, whatever a help text holds', () => {
    const metric = { name: 'x_total', type: 'counter', unit: 'count', help: 'a | b\nc', labels: [] } as const;
    const text = metricsDocument([{ title: 'T', about: 'A', metrics: [metric] }]);
    expect(text).toContain('| `x_total` | counter | count | - | a \\| b c |\n');
  });
});

describe.each(CATALOGUES)('the metrics of the %s', (_program, metrics) => {
  it('are named once, in base units, with the ending of their type', () => {
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
    for (const { name, type, unit, help } of metrics) {
      expect(name).toMatch(/^trunkward_[a-z0-9_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (unit === 'seconds') expect(name).toMatch(/_seconds$/);
      expect(name).not.toMatch(/_(ms|milliseconds|percent|minutes)(_|$)/);
      expect(help).toMatch(/[.]$/);
    }
  });

  it('have labels of bounded number: none can hold a number that was dialled (rule 10)', () => {
    const allowed = ['site', 'peer_site', 'pbx', 'provider', 'trunk', 'class', 'kind', 'direction', 'field'];
    const closedLists = [
      'target',
      'schedule',
      'reason',
      'outcome',
      'type',
      'code',
      'state',
      'certainty',
      'mode',
      'place',
      'status_class',
      'interface',
      'edge',
      'actuator',
    ];
    for (const { labels } of metrics) for (const label of labels) expect([...allowed, ...closedLists]).toContain(label);
  });

  it('have buckets that rise where they are histograms, and only there', () => {
    for (const { type, buckets } of metrics) {
      expect(buckets !== undefined).toBe(type === 'histogram');
      expect(buckets ?? []).toEqual((buckets ?? []).toSorted((a, b) => a - b));
    }
  });
});

describe('the registries', () => {
  it.each([
    ['hub', new HubMetrics(), CATALOGUES[0]],
    ['probe', new ProbeMetrics(), CATALOGUES[1]],
  ] as const)(
    'of the %s expose every metric of its catalogue with its type and help',
    async (_name, registry, catalogue) => {
      const { text, contentType } = await registry.expose();
      expect(contentType).toContain('text/plain');
      for (const { name, type, help } of catalogue?.[1] ?? []) {
        expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
      }
    },
  );

  it('refuse to count a gauge, and to set a counter', () => {
    const metrics = new HubMetrics();
    expect(() => metrics.count('paths')).toThrow('paths is no counter');
    expect(() => metrics.set('flips', 1)).toThrow('flips is no gauge');
    expect(() => metrics.observe('flips', 1)).toThrow('flips is no histogram');
  });
});
