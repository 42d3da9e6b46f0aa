import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProbe } from '../../probes/probe-runner.ts';
import { Secret } from '../../wire/secret.ts';
import { probeConfig } from '../probes/probe-fixture.ts';
import { ask, freshHub, metricOf, TOKENS, temporaryFolder } from '../server/hub-fixture.ts';
import { until } from '../server/store/store-fixture.ts';
import { SimAsterisk } from '../support/sim-asterisk.ts';
import { SimEdge } from '../support/sim-edge.ts';
import { HostileEdge } from './hostile-edge.ts';

/** A hub, a probe, a PBX; trunk a leads to a hostile edge, trunk b to a good one. */
async function scene() {
  const options = { attemptsPerMinute: 495, confirmPerMinute: 3000, fastestIntervalMs: 500 };
  const { url } = await freshHub({
    modes: [{ function: 'routing', mode: 'enforce' }],
    providers: ['a', 'b'].map((trunk) => ({
      provider: `telco-${trunk}`,
      trunks: [{ trunk, edges: [`${trunk}1`] }],
      options,
    })),
  });
  const asterisk = new SimAsterisk();
  await asterisk.start();
  onTestFinished(() => asterisk.stop());
  const hostile = new HostileEdge();
  const hostilePort = await hostile.start('127.0.2.1');
  onTestFinished(() => hostile.close());
  const good = new SimEdge({ seed: 5, address: '127.0.2.2' });
  const { port: goodPort } = await good.start();
  onTestFinished(() => good.close());
  const config = probeConfig({
    hub: { urls: [`${url.replace('http', 'ws')}/api/v1/probe`], token: { env: 'X' } },
    ami: { port: asterisk.port, username: 'probe', secret: { env: 'X' } },
    dataDir: temporaryFolder(),
    sourceAddress: '127.0.0.1',
    metrics: { port: 0 },
    options: {
      intervalMs: 500,
      confirmGapMs: 100,
      lossMeanMs: 200,
      minTimeoutMs: 200,
      maxTimeoutMs: 300,
      budgetPerMinute: 6000,
    },
    icmp: { isEnabled: false },
    trunks: [
      { trunk: 'a', endpoint: 'telco-a', edges: [{ edge: 'a1', address: '127.0.2.1', port: hostilePort }] },
      { trunk: 'b', endpoint: 'telco-b', edges: [{ edge: 'b1', address: '127.0.2.2', port: goodPort }] },
    ],
    classes: [{ class: 'national', prefixes: ['49'], trunks: ['a', 'b'] }],
  });
  const probe = await startProbe(
    config,
    { hubToken: new Secret(TOKENS['fra-1']), amiSecret: new Secret('secret-of-the-test'), trunkPasswords: new Map() },
    { logger: pino({ level: 'silent' }), onEnded: () => undefined, softwareVersion: '0.0.0-test' },
  );
  onTestFinished(() => probe.close());
  return { url, hostile, asterisk, probeUrl: `http://127.0.0.1:${probe.metricsPort}` };
}

/** By what each kind of hostile reply is counted. */
const REASONS = [
  'unparsable',
  'unknown-branch',
  'wrong-call-id',
  'wrong-cseq',
  'extra-via',
  'wrong-source',
  'provisional',
  'request',
];

const stray = (probeUrl: string, reason: string) =>
  metricOf(probeUrl, `trunkward_sip_stray_datagrams_total{reason="${reason}"}`);

describe('an edge that answers with everything hostile', () => {
  it('is a path without an answer, from the socket to the hub, and nothing flips for it (rules 1 and 2)', async () => {
    const { url, hostile, asterisk, probeUrl } = await scene();
    await until(() => hostile.requests >= 12, 15_000);
    const paths = async () => (await ask(url, '/api/v1/paths?pbx=fra-1', 'watcher')).json.items;
    await until(async () => {
      const [a, b] = await paths();
      return a?.sent >= 8 && b?.rttN > 5;
    });
    for (const reason of REASONS) await until(async () => (await stray(probeUrl, reason)) > 0);

    const { text } = await ask(probeUrl, '/metrics');
    const answeredA = /trunkward_sip_options_rtt_seconds_count\{target="a\.a1"\} (\d+)/.exec(text);
    expect(answeredA).toBeNull();
    const answeredB = /trunkward_sip_options_rtt_seconds_count\{target="b\.b1"\} (\d+)/.exec(text);
    expect(Number(answeredB?.[1])).toBeGreaterThan(5);
    expect(await metricOf(probeUrl, 'trunkward_probe_faults_total')).toBe(0);
    expect(text).not.toMatch(/trunkward_probe_faults_total\{/);

    expect(await metricOf(url, 'trunkward_measurements_total{kind="sip-options",outcome="timed-out"}')).toBeGreaterThan(
      7,
    );
    const [a, b] = await paths();
    expect(a).toMatchObject({ key: 'fra-1>a.a1', rttN: 0 });
    expect(['unmeasurable', 'unknown']).toContain(a.state);
    expect(a.lost).toBe(a.sent);
    expect(b.key).toBe('fra-1>b.b1');
    expect(b.rttN).toBeGreaterThan(5);
    expect([...asterisk.astdb.keys()].filter((key) => key.includes('/down/'))).toEqual([]);
    const { json } = await ask(url, '/api/v1/journal?kind=flip', 'watcher');
    expect(json.items).toEqual([]);
  });
});
