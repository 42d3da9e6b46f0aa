import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProbe } from '../../probes/probe-runner.ts';
import { Secret } from '../../wire/secret.ts';
import { probeConfig } from '../probes/probe-fixture.ts';
import { ask, freshHub, TOKENS, temporaryFolder } from '../server/hub-fixture.ts';
import { until } from '../server/store/store-fixture.ts';
import { SimAsterisk } from '../support/sim-asterisk.ts';
import { SimEdge } from '../support/sim-edge.ts';

const PBXES = ['fra-1', 'ams-1'] as const;

/** What the provider stands in any 10 s: ten at intervals, as many again to confirm, and a start before any assignment. */
const BAN_ABOVE_PER_10_S = 30;

/** Two providers' edges that ban who asks too fast, and two PBXs whose own files would have them asked ten times as fast. */
async function scene(hub: { readonly url: string }) {
  const edges = await Promise.all(
    ['127.0.3.1', '127.0.3.2'].map(async (address, at) => {
      const edge = new SimEdge({ seed: 40 + at, address });
      const { port } = await edge.start();
      edge.set({ banAbovePer10S: BAN_ABOVE_PER_10_S });
      onTestFinished(() => edge.close());
      return { edge, address, port };
    }),
  );
  for (const [at, pbx] of PBXES.entries()) {
    const asterisk = new SimAsterisk();
    await asterisk.start();
    onTestFinished(() => asterisk.stop());
    const config = probeConfig({
      pbx,
      probe: `probe-${at + 1}`,
      hub: { urls: [`${hub.url.replace('http', 'ws')}/api/v1/probe`], token: { env: 'X' } },
      ami: { port: asterisk.port, username: 'probe', secret: { env: 'X' } },
      dataDir: temporaryFolder(),
      sourceAddress: `127.0.4.${at + 1}`,
      metrics: { port: 0 },
      options: { intervalMs: 500, lossMeanMs: 500, budgetPerMinute: 6000, minTimeoutMs: 300, maxTimeoutMs: 300 },
      icmp: { isEnabled: false },
      trunks: edges.map(({ address, port }, edge) => {
        const trunk = edge === 0 ? 'a' : 'b';
        return { trunk, endpoint: `telco-${trunk}`, edges: [{ edge: `${trunk}1`, address, port }] };
      }),
      classes: [{ class: 'national', prefixes: ['49'], trunks: ['a', 'b'] }],
    });
    const probe = await startProbe(
      config,
      { hubToken: new Secret(TOKENS[pbx]), amiSecret: new Secret('secret-of-the-test'), trunkPasswords: new Map() },
      { logger: pino({ level: 'silent' }), onEnded: () => undefined, softwareVersion: '0.0.0-test' },
    );
    onTestFinished(() => probe.close());
  }
  return edges.map(({ edge }) => edge);
}

async function items(url: string, path: string): Promise<readonly Record<string, unknown>[]> {
  const { json } = await ask(url, path, 'watcher');
  return (json as { readonly items: readonly Record<string, unknown>[] }).items;
}

describe('a provider that bans who asks too fast', () => {
  const hubFor = (sites: readonly string[], witnessesPerSite: number) =>
    freshHub({
      sites: [...new Set(sites)].map((site) => ({ site })),
      pbxes: PBXES.map((pbx, at) => ({
        pbx,
        site: sites[at],
        probe: `probe-${at + 1}`,
        token: { env: 'SET_BY_THE_TEST' },
      })),
      providers: ['a', 'b'].map((trunk) => ({
        provider: `telco-${trunk}`,
        trunks: [{ trunk, edges: [`${trunk}1`] }],
        options: { attemptsPerMinute: 60, confirmPerMinute: 24, witnessesPerSite, fastestIntervalMs: 500 },
      })),
    });

  it('bans two probes that go by their own files', { timeout: 30_000 }, async () => {
    const edges = await scene({ url: 'http://127.0.0.1:9' });
    await until(() => edges.every((edge) => edge.probing.isBanning), 20_000);
  });

  it('bans nobody while the hub shares its budget out, and a dead edge is still found', {
    timeout: 90_000,
  }, async () => {
    const { url } = await hubFor(['fra', 'ams'], 3);
    const [a, b] = await scene({ url });
    await until(async () => (await items(url, '/api/v1/assignments')).length === 2);
    const before = [a, b].map((edge) => edge?.counts().options ?? 0);
    await new Promise((resolve) => setTimeout(resolve, 25_000));
    for (const [at, edge] of [a, b].entries()) {
      expect(edge?.probing.isBanning).toBe(false);
      const asked = (edge?.counts().options ?? 0) - (before[at] ?? 0);
      expect(asked).toBeGreaterThan(15);
      expect(asked).toBeLessThan(40);
    }
    a?.set({ isBlackHole: true });
    await until(async () => {
      const paths = await items(url, '/api/v1/paths');
      return paths.filter(({ state }) => state === 'hard-down').length === 2;
    }, 50_000);
    expect(b?.probing.isBanning).toBe(false);
  });

  it('is asked by one of two PBXs of a site; the other inherits, says so, and asks nothing', {
    timeout: 60_000,
  }, async () => {
    const { url } = await hubFor(['fra', 'fra'], 1);
    const [a] = await scene({ url });
    await until(async () => {
      const paths = await items(url, '/api/v1/paths');
      return (
        paths.filter(({ inheritedFrom, state }) => inheritedFrom !== undefined && state === 'healthy').length === 2
      );
    }, 20_000);
    const paths = await items(url, '/api/v1/paths');
    const inherited = paths.find(({ inheritedFrom, target }) => inheritedFrom !== undefined && target === 'a.a1');
    const witness = paths.find(({ inheritedFrom, target }) => inheritedFrom === undefined && target === 'a.a1');
    expect(inherited?.['inheritedFrom']).toEqual([witness?.['pbx']]);
    expect(inherited?.['reason']).toMatch(`Inherited from ${String(witness?.['pbx'])}`);
    const source = `127.0.4.${PBXES.indexOf(inherited?.['pbx'] as (typeof PBXES)[number]) + 1}`;
    const quietFrom = a?.counts(source).options;
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(a?.counts(source).options).toBe(quietFrom);
    const [edge] = await items(url, '/api/v1/assignments');
    expect(edge).toMatchObject({ attemptsPerMinute: 60, intervalMs: 1010, inheriting: [{ site: 'fra', count: 1 }] });
  });
});
