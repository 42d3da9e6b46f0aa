import { type BlameCase, type BlamePatience, playBlame, waitCalm, waitSent } from '../blame-case.ts';
import { Fleet } from '../fleet.ts';
import type { Lab } from '../lab.ts';
import { areMeasuring } from '../mesh-bench.ts';
import { MeshReader } from '../mesh-reader.ts';
import { pollUntil } from '../poll.ts';
import { givePriority } from '../priority.ts';
import { DENSE_PACE, SHORT_DAMPING } from '../program-config.ts';
import { recordFleet } from '../recording.ts';
import type { Scenario } from '../scenario.ts';
import { THIRD_SITE } from '../two-sites.ts';

const CADENCE = { onMs: 10_000, offMs: 1000 };
/** Each pair of the three sites has one. */
const STREAMS = 3;
const CALLS_EACH = 2;
const QUIET_SENT = 40;
const CALM_MS = 90_000;

/** A fleet of three sites at work. Provider A is an Asterisk behind its edge, which tells by RTCP what it gets of a call; SIPp at provider B tells nothing. */
class BlameFleet {
  readonly fleet: Fleet;
  /** Where the media of provider A come from and go to. */
  readonly mediaAddress: string;

  private constructor(fleet: Fleet, mediaAddress: string) {
    this.fleet = fleet;
    this.mediaAddress = mediaAddress;
  }

  static async start(lab: Lab, name: string): Promise<BlameFleet> {
    const media = await lab.addPbx('media-a');
    const fleet = await Fleet.start(lab, {
      ...SHORT_DAMPING,
      pace: DENSE_PACE,
      furtherPbxes: THIRD_SITE,
      amendHub: (document) => ({ ...document, mesh: CADENCE }),
    });
    await recordFleet(fleet, name);
    for (const probe of fleet.probes) await givePriority(probe);
    const [mediaAddress] = media.host.addresses;
    await media.configure({
      address: mediaAddress,
      trunks: [{ endpoint: 'edge', address: fleet.sites.a.host.addresses[0] }],
      phoneAddresses: [],
      ami: { user: 'nobody', secret: 'nobody' },
      isAnsweringTrunks: true,
    });
    await media.start();
    await fleet.sites.a.answerBy(mediaAddress);
    return new BlameFleet(fleet, mediaAddress);
  }

  address(pbx: number): string {
    const site = this.fleet.all[pbx - 1];
    if (!site) throw new Error(`no pbx${pbx}`);
    return site.place.address;
  }

  /** Calls that send a tone, from the first two PBXs through provider A and from the second through B, until the end. */
  async call(): Promise<void> {
    const { a, b } = this.fleet.sites;
    const [first, second] = this.fleet.sites.sites;
    for (let count = 0; count < CALLS_EACH; count += 1) {
      for (const [site, trunk, provider] of [
        [first, 'a', a],
        [second, 'a', a],
        [second, 'b', b],
      ] as const) {
        const uri = `sip:+493055${count}@${provider.host.addresses[0]}:5060`;
        await site.pbx.console(`channel originate PJSIP/trunk-${trunk}/${uri} application Milliwatt`);
      }
    }
    const areUp = async (): Promise<boolean> =>
      (await first.pbx.activeChannels()) >= CALLS_EACH && (await second.pbx.activeChannels()) >= 2 * CALLS_EACH;
    await pollUntil('the calls are up', areUp, { timeoutMs: 20_000, signal: this.fleet.lab.signal });
  }

  /** Waits until the whole mesh measures and every path has been asked often enough. */
  async waitQuiet(): Promise<void> {
    const { lab, sites } = this.fleet;
    const mesh = new MeshReader(sites.reader, lab.signal);
    await mesh.waitStreams('the mesh measures', (streams) => areMeasuring(streams, STREAMS), 90_000);
    await waitSent(this.fleet, QUIET_SENT);
  }
}

/** Each place in each direction; where a place comes again the last fault of it is minutes away, for media are kept by the minute. */
function casesOf(fleet: BlameFleet, percent: number): readonly BlameCase[] {
  const { a, b } = fleet.fleet.sites;
  const [edgeA, edgeB] = [a.host.addresses[0], b.host.addresses[0]];
  const [one, two, three] = [fleet.address(1), fleet.address(2), fleet.address(3)];
  const ofA = [edgeA, fleet.mediaAddress];
  const cases: readonly BlameCase['faults'][number][] = [
    { place: 'site site3', direction: 'towards', drops: [{ to: three, percent }] },
    { place: 'provider telco-a', direction: 'from', drops: ofA.map((from) => ({ from, percent })) },
    { place: 'path pbx2 > b.b1', direction: 'unknown', drops: [{ from: two, to: edgeB, percent }] },
    { place: 'path pbx1 > peer.pbx2', direction: 'from', drops: [{ from: two, to: one, percent }] },
    { place: 'site site3', direction: 'from', drops: [{ from: three, percent }] },
    { place: 'provider telco-a', direction: 'towards', drops: ofA.map((to) => ({ to, percent })) },
    { place: 'path pbx2 > b.b1', direction: 'unknown', drops: [{ from: edgeB, to: two, percent }] },
    { place: 'path pbx1 > peer.pbx2', direction: 'towards', drops: [{ from: one, to: two, percent }] },
  ];
  return cases.map((fault) => ({ name: nameOf(fault), faults: [fault] }));
}

function nameOf({ drops: [drop], place }: BlameCase['faults'][number]): string {
  const ends = [drop?.from, drop?.to].map((address) => address ?? 'anybody');
  return `${drop?.percent} % at ${place}, ${ends.join(' to ')}`;
}

async function playPlaces(lab: Lab, percent: number, patience: BlamePatience): Promise<void> {
  const fleet = await BlameFleet.start(lab, `blame-${percent}`);
  await fleet.call();
  await fleet.waitQuiet();
  for (const blame of casesOf(fleet, percent)) {
    await playBlame(fleet.fleet, blame, patience);
    await waitCalm(fleet.fleet, patience.calmMs);
  }
  const flips = await fleet.fleet.flips();
  console.log(`     flips: ${JSON.stringify(flips.map(({ from, pbx }) => `${pbx} from ${from}`))}`);
}

/** A provider loses while a site of three does: the provider has two other sites for witnesses. */
async function playTwo(lab: Lab): Promise<void> {
  const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, pace: DENSE_PACE, furtherPbxes: THIRD_SITE });
  await recordFleet(fleet, 'two-faults');
  await waitSent(fleet, QUIET_SENT);
  const around = (address: string) => [
    { from: address, percent: 15 },
    { to: address, percent: 15 },
  ];
  const faults = [
    {
      place: 'provider telco-a',
      direction: 'both or unknown',
      drops: around(fleet.sites.a.host.addresses[0]),
    },
    {
      place: 'site site2',
      direction: 'both or unknown',
      drops: around(fleet.sites.sites[1].place.address),
    },
  ] as const;
  await playBlame(fleet, { name: '15 % each way at both', faults }, { toldMs: 60_000, afterMs: 5000, calmMs: CALM_MS });
}

/** Whose fault it is, at one place after another and at two at once; a recording of each is left in dist/lab-recordings. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'blame-10',
    smoke: false,
    run: async (lab) => await playPlaces(lab, 10, { toldMs: 150_000, afterMs: 8000, calmMs: CALM_MS }),
  },
  {
    name: 'blame-5',
    smoke: false,
    run: async (lab) => await playPlaces(lab, 5, { toldMs: 300_000, afterMs: 8000, calmMs: 300_000 }),
  },
  { name: 'two-faults', smoke: true, run: playTwo },
];
