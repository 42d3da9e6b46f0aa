import { callsAreGood, callsLoseBothWays, callsLoseOneWay, signallingIsTold } from './figure-expectations.ts';
import type { Expectation, Scene } from './scene.ts';
import { CLASSES, PROVIDERS, SITES, type SimFleet } from './sim-fleet.ts';

/** Faults of the story; each may be left out, and is then missed. */
export const FAULTS = ['black-hole', 'heavy-loss', 'one-way-media', 'site-uplink', 'hub-kill'] as const;
/** One of {@link FAULTS}. */
export type Fault = (typeof FAULTS)[number];

/** One step of the story: what happens, and what must follow. */
export type Step = {
  readonly title: string;
  /** Left out when this fault is. */
  readonly fault?: Fault;
  readonly act?: (scene: Scene) => Promise<void> | void;
  readonly expectations: readonly Expectation[];
};

const PBXES = SITES.map(({ pbx }) => pbx);

/** The demo's story, in order. */
export const STORY: readonly Step[] = [
  {
    title: 'Three sites, four providers, all well',
    expectations: [
      { name: 'every path is healthy and no verdict is open', withinMs: 25_000, look: allHealthy },
      {
        name: 'calls at every trunk have a MOS above 4 both ways',
        withinMs: 20_000,
        look: callsAreGood,
      },
    ],
  },
  {
    title: 'Provider telco-a goes dead: it drops everything',
    fault: 'black-hole',
    act: ({ fleet }) => fleet.edges.get('telco-a')?.set({ isBlackHole: true }),
    expectations: [
      { name: 'national calls leave trunk a on every PBX', withinMs: 10_000, look: leadsEverywhere('national', 'b') },
      { name: 'the verdict names provider telco-a', withinMs: 15_000, look: named('provider telco-a') },
    ],
  },
  {
    title: 'Provider telco-a is back',
    fault: 'black-hole',
    act: ({ fleet }) => fleet.edges.get('telco-a')?.set({ isBlackHole: false }),
    expectations: [
      { name: 'national calls go back to trunk a, once', withinMs: 40_000, look: leadsEverywhere('national', 'a') },
      { name: 'one flip away and one back on each PBX', withinMs: 3000, look: flipsAwayAndBack },
    ],
  },
  {
    title: 'Provider telco-b loses about 40 % of what passes through it',
    fault: 'heavy-loss',
    act: ({ fleet }) => fleet.edges.get('telco-b')?.set({ lossInRatio: 0.25, lossOutRatio: 0.2 }),
    expectations: [
      { name: 'the verdict names provider telco-b', withinMs: 25_000, look: named('provider telco-b') },
      {
        name: 'international calls leave trunk b on every PBX',
        withinMs: 8000,
        look: leadsEverywhere('international', 'c'),
      },
      { name: 'calls at trunk b lose both ways', withinMs: 8000, look: callsLoseBothWays('b') },
    ],
  },
  {
    title: 'Provider telco-b is well again',
    fault: 'heavy-loss',
    act: ({ fleet }) => fleet.edges.get('telco-b')?.set({ lossInRatio: 0, lossOutRatio: 0 }),
    expectations: [{ name: 'the verdict on telco-b clears', withinMs: 25_000, look: nothingOpen }],
  },
  {
    title: 'Telco-c loses 30 % of the voice sent to it, and answers every OPTIONS',
    fault: 'one-way-media',
    act: ({ fleet }) => fleet.traffic.loseVoiceTo('c', 0.3),
    expectations: [
      { name: 'calls at trunk c lose on the way there alone', withinMs: 8000, look: callsLoseOneWay('c') },
      { name: 'ASR, PDD, registration and qualify are told', withinMs: 3000, look: signallingIsTold },
    ],
  },
  {
    title: 'The uplink of site lon loses about 40 % of all round trips',
    fault: 'site-uplink',
    act: ({ fleet }) => {
      fleet.traffic.loseVoiceTo('c', 0);
      uplinkLoss(fleet, 'lon-1', '127.0.1.3');
    },
    expectations: [
      { name: 'the verdict names site lon, and no provider', withinMs: 30_000, look: named('site lon') },
      { name: 'no route moves for it', withinMs: 1000, look: leadsEverywhere('national', 'a') },
    ],
  },
  {
    title: 'The hub is killed; a while later it is back',
    fault: 'hub-kill',
    act: async ({ fleet, routesAtKill }) => {
      for (const edge of [...fleet.edges.values(), ...fleet.peers.values()]) {
        edge.set({ lossInRatio: 0, lossOutRatio: 0 });
        edge.set({ forSource: '127.0.1.3', lossInRatio: 0, lossOutRatio: 0 });
      }
      await fleet.hub.end('SIGKILL');
      for (const [place, text] of routeTexts(fleet)) routesAtKill.set(place, text);
    },
    expectations: [
      { name: 'every PBX keeps its routes while the hub is away', withinMs: 3000, look: routesHeld },
      { name: 'the hub is back with all probes and the routes it found', withinMs: 20_000, look: hubReturned },
    ],
  },
];

