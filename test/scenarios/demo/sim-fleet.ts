import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { SimAsterisk } from '../../support/sim-asterisk.ts';
import { SimEdge } from '../../support/sim-edge.ts';
import { Program } from './program.ts';
import { SimTraffic } from './sim-traffic.ts';

/** Sites of the demo with one PBX each; the address is where its probe measures from and its PBX answers SIP. */
export const SITES = [
  { site: 'fra', pbx: 'fra-1', address: '127.0.1.1' },
  { site: 'ams', pbx: 'ams-1', address: '127.0.1.2' },
  { site: 'lon', pbx: 'lon-1', address: '127.0.1.3' },
] as const;

/** Providers of the demo with one trunk and one edge each. */
export const PROVIDERS = [
  { provider: 'telco-a', trunk: 'a', address: '127.0.2.1' },
  { provider: 'telco-b', trunk: 'b', address: '127.0.2.2' },
  { provider: 'telco-c', trunk: 'c', address: '127.0.2.3' },
  { provider: 'telco-d', trunk: 'd', address: '127.0.2.4' },
] as const;

/** Route policy of the demo. */
export const CLASSES = [
  { class: 'national', prefixes: ['49'], trunks: ['a', 'b', 'c', 'd'] },
  { class: 'international', prefixes: ['1', '33', '44'], trunks: ['b', 'c', 'a', 'd'] },
] as const;

/**
 * Room for the pace that the probes' own files have, so that the story takes seconds and not minutes: of three witnesses each
 * asks twice a second at intervals and four times for loss, and each PBX's own qualify once in two seconds.
 */
const BUDGET = { attemptsPerMinute: 1350, confirmPerMinute: 1500, fastestIntervalMs: 500 };

/** SIP is this far above the hub's port, so that two demos can run side by side. */
const SIP_PORT_ABOVE = 1000;
const DELAY_MS = 4;

/** A simulated fleet: PBXs that speak AMI and answer SIP, provider edges, and the real hub and probes beside them. */
export class SimFleet {
  readonly asterisks = new Map<string, SimAsterisk>();
  readonly peers = new Map<string, SimEdge>();
  readonly edges = new Map<string, SimEdge>();
  readonly probes: Program[] = [];
  readonly #dir: string;
  readonly #port: number;
  readonly #adminToken = randomBytes(24).toString('base64url');
  #hub: Program | undefined;
  #traffic: SimTraffic | undefined;

  private constructor(dir: string, port: number) {
    this.#dir = dir;
    this.#port = port;
  }

  /** Builds the fleet and starts everything; probes and hub find each other by themselves. */
  static async start(port: number): Promise<SimFleet> {
    const fleet = new SimFleet(await mkdtemp(join(tmpdir(), 'trunkward-demo-')), port);
    try {
      await fleet.#build();
    } catch (cause) {
      await fleet.close();
      throw cause;
    }
    return fleet;
  }

  /** Where the live view and the API are. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get #sipPort(): number {
    return this.#port + SIP_PORT_ABOVE;
  }

  /** Folder with configurations, logs and data of this run. */
  get dir(): string {
    return this.#dir;
  }

  /** The edge of a provider. */
  edge(provider: string): SimEdge {
    const edge = this.edges.get(provider);
    if (!edge) throw new Error(`there is no provider ${provider}`);
    return edge;
  }

