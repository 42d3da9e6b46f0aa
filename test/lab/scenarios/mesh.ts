import type { MeshView } from '../../../server/assign/mesh-view.ts';
import { areMeasuring, MeshBench, type Way } from '../mesh-bench.ts';
import type { Scenario } from '../scenario.ts';

/** A probe that is gone is waited for 15 s; the hub looks once a second. */
const REELECT_BOUND_MS = 20_000;

async function checkElection(bench: MeshBench): Promise<MeshView> {
  const { lab } = bench;
  const { tookMs, value: streams } = await bench.waitTwoPairs();
  const ends = streams.flatMap(({ reflector, sender }) => [sender, reflector]);
  const senderSites = new Set(streams.map(({ senderSite }) => senderSite));
  const isAcross = streams.every(({ reflectorSite, senderSite }) => senderSite !== reflectorSite);
  lab.check(
    'two pairs without a PBX in common measure, one sent from each site',
    isAcross && senderSites.size === 2 && new Set(ends).size === 4,
    { pairs: streams.map(({ pair }) => pair), tookMs: Math.round(tookMs) },
  );
  const told = await bench.journal();
  const isTold = streams.every(({ reflector, sender }) =>
    told.some((text) => text.includes(`${sender} to ${reflector}`)),
  );
  lab.check('the journal names both', isTold, { told });
  const [first] = streams;
  if (!first) throw new Error('no stream');
  return first;
}

async function checkLoss(bench: MeshBench, stream: MeshView, lossy: Way): Promise<void> {
  const values = await bench.lose(stream, lossy);
  const other = lossy === 'forward' ? 'reverse' : 'forward';
  bench.lab.check(
    `ten percent lost ${lossy}: the packets told lost are those that the kernel dropped, in that direction alone`,
    values.droppedPackets > 20 && values[lossy] === values.droppedPackets && values[other] === 0,
    values,
  );
}

async function checkDisorder(bench: MeshBench, stream: MeshView): Promise<void> {
  const values = await bench.disorder(stream);
  const { captured, forward, reverse } = values;
  bench.lab.check(
    'packets out of order and come twice are those of the capture at the receiver',
    captured.reordered > 3 &&
      captured.duplicates > 10 &&
      forward.reordered === captured.reordered &&
      forward.duplicates === captured.duplicates,
    values,
  );
  const isClean = forward.lost === 0 && Object.values(reverse).every((packets) => packets === 0);
  bench.lab.check('they are no loss, and the other direction has none', isClean, { lost: forward.lost, reverse });
}

async function checkYield(bench: MeshBench, stream: MeshView): Promise<void> {
  const { lab, mesh, sites } = bench;
  const { place } = bench.siteOf(stream.sender);
  const call = sites.phone.call(place.address, { number: '030123456', holdMs: 25_000 });
  const isYielding = (streams: readonly MeshView[]): boolean =>
    streams.some(({ idle, pair, state }) => pair === stream.pair && state === 'idle' && idle?.because === 'live-calls');
  const { tookMs } = await mesh.waitStreams('the stream yields', isYielding, 25_000);
  const { noData } = await mesh.sheet(stream);
  lab.check(
    'a live call silences the stream of its PBX, and the path says so',
    noData?.some(({ because, what }) => what === 'mesh' && because.includes('live calls')) === true,
    { tookMs: Math.round(tookMs), noData },
  );
  const { status } = await call;
  const back = await mesh.waitStreams('both pairs again', (all) => areMeasuring(all, 2), 60_000);
  lab.check('the call was answered, and its stream goes on after it', status === 200, {
    status,
    tookMs: Math.round(back.tookMs),
  });
}

/** One end of each pair dies, of different sites: the two that are left make a pair. */
async function checkReelection(bench: MeshBench): Promise<void> {
  const { lab, mesh, probes } = bench;
  const [one, other] = await mesh.streams();
  if (!one || !other) throw new Error('no pairs');
  const dead = [one.sender, other.sender];
  const left = [one.reflector, other.reflector];
  for (const pbx of dead) probes.get(pbx)?.signal('SIGKILL');
  const isAnother = (all: readonly MeshView[]): boolean =>
    all.length === 1 && all.every(({ reflector, sender }) => left.includes(sender) && left.includes(reflector));
  const elected = await mesh.waitStreams('a new pair', isAnother, 60_000);
  lab.check(
    'the loss of an elected probe in each pair elects the two that are left, in bounded time',
    elected.tookMs <= REELECT_BOUND_MS,
    {
      dead,
      pair: elected.value[0]?.pair,
      tookMs: Math.round(elected.tookMs),
      boundMs: REELECT_BOUND_MS,
    },
  );
  const measuring = await mesh.waitStreams('the new pair measures', (all) => areMeasuring(all, 1), 30_000);
  const told = await bench.journal();
  const isTold = dead.every((pbx) =>
    told.some((text) => text.includes('been heard for 15 s') && text.includes(pbx) && text.includes('is given up')),
  );
  lab.check(
    'the journal says of both why, and the new pair measures',
    isTold && told.some((text) => text.endsWith('takes its place')),
    { told, measuringAfterMs: Math.round(elected.tookMs + measuring.tookMs) },
  );
}

/** The mesh as operators meet it. */
export const scenario: Scenario = {
  name: 'mesh',
  smoke: false,
  run: async (lab) => {
    const bench = await MeshBench.open(lab);
    const stream = await checkElection(bench);
    await checkLoss(bench, stream, 'forward');
    await checkLoss(bench, stream, 'reverse');
    await checkDisorder(bench, stream);
    await checkYield(bench, stream);
    await checkReelection(bench);
  },
};