async function allHealthy({ view }: Scene): Promise<string | undefined> {
  const paths = await view.paths();
  const verdicts = await view.openVerdicts();
  const expected = PBXES.length * (PROVIDERS.length + PBXES.length - 1);
  if (!paths || !verdicts || paths.length !== expected || verdicts.length > 0) return undefined;
  return paths.every(({ state }) => state === 'healthy') ? `${paths.length} paths healthy` : undefined;
}

function leadsEverywhere(className: string, trunk: string): Expectation['look'] {
  return async ({ fleet }) => {
    const texts = PBXES.map((pbx) => fleet.route(pbx, className));
    const isLed = texts.every((text) => text?.split(':')[2]?.startsWith(`${trunk}/`) ?? false);
    return isLed ? `AstDB: ${texts.join(' | ')}` : undefined;
  };
}

function named(place: string): Expectation['look'] {
  return async ({ view }) => {
    const open = await view.openVerdicts();
    const wrong = open?.filter((verdict) => verdict.certainty === 'named' && verdict.place !== place) ?? [];
    const right = open?.find((verdict) => verdict.certainty === 'named' && verdict.place === place);
    return right && wrong.length === 0 ? right.sentence : undefined;
  };
}

async function nothingOpen({ view }: Scene): Promise<string | undefined> {
  return (await view.openVerdicts())?.length === 0 ? 'no verdict is open' : undefined;
}

async function flipsAwayAndBack({ view }: Scene): Promise<string | undefined> {
  const journal = await view.journal();
  if (!journal) return undefined;
  const flips = journal.filter(({ kind, scope }) => kind === 'flip' && scope.class === 'national');
  const perPbx = PBXES.map((pbx) => flips.filter(({ scope }) => scope.pbx === pbx).length);
  return perPbx.every((count) => count === 2) ? `flips per PBX: ${perPbx.join(', ')}` : undefined;
}

function uplinkLoss(fleet: SimFleet, pbx: string, address: string): void {
  const loss = { lossInRatio: 0.25, lossOutRatio: 0.2 };
  for (const edge of fleet.edges.values()) edge.set({ forSource: address, ...loss });
  for (const [name, peer] of fleet.peers) peer.set(name === pbx ? loss : { forSource: address, ...loss });
}

function routeTexts(fleet: SimFleet): readonly (readonly [string, string])[] {
  return PBXES.flatMap((pbx) =>
    CLASSES.map(({ class: name }) => [`${pbx} ${name}`, fleet.route(pbx, name) ?? ''] as const),
  );
}

/** Trunks of a route text, the leading one first and the others, whose order may heal without a flip, by name. */
function leadAndRest(text: string): string {
  const [lead = '', ...rest] = (text.split(':')[2] ?? '').split(',').map((entry) => entry.split('/')[0] ?? '');
  return [lead, ...rest.toSorted((a, b) => a.localeCompare(b))].join(' ');
}

/** Whether every route of AstDB is what it was at the kill, seen through `view`. */
function areRoutesAsAtKill({ fleet, routesAtKill }: Scene, view: (text: string) => string): boolean {
  const now = routeTexts(fleet);
  const isSame = ([place, text]: readonly [string, string]) => view(text) === view(routesAtKill.get(place) ?? '');
  return routesAtKill.size === now.length && now.every((route) => route[1] !== '' && isSame(route));
}

async function routesHeld(scene: Scene): Promise<string | undefined> {
  if ((await scene.view.isAlive()) || !areRoutesAsAtKill(scene, (text) => text)) return undefined;
  return `the hub is away; AstDB: ${PBXES.map((pbx) => scene.fleet.route(pbx, 'national')).join(' | ')}`;
}

async function hubReturned(scene: Scene): Promise<string | undefined> {
  const { fleet, view } = scene;
  if (fleet.hub.pid === undefined) fleet.hub.start();
  const pbxes = await view.pbxes();
  const journal = await view.journal();
  const starts = journal?.filter(({ kind }) => kind === 'hub-started').length ?? 0;
  const isWhole = pbxes?.every(({ probe }) => probe === 'connected') ?? false;
  if (!isWhole || starts < 2 || !areRoutesAsAtKill(scene, leadAndRest)) return undefined;
  const sinceStart =
    journal?.slice(
      0,
      journal.findIndex(({ kind }) => kind === 'hub-started'),
    ) ?? [];
  if (sinceStart.some(({ kind }) => kind === 'flip')) return undefined;
  return `${pbxes?.length} probes connected, hub started ${starts} times, all ${scene.routesAtKill.size} routes lead where they led`;
}
