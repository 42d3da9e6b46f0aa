import { readFile } from 'node:fs/promises';
import type { LivePath } from '../../wire/live.ts';
import type { HostProcess } from './host-process.ts';
import type { Lab } from './lab.ts';
import type { Call, CallOutcome } from './phone.ts';
import { pollFor, pollUntil } from './poll.ts';
import { givePriority } from './priority.ts';
import type { ReceivedInvite } from './provider.ts';
import { openTwoSites, type Site, type TwoSites, type TwoSitesOptions } from './two-sites.ts';

/** A number of the class `national`. */
export const NATIONAL = '030123456';
const MIB = 1024 * 1024;
const READY_MS = 45_000;

/** A call with what reached which provider during it; calls placed at the same time count for one another. */
export type TracedCall = CallOutcome & {
  readonly atA: readonly ReceivedInvite[];
  readonly atB: readonly ReceivedInvite[];
  /** `A`, `B`, `AB` (A, then B), `BA` or an empty text, by the providers' own logs. */
  readonly order: string;
};

/** Two sites, or some more, with hub and probes at work. What it says of Asterisk and providers is read from them, not from the product. */
export class Fleet {
  readonly lab: Lab;
  readonly sites: TwoSites;
  #hub: HostProcess;
  readonly #probes: [HostProcess, HostProcess, ...HostProcess[]];

  private constructor(lab: Lab, sites: TwoSites) {
    this.lab = lab;
    this.sites = sites;
    this.#hub = sites.startHub();
    const further = sites.further.map((site) => site.startProbe());
    this.#probes = [sites.sites[0].startProbe(), sites.sites[1].startProbe(), ...further];
  }

  /** Builds everything, starts it, and waits until every path is healthy and every Asterisk known. Nothing is held at first. */
  static async start(lab: Lab, options: TwoSitesOptions = {}): Promise<Fleet> {
    const fleet = new Fleet(lab, await openTwoSites(lab, options));
    const readyMs = await fleet.waitHealthy();
    const held = (await fleet.sites.reader.routes()).flatMap(({ trunks }) =>
      trunks.filter(({ tier }) => tier === 'held'),
    );
    lab.check('damping starts empty', held.length === 0, { held, readyMs: Math.round(readyMs) });
    return fleet;
  }

  get hub(): HostProcess {
    return this.#hub;
  }

  /** Probes of `pbx1`, `pbx2` and those asked for besides. */
  get probes(): readonly [HostProcess, HostProcess, ...HostProcess[]] {
    return this.#probes;
  }

  /** The sites with those asked for besides, in the order of {@link probes}. */
  get all(): readonly [Site, Site, ...Site[]] {
    const { further, sites } = this.sites;
    return [...sites, ...further];
  }

  /** To both providers and to every peer, from each PBX. */
  get pathCount(): number {
    return this.all.length * (this.all.length + 1);
  }

