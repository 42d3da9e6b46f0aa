import { setTimeout as delay } from 'node:timers/promises';
import { AmiReader } from '../../lab/ami-reader.ts';
import { Fleet, leads, NATIONAL } from '../../lab/fleet.ts';
import type { Lab } from '../../lab/lab.ts';
import { pollFor, pollUntil, watchFor } from '../../lab/poll.ts';
import { type Pace, SHORT_DAMPING } from '../../lab/program-config.ts';
import type { Site, TwoSitesOptions } from '../../lab/two-sites.ts';

const LOOK_EVERY_MS = 10;

/** Times of one site from a fault on, milliseconds; null where it did not come within the patience. */
export type SiteTimes = {
  /** Since when the path is what it is now, unless that is healthy; by the hub's own word, the only one here that is the product's. */
  readonly detectedMs: number | null;
  /** The probe's own mark in AstDB. */
  readonly markedMs: number | null;
  /** AstDB read back leads with B. */
  readonly flippedMs: number | null;
  /** A call placed right after that arrives at B. */
  readonly calledMs: number | null;
};

/** Two sites at work, and an eye of the bench's own at each Asterisk. */
export class HoleFleet {
  readonly fleet: Fleet;
  readonly #eyes: ReadonlyMap<Site, AmiReader>;

  private constructor(fleet: Fleet, eyes: ReadonlyMap<Site, AmiReader>) {
    this.fleet = fleet;
    this.#eyes = eyes;
  }

  static async start(lab: Lab, pace: Pace, options: TwoSitesOptions = {}): Promise<HoleFleet> {
    const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, pace, ...options });
    await fleet.givePriority();
    const eyes = new Map<Site, AmiReader>();
    for (const site of fleet.sites.sites) eyes.set(site, await AmiReader.open(lab, site));
    return new HoleFleet(fleet, eyes);
  }

  get sites(): readonly [Site, Site] {
    return this.fleet.sites.sites;
  }

  eye(site: Site): AmiReader {
    const eye = this.#eyes.get(site);
    if (!eye) throw new Error(`${site.place.pbx}: nobody looks`);
    return eye;
  }

  /** Lets the loss of every path become known. @throws Error when a route moves meanwhile. */
  async warmUp(forMs: number): Promise<void> {
    console.log(`warming up for ${forMs / 1000} s`);
    const moved = await watchFor(async () => (await this.fleet.routes()).find((text) => text !== undefined), {
      forMs,
      intervalMs: 2000,
      signal: this.fleet.lab.signal,
    });
    if (moved !== undefined) throw new Error(`a route moved before any fault: ${moved}`);
  }

  /** Looks at both sites at once from a fault on, until each has moved to B or the patience is over. */
  async watchAway(startedAtEpochMs: number, patienceMs: number): Promise<readonly SiteTimes[]> {
    const seen = await Promise.all(
      this.sites.map(async (site) => {
        const when = async (what: (eye: AmiReader) => Promise<boolean>) =>
          await this.#when(site, what, startedAtEpochMs, patienceMs);
        const [markedMs, [flippedMs, calledMs]] = await Promise.all([
          when(async (eye) => (await eye.get('down/a')) !== undefined),
          when(async (eye) => leads(await eye.get('route/national'), 'b')).then(async (tookMs) => {
            return [tookMs, tookMs === null ? null : await this.#callAfter(site, startedAtEpochMs)] as const;
          }),
        ]);
        return { site, markedMs, flippedMs, calledMs };
      }),
    );
    const down = (await this.fleet.sites.reader.paths()).filter(
      ({ state, trunk }) => trunk === 'a' && state !== 'healthy',
    );
    return seen.map(({ site, ...times }) => {
      const path = down.find(({ key }) => key.startsWith(`${site.place.pbx}>`));
      return { detectedMs: path ? Math.round(path.sinceEpochMs - startedAtEpochMs) : null, ...times };
    });
  }

  /** Waits until everything is as it was before: A leads, nothing is marked or held. */
  async waitBack(timeoutMs = 240_000): Promise<void> {
    const { fleet } = this;
    await pollUntil(
      'all as before',
      async () => {
        const marks = await Promise.all(this.sites.map(async (site) => await this.eye(site).get('down/a')));
        const texts = await Promise.all(this.sites.map(async (site) => await this.eye(site).get('route/national')));
        const routes = await fleet.sites.reader.routes();
        const isUsable = routes.every(({ trunks }) => trunks.every(({ tier }) => tier === 'usable'));
        const isBack = texts.every((text) => text === undefined || text.endsWith(':a/100,b/0'));
        return isUsable && isBack && marks.every((text) => text === undefined);
      },
      { timeoutMs, intervalMs: 500, signal: fleet.lab.signal },
    );
  }

  async #when(
    site: Site,
    what: (eye: AmiReader) => Promise<boolean>,
    startedAtEpochMs: number,
    patienceMs: number,
  ): Promise<number | null> {
    const eye = this.eye(site);
    while (Date.now() - startedAtEpochMs < patienceMs) {
      this.fleet.lab.signal.throwIfAborted();
      if (await what(eye)) return Date.now() - startedAtEpochMs;
      await delay(LOOK_EVERY_MS);
    }
    return null;
  }

  async #callAfter(site: Site, startedAtEpochMs: number): Promise<number> {
    const { b, phone } = this.fleet.sites;
    const [address] = site.pbx.host.addresses;
    const before = b.invites().length;
    const arrived = pollFor(
      `a call of ${site.place.pbx} at B`,
      () =>
        b
          .invites()
          .slice(before)
          .find(({ sourceAddress }) => sourceAddress === address)?.receivedAtEpochMs,
      { timeoutMs: 10_000, intervalMs: 50 },
    );
    await phone.call(site.place.address, { number: NATIONAL });
    return Math.round((await arrived).value - startedAtEpochMs);
  }
}
