import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../../lab/lab.ts';
import { PROMISED_PACE } from '../../lab/program-config.ts';
import { refuse } from '../../lab/refusal.ts';
import { SRV_NAME, startTransportEdges } from '../../lab/transport-edges.ts';
import type { TwoSitesOptions } from '../../lab/two-sites.ts';
import { seeded } from '../../support/seeded.ts';
import { callOn, type LoadResult } from './call-load.ts';
import { HoleFleet, type SiteTimes } from './hole-fleet.ts';
import type { Part, PartResult } from './part.ts';
import { spread } from './spread.ts';

type Document = Readonly<Record<string, unknown>>;

/** Begins a fault; gives what ends it. */
type Begin = (part: HoleFleet) => Promise<() => Promise<void>>;

/** One kind of fault and how long it is looked at; what has not come then does not come. */
type Fault = {
  readonly name: string;
  readonly patienceMs: number;
  readonly begin: Begin;
  /** Fewer runs where one takes minutes. */
  readonly mostRuns?: number;
};

const SEED = 20_265;
const WARM_UP_MS = 30_000;
const SLOW_S = 2;

async function drop(part: HoleFleet, direction: 'from' | 'to', percent: number) {
  const { lab, sites } = part.fleet;
  const [address] = sites.a.host.addresses;
  return await lab.network.loss.drop(direction === 'to' ? { to: address, percent } : { from: address, percent });
}

const FAULTS: readonly Fault[] = [
  {
    name: 'fault-to-provider',
    patienceMs: 15_000,
    begin: async (part) => await ending(await drop(part, 'to', 100)),
  },
  {
    name: 'fault-from-provider',
    patienceMs: 15_000,
    begin: async (part) => await ending(await drop(part, 'from', 100)),
  },
  {
    name: 'fault-refused-udp',
    patienceMs: 15_000,
    begin: async ({ fleet }) => await refuse(fleet.sites.a.host, 5060),
  },
  {
    name: 'fault-503',
    patienceMs: 60_000,
    begin: async ({ fleet }) => {
      const { a } = fleet.sites;
      await a.setOptions({ status: 503 });
      await a.setInvite({ kind: 'refuse', status: 503 });
      return async () => {
        await a.setInvite({ kind: 'accept' });
        await a.setOptions({ status: 200 });
      };
    },
  },
  {
    name: 'fault-slow',
    patienceMs: 60_000,
    begin: async ({ fleet }) => {
      await fleet.sites.a.setLate(SLOW_S);
      return async () => await fleet.sites.a.setLate(0);
    },
  },
  {
    name: 'fault-loss-30',
    patienceMs: 240_000,
    mostRuns: 3,
    begin: async ({ fleet }) => {
      const rules = await fleet.lab.network.loss.dropAt(fleet.sites.a.host.addresses[0], 30);
      return await ending(rules);
    },
  },
];

function ending(rules: readonly { readonly remove: () => Promise<void> }[]) {
  return Promise.resolve(async () => {
    for (const rule of rules) await rule.remove();
  });
}

/** Plays a fault so many times, under calls; what is seen of each run is printed. */
async function play(part: HoleFleet, fault: Fault, runs: number): Promise<PartResult> {
  await part.warmUp(WARM_UP_MS);
  const random = seeded(SEED);
  const all: SiteTimes[] = [];
  const loads: LoadResult[] = [];
  const rounds = Math.min(runs, fault.mostRuns ?? runs);
  for (let round = 1; round <= rounds; round += 1) {
    const calls = callOn(part);
    await delay(3000 + random() * 1000);
    const startedAtEpochMs = Date.now();
    const end = await fault.begin(part);
    const times = await part.watchAway(startedAtEpochMs, fault.patienceMs);
    const load = await calls.stop();
    await end();
    console.log(`run ${round}: ${JSON.stringify({ times, load })}`);
    all.push(...times);
    loads.push(load);
    if (round < rounds) await part.waitBack();
  }
  for (const { pbx, sentence } of await part.fleet.flips()) console.log(`flip on ${pbx}: ${sentence}`);
  const of = (pick: (times: SiteTimes) => number | null) => spread(all.flatMap((times) => pick(times) ?? []));
  const metrics = {
    sites: all.length,
    noticed: of(({ detectedMs }) => detectedMs),
    ownMark: of(({ markedMs }) => markedMs),
    flipped: of(({ flippedMs }) => flippedMs),
    firstCall: of(({ calledMs }) => calledMs),
    calls: loads.reduce((sum, { calls }) => sum + calls, 0),
    answered: loads.reduce((sum, { answered }) => sum + answered, 0),
    slowestCallMs: Math.max(...loads.map(({ slowestMs }) => slowestMs)),
  };
  return { metrics: { [fault.name]: metrics } };
}

function faultPart(fault: Fault): Part {
  const run: Part['run'] = async (lab, runs) => await play(await HoleFleet.start(lab, PROMISED_PACE), fault, runs);
  return { name: fault.name, targets: [], run };
}

/** Trunk A is asked at other edges than its calls go to: those of a TLS and TCP server, or of a name. */
function withEdge(edge: Document, more: Document): NonNullable<TwoSitesOptions['amendProbe']> {
  return (document) => {
    const { trunks } = document as { readonly trunks: readonly (Document & { readonly trunk: string })[] };
    const amended = trunks.map((trunk) =>
      trunk.trunk === 'a' ? { ...trunk, edges: [{ edge: 'a1', ...edge }] } : trunk,
    );
    return { ...document, ...more, trunks: amended };
  };
}

async function runTcp(lab: Lab, runs: number): Promise<PartResult> {
  const { good, host } = await startTransportEdges(lab);
  const amendProbe = withEdge({ address: good, transport: 'tcp' }, {});
  const part = await HoleFleet.start(lab, PROMISED_PACE, { amendProbe });
  const begin: Begin = async () => await refuse(host, 5060);
  return await play(part, { name: 'fault-refused-tcp', patienceMs: 15_000, begin }, runs);
}

/** Of two addresses of a name one is dead all the time: that moves nothing. The times are those from the death of the other on. */
async function runName(lab: Lab, runs: number): Promise<PartResult> {
  const { good, nameServer, west } = await startTransportEdges(lab);
  const amendProbe = withEdge({ host: SRV_NAME, transport: 'udp' }, { dns: { servers: [nameServer] } });
  const part = await HoleFleet.start(lab, PROMISED_PACE, { amendProbe });
  await part.warmUp(WARM_UP_MS);
  await lab.network.loss.dropAt(good, 100);
  const begin: Begin = async () => await ending(await lab.network.loss.dropAt(west, 100));
  return await play(part, { name: 'fault-dns', patienceMs: 15_000, begin }, runs);
}

/** Faults other than a black hole at provider A, each under a call a second at each PBX. */
export const faultParts: readonly Part[] = [
  ...FAULTS.map(faultPart),
  { name: 'fault-refused-tcp', targets: [], run: runTcp },
  { name: 'fault-dns', targets: [], run: runName },
];
