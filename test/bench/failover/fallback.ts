import { setTimeout as delay } from 'node:timers/promises';
import { NATIONAL } from '../../lab/fleet.ts';
import type { Lab } from '../../lab/lab.ts';
import { openTwoSites, type Site, type TwoSites } from '../../lab/two-sites.ts';
import { maxOf, type Part, type PartResult } from './part.ts';
import { spread } from './spread.ts';

/** Nothing listens there, so TCP is refused. */
const CLOSED_PORT = 5099;
const DEFAULT_T1_MS = 500;
/** Runs of a call that is silent for half a minute. */
const MOST_SLOW_RUNS = 3;
const RING_AFTER_S = 8;
const NAMES = {
  reply: 'fallback of a call after an error reply, max of 10 runs',
  refused: 'fallback of a call after a refused transport, max of 10 runs',
  mark: 'fallback of a call past a down mark, max of 10 runs',
} as const;

type Document = Readonly<Record<string, unknown>>;

/** The second PBX dials A by TCP, at a port where nothing listens. */
function amendProbe(document: Document): Document {
  const { pbx, trunks } = document as {
    readonly pbx: string;
    readonly trunks: readonly (Document & { readonly trunk: string; readonly edges: readonly Document[] })[];
  };
  if (pbx !== 'pbx2') return document;
  const refused = trunks.map((trunk) => {
    if (trunk.trunk !== 'a') return trunk;
    const edges = trunk.edges.map((edge) => {
      const dialUri = `sip:{number}@${String(edge['address'])}:${CLOSED_PORT};transport=tcp`;
      return { ...edge, dialUri };
    });
    return { ...trunk, edges };
  });
  return { ...document, trunks: refused };
}

/** From the phone's INVITE to its arrival at B, milliseconds. @throws Error when it did not arrive there or was not answered. */
async function timeToB({ b, phone }: TwoSites, site: Site): Promise<number> {
  const [address] = site.pbx.host.addresses;
  const before = b.invites().length;
  const { sentAtEpochMs, status } = await phone.call(site.place.address, { number: NATIONAL, timeoutMs: 90_000 });
  const arrived = b
    .invites()
    .slice(before)
    .find(({ sourceAddress }) => sourceAddress === address);
  if (!arrived || status !== 200) throw new Error(`${site.place.pbx}: the call did not reach B, status ${status}`);
  return arrived.receivedAtEpochMs - sentAtEpochMs;
}

async function each(what: string, runs: number, once: () => Promise<number>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 1; round <= runs; round += 1) {
    times.push(Math.round(await once()));
    await delay(200);
  }
  console.log(`${what}: ${JSON.stringify(times)}`);
  return times;
}

/** A call that gets 100 at once and rings after 8 s at A, at one PBX: how it went. */
async function ringLate({ a, b, phone }: TwoSites, site: Site) {
  const before = { atA: a.invites().length, atB: b.invites().length };
  const { provisional, status, tookMs } = await phone.call(site.place.address, { number: NATIONAL });
  const [atA, atB] = [a.invites().length - before.atA, b.invites().length - before.atB];
  return { pbx: site.place.pbx, status, provisional, tookMs: Math.round(tookMs), atA, atB };
}

async function run(lab: Lab, runs: number): Promise<PartResult> {
  const sites = await openTwoSites(lab, {
    amendProbe,
    furtherPbxes: [{ pbx: 'pbx3', site: 'site3' }],
    timerT1MsOf: { pbx3: DEFAULT_T1_MS },
  });
  const [first, second] = sites.sites;
  const [third] = sites.further;
  if (!third) throw new Error('no third PBX');
  await sites.a.setInvite({ kind: 'refuse', status: 503 });
  const reply = await each('after 503', runs, async () => await timeToB(sites, first));
  await sites.a.setInvite({ kind: 'accept' });
  const refused = await each('after refused TCP', runs, async () => await timeToB(sites, second));
  await first.pbx.databasePut('trunkward', 'down/a', `${Math.floor(Date.now() / 1000) + 600}`);
  const mark = await each('past a mark', runs, async () => await timeToB(sites, first));
  await first.pbx.databaseClear();
  await sites.a.setInvite({ kind: 'ignore' });
  const optIn = await each(
    'silent, T1 100 ms, timer B 6.4 s',
    Math.min(runs, MOST_SLOW_RUNS),
    async () => await timeToB(sites, first),
  );
  const plain = await each(
    'silent, default timers',
    Math.min(runs, MOST_SLOW_RUNS),
    async () => await timeToB(sites, third),
  );
  await sites.a.setInvite({ kind: 'accept' });
  await sites.a.setLate(RING_AFTER_S);
  const late = [await ringLate(sites, first), await ringLate(sites, third)];
  for (const call of late) {
    const isThrough = call.status === 200 && call.provisional.includes(180) && call.atA === 1 && call.atB === 0;
    lab.check('a call that gets 100 and rings after 8 s is left ringing', isThrough, call);
  }
  return {
    metrics: {
      fallback: {
        afterErrorReply: spread(reply),
        afterRefusedTcp: spread(refused),
        pastDownMark: spread(mark),
        silentTrunkTimerB6400: spread(optIn),
        silentTrunkDefaultTimers: spread(plain),
        ringsAfter8S: late,
      },
    },
    values: {
      [NAMES.reply]: maxOf(runs, reply),
      [NAMES.refused]: maxOf(runs, refused),
      [NAMES.mark]: maxOf(runs, mark),
    },
  };
}

/** The dialplan alone, without hub and probes: how long one call takes to get past a trunk that does not take it. */
export const fallbackPart: Part = { name: 'fallback', targets: Object.values(NAMES), run };
