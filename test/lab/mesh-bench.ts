import { setTimeout as delay } from 'node:timers/promises';
import type { MeshView } from '../../server/assign/mesh-view.ts';
import type { HostProcess } from './host-process.ts';
import type { Lab } from './lab.ts';
import { startDisorder } from './line-disorder.ts';
import { MeshReader, packetsOf } from './mesh-reader.ts';
import type { Host } from './network.ts';
import { givePriority } from './priority.ts';
import { PROMISED_PACE } from './program-config.ts';
import { RtpCapture } from './rtp-capture.ts';
import { openTwoSites, SECOND_PBXES, type Site, type TwoSites } from './two-sites.ts';

const PORT = 9465;
const CADENCE = { onMs: 5000, offMs: 1000 };
const DISTURB_MS = 12_000;
/** For what is under way when a rule goes. */
const SETTLE_MS = 1500;

/** The two directions of a stream. */
export type Way = 'forward' | 'reverse';

/** Whether there are so many streams, and the newest word of each is a report. */
export function areMeasuring(streams: readonly MeshView[], count: number): boolean {
  return streams.length === count && streams.every(({ state }) => state === 'measuring');
}

/**
 * Hub and four probes as whole programs beside four Asterisks at two sites, with the mesh at a quick pace that yields to one
 * call. What is told of a stream can be set against what was done to its packets.
 */
export class MeshBench {
  readonly lab: Lab;
  readonly sites: TwoSites;
  readonly mesh: MeshReader;
  readonly probes: ReadonlyMap<string, HostProcess>;

  private constructor(lab: Lab, sites: TwoSites, probes: ReadonlyMap<string, HostProcess>) {
    this.lab = lab;
    this.sites = sites;
    this.mesh = new MeshReader(sites.reader, lab.signal);
    this.probes = probes;
  }

  /** Builds and starts everything; nothing is elected yet. */
  static async open(lab: Lab): Promise<MeshBench> {
    const sites = await openTwoSites(lab, {
      pace: { ...PROMISED_PACE, optionsIntervalMs: 5000, lossMeanMs: 0 },
      furtherPbxes: SECOND_PBXES,
      amendHub: (document) => ({ ...document, mesh: CADENCE }),
      amendProbe: (document) => ({ ...document, mesh: { yieldAtCalls: 1 } }),
    });
    sites.startHub();
    const all = [...sites.sites, ...sites.further];
    const probes = new Map(all.map((site) => [site.place.pbx, site.startProbe()]));
    return new MeshBench(lab, sites, probes);
  }

  /** Waits until two pairs are elected, then lets their probes run before anything else, and waits until both measure. */
  async waitTwoPairs() {
    await this.mesh.waitStreams('two pairs', (streams) => streams.length === 2, 90_000);
    for (const probe of this.probes.values()) await givePriority(probe);
    return await this.mesh.waitStreams('two that measure', (streams) => areMeasuring(streams, 2), 90_000);
  }

  /** A PBX with its site, by its name. */
  siteOf(pbx: string): Site {
    const found = [...this.sites.sites, ...this.sites.further].find(({ place }) => place.pbx === pbx);
    if (!found) throw new Error(`no ${pbx}`);
    return found;
  }

  /** Sentences of the journal on who measures, oldest first. */
  async journal(): Promise<readonly string[]> {
    return (await this.sites.reader.journal('mesh-elected')).map(({ sentence }) => sentence);
  }

  /** Drops a tenth of one direction for some seconds: packets dropped by the kernel's count, and packets told lost. */
  async lose(stream: MeshView, lossy: Way) {
    const [sender] = this.#hostOf(stream.sender).addresses;
    const [reflector] = this.#hostOf(stream.reflector).addresses;
    const way = lossy === 'forward' ? { from: sender, to: reflector } : { from: reflector, to: sender };
    return await this.mesh.undisturbed(async () => {
      const before = await this.mesh.sheet(stream);
      const [rule] = await this.lab.network.loss.drop({ ...way, percent: 10, isMediaOnly: true });
      if (!rule) throw new Error('no rule');
      await delay(DISTURB_MS);
      await rule.remove();
      await delay(SETTLE_MS);
      const { droppedPackets } = await rule.counter();
      await this.mesh.waitNextReport(stream);
      const after = await this.mesh.sheet(stream);
      const told = (direction: Way) =>
        packetsOf(after, 'mesh-loss', direction) - packetsOf(before, 'mesh-loss', direction);
      return { droppedPackets, forward: told('forward'), reverse: told('reverse') };
    });
  }

  /** Doubles some packets on the way there and lets others overtake them: what came by a capture, and what is told. */
  async disorder(stream: MeshView) {
    const [from, to] = [this.#hostOf(stream.sender), this.#hostOf(stream.reflector)];
    return await this.mesh.undisturbed(async () => {
      const before = await this.mesh.sheet(stream);
      const capture = await RtpCapture.start(this.lab, to, PORT);
      const shape = { from, to, port: PORT, doubledPercent: 5, slowPercent: 15, slowKbps: 12 };
      const { calm, end } = await startDisorder(this.lab.network.core, shape);
      await delay(DISTURB_MS);
      await calm();
      await delay(SETTLE_MS);
      await this.mesh.waitNextReport(stream);
      await end();
      const { passed, ...captured } = (await capture.finish())(from.addresses[0]);
      const after = await this.mesh.sheet(stream);
      const told = (way: Way) => {
        const [lost = 0, reordered = 0, duplicates = 0] = (
          ['mesh-loss', 'mesh-reordered', 'mesh-duplicates'] as const
        ).map((kind) => packetsOf(after, kind, way) - packetsOf(before, kind, way));
        return { lost, reordered, duplicates };
      };
      return {
        captured: { ...captured, passed: passed.length },
        forward: told('forward'),
        reverse: told('reverse'),
      };
    });
  }

  #hostOf(pbx: string): Host {
    return this.siteOf(pbx).pbx.host;
  }
}