  /** Lets hub and probes, as they run now, go before all else on this machine: see {@link givePriority}. */
  async givePriority(): Promise<void> {
    for (const program of [this.#hub, ...this.#probes]) if (program.isRunning) await givePriority(program);
  }

  /** Starts the hub again after its end, on what it left on disk. */
  startHub(): void {
    this.#hub = this.sites.startHub();
  }

  /** Starts the first site's probe again after its end. */
  startFirstProbe(): void {
    this.#probes[0] = this.sites.sites[0].startProbe();
  }

  /** Waits until all paths are healthy, every probe is connected and every Asterisk version is known; milliseconds. */
  async waitHealthy(): Promise<number> {
    const { reader } = this.sites;
    let last: unknown;
    return await pollUntil(
      'a healthy fleet',
      async () => {
        const paths = await reader.paths().catch(() => []);
        const pbxes = await reader.pbxes().catch(() => []);
        last = { paths: paths.map(({ key, state, reason }) => `${key} ${state}: ${reason}`), pbxes };
        const isUp = pbxes.every(
          ({ probe, asteriskVersion }) => probe === 'connected' && asteriskVersion !== undefined,
        );
        return paths.length === this.pathCount && paths.every(({ state }) => state === 'healthy') && isUp;
      },
      { timeoutMs: READY_MS, intervalMs: 250, signal: this.lab.signal },
    ).catch((error: unknown) => {
      throw new Error(`${JSON.stringify(last)} ${this.#hub.log.slice(-1500)}`, { cause: error });
    });
  }

  /** Places a call at one site and reads from the providers where it went. */
  async call(site: Site, call: Call | string = NATIONAL): Promise<TracedCall> {
    const { a, b, phone } = this.sites;
    const [beforeA, beforeB] = [a.invites().length, b.invites().length];
    const outcome = await phone.call(site.place.address, typeof call === 'string' ? { number: call } : call);
    const [atA, atB] = [a.invites().slice(beforeA), b.invites().slice(beforeB)];
    const order = [...atA.map((invite) => ({ invite, name: 'A' })), ...atB.map((invite) => ({ invite, name: 'B' }))]
      .toSorted((one, other) => one.invite.receivedAtEpochMs - other.invite.receivedAtEpochMs)
      .map(({ name }) => name)
      .join('');
    return { ...outcome, atA, atB, order };
  }

  /** Checks that a call placed now at each site is answered and goes the way `wanted`. */
  async checkCalls(name: string, wanted: string): Promise<void> {
    for (const site of this.sites.sites) {
      const traced = await this.call(site);
      const { order, status, tookMs } = traced;
      const isGood = order === wanted && status === 200;
      this.lab.check(`${name} (${site.place.pbx})`, isGood, { wanted, got: order, status, tookMs });
    }
  }

  /** AstDB text of the class `national` at both sites, by Asterisk's own console. */
  async routes(): Promise<readonly (string | undefined)[]> {
    return await Promise.all(
      this.sites.sites.map(async ({ pbx }) => await pbx.databaseGet('trunkward', 'route/national')),
    );
  }

  /** AstDB text of a trunk's down mark at both sites. */
  async downMarks(trunk: string): Promise<readonly (string | undefined)[]> {
    return await Promise.all(
      this.sites.sites.map(async ({ pbx }) => await pbx.databaseGet('trunkward', `down/${trunk}`)),
    );
  }

  /**
   * Waits until AstDB of one site leads with a trunk.
   *
   * @param sinceEpochMs - what the time is counted from.
   * @throws Error when it does not within `timeoutMs`, with the last text.
   */
  async waitLeads(site: Site, trunk: string, sinceEpochMs: number, timeoutMs: number) {
    let text: string | undefined;
    await pollUntil(
      `${site.place.pbx} leads with ${trunk}`,
      async () => {
        text = await site.pbx.databaseGet('trunkward', 'route/national');
        return leads(text, trunk);
      },
      { timeoutMs, intervalMs: 25, signal: this.lab.signal },
    ).catch(async (error: unknown) => {
      const routes = await this.sites.reader.routes().catch(() => []);
      throw new Error(`AstDB: ${text}; routes: ${JSON.stringify(routes)}`, { cause: error });
    });
    return { text, tookMs: Date.now() - sinceEpochMs };
  }

  /** The same at both sites at once. */
  async waitBothLead(trunk: string, sinceEpochMs: number, timeoutMs: number) {
    const [one, other] = this.sites.sites;
    return await Promise.all([
      this.waitLeads(one, trunk, sinceEpochMs, timeoutMs),
      this.waitLeads(other, trunk, sinceEpochMs, timeoutMs),
    ]);
  }

  /** Waits until paths picked by `isMeant` are all in a state; gives them. */
  async waitPaths(
    what: string,
    isMeant: (path: LivePath) => boolean,
    state: LivePath['state'],
    timeoutMs: number,
  ): Promise<readonly LivePath[]> {
    const { value } = await pollFor(
      what,
      async () => {
        const paths = (await this.sites.reader.paths().catch(() => [])).filter(isMeant);
        return paths.length > 0 && paths.every((path) => path.state === state) ? paths : undefined;
      },
      { timeoutMs, intervalMs: 100, signal: this.lab.signal },
    );
    return value;
  }

  /** Flips that the journal holds, as `PBX FROM` with their sentences, oldest first. */
  async flips(): Promise<readonly { readonly pbx: string; readonly from: string; readonly sentence: string }[]> {
    return (await this.sites.reader.journal('flip')).map(({ scope, sentence }) => ({
      pbx: scope.pbx ?? '',
      from: scope.trunk ?? '',
      sentence,
    }));
  }

  /** Resident memory of hub and probes now, MiB. */
  memory(): { readonly hubMib: number; readonly probesMib: readonly number[] } {
    const mib = (program: HostProcess) => Math.round((program.residentBytes() / MIB) * 10) / 10;
    return { hubMib: mib(this.#hub), probesMib: this.#probes.map(mib) };
  }

  /**
   * Checks resident memory against the targets, which are set for the promised pace.
   *
   * @param hasMesh - the probes send and reflect RTP, in threads of their own.
   */
  async checkMemory(hasMesh = true): Promise<void> {
    const text = await readFile(new URL('../../docs/targets.json', import.meta.url), 'utf8');
    const { footprint } = JSON.parse(text) as {
      readonly footprint: readonly { readonly name: string; readonly bound: number }[];
    };
    const boundOf = (word: string) => footprint.find(({ name }) => name.startsWith(word))?.bound ?? Number.NaN;
    const { hubMib, probesMib } = this.memory();
    const probeBound = boundOf(hasMesh ? 'mesh probe' : 'probe');
    const isGood = hubMib <= boundOf('hub') && probesMib.every((each) => each <= probeBound);
    this.lab.check('resident memory is inside the targets', isGood, {
      hubMib,
      hubBound: boundOf('hub'),
      probesMib,
      probeBound,
    });
  }
}

/** Whether an AstDB route text has a trunk in front. */
export function leads(text: string | undefined, trunk: string): boolean {
  return text?.split(':')[2]?.startsWith(`${trunk}/`) ?? false;
}