  /** The hub's program. */
  get hub(): Program {
    if (!this.#hub) throw new Error('the hub was not built');
    return this.#hub;
  }

  /** The users' calls. */
  get traffic(): SimTraffic {
    if (!this.#traffic) throw new Error('nobody calls yet');
    return this.#traffic;
  }

  /** The route text that a PBX's AstDB holds; undefined where it holds none. */
  route(pbx: string, className: string): string | undefined {
    return this.asterisks.get(pbx)?.astdb.get(`/trunkward/route/${className}`);
  }

  /** Ends every process and socket of the fleet; keeps nothing. */
  async close(): Promise<void> {
    await this.#traffic?.stop();
    await Promise.all([...this.probes, ...(this.#hub ? [this.#hub] : [])].map((program) => program.end('SIGTERM')));
    await Promise.all([...this.asterisks.values()].map((asterisk) => asterisk.stop()));
    await Promise.all([...this.peers.values(), ...this.edges.values()].map((edge) => edge.close()));
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #build(): Promise<void> {
    for (const [at, { provider, address }] of PROVIDERS.entries()) {
      const edge = new SimEdge({ seed: 100 + at, address, port: this.#sipPort });
      await edge.start();
      edge.set({ delayMs: DELAY_MS + at });
      this.edges.set(provider, edge);
    }
    const tokens = new Map(SITES.map(({ pbx }) => [pbx, randomBytes(24).toString('base64url')]));
    for (const [at, { pbx, address }] of SITES.entries()) {
      const peer = new SimEdge({ seed: 200 + at, address, port: this.#sipPort });
      await peer.start();
      peer.set({ delayMs: DELAY_MS });
      this.peers.set(pbx, peer);
      const asterisk = new SimAsterisk();
      await asterisk.start();
      this.asterisks.set(pbx, asterisk);
    }
    this.#traffic = this.#buildTraffic();
    this.#traffic.start();
    await this.#writeHub(tokens);
    for (const { pbx } of SITES) await this.#writeProbe(pbx, tokens.get(pbx) ?? '');
    this.hub.start();
    for (const probe of this.probes) probe.start();
  }

  /** As the include walks it: the order in AstDB and, without one, the configured order. */
  #leadOf(pbx: string, className: string): string | undefined {
    const written = this.route(pbx, className)?.split(':')[2]?.split('/')[0];
    return written ?? CLASSES.find((each) => each.class === className)?.trunks[0];
  }

  #buildTraffic(): SimTraffic {
    const pbxes = [...this.asterisks].map(([pbx, asterisk]) => ({
      pbx,
      asterisk,
      leadOf: (className: string) => this.#leadOf(pbx, className),
    }));
    const addressOf = new Map<string, string>(SITES.map(({ address, pbx }) => [pbx, address]));
    const trunks = PROVIDERS.map(({ address, provider, trunk }) => ({
      trunk,
      endpoint: provider,
      contact: `sip:${address}:${this.#sipPort}`,
      isRegistered: trunk === 'c' || trunk === 'd',
      rulesFor: (pbx: string) => this.edge(provider).rulesFor(addressOf.get(pbx) ?? ''),
    }));
    return new SimTraffic(pbxes, trunks);
  }

  async #writeHub(tokens: ReadonlyMap<string, string>): Promise<void> {
    const config = {
      listen: { port: this.#port, allowAnonymousViewer: true },
      dataDir: join(this.#dir, 'hub'),
      sites: SITES.map(({ site }) => ({ site })),
      pbxes: SITES.map(({ site, pbx }) => ({ pbx, site, probe: `probe-${pbx}`, token: { env: tokenName(pbx) } })),
      providers: PROVIDERS.map(({ provider, trunk }) => ({
        provider,
        trunks: [{ trunk, edges: [`${trunk}1`] }],
        options: BUDGET,
      })),
      classes: CLASSES.map(({ class: name, trunks }) => ({ class: name, trunks })),
      tokens: [{ name: 'demo-admin', role: 'admin', token: { env: 'DEMO_ADMIN_TOKEN' } }],
      modes: [{ function: 'routing', mode: 'enforce' }],
      health: { staleAfterMs: 4000 },
      correlate: { minQuietMs: 3000 },
      routing: {
        holdDownMs: 4000,
        halfOpenMs: 3000,
        halfOpenSamples: 6,
        maxChangedRatio: 1,
        // The demo's users take the leading trunk and draw no shares: steps go on probes alone.
        rampStepMs: 1000,
        probesAloneAfterMs: 1500,
      },
    };
    const file = join(this.#dir, 'hub.yaml');
    await writeFile(file, stringify(config));
    const env = Object.fromEntries([...tokens].map(([pbx, token]) => [tokenName(pbx), token]));
    this.#hub = new Program('hub', file, join(this.#dir, 'hub.log'), { ...env, DEMO_ADMIN_TOKEN: this.#adminToken });
  }

  async #writeProbe(pbx: string, token: string): Promise<void> {
    const own = SITES.find((site) => site.pbx === pbx);
    const config = {
      probe: `probe-${pbx}`,
      pbx,
      hub: { urls: [`ws://127.0.0.1:${this.#port}/api/v1/probe`], token: { env: 'DEMO_PROBE_TOKEN' } },
      ami: { port: this.asterisks.get(pbx)?.port ?? 0, username: 'probe', secret: { env: 'DEMO_AMI_SECRET' } },
      dataDir: join(this.#dir, pbx),
      sourceAddress: own?.address,
      metrics: { port: 0 },
      options: { intervalMs: 500, confirmGapMs: 100, lossMeanMs: 250, budgetPerMinute: 1000 },
      icmp: { isEnabled: false },
      trunks: PROVIDERS.map(({ provider, trunk, address }) => ({
        trunk,
        endpoint: provider,
        edges: [{ edge: `${trunk}1`, address, port: this.#sipPort }],
      })),
      peers: SITES.filter((site) => site.pbx !== pbx).map((site) => ({
        pbx: site.pbx,
        address: site.address,
        port: this.#sipPort,
      })),
      classes: CLASSES,
      emergency: { numbers: ['112'], trunks: ['a', 'b'] },
      dialRules: [{ prefix: '+', strip: 1 }],
    };
    const file = join(this.#dir, `${pbx}.yaml`);
    await writeFile(file, stringify(config));
    const env = { DEMO_PROBE_TOKEN: token, DEMO_AMI_SECRET: 'secret-of-the-test' };
    this.probes.push(new Program('probe', file, join(this.#dir, `${pbx}.log`), env));
  }
}

function tokenName(pbx: string): string {
  return `TOKEN_${pbx.toUpperCase().replaceAll('-', '_')}`;
}
