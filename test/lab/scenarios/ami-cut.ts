import { setTimeout as delay } from 'node:timers/promises';
import { type CallRecord, readCallRecords } from '../call-records.ts';
import { Fleet, NATIONAL, type TracedCall } from '../fleet.ts';
import { pollUntil } from '../poll.ts';
import { close, cutMidPacket, openAgain } from '../relay.ts';
import type { Scenario } from '../scenario.ts';

const CUTS = 5;
const CALLS_A_CUT = 6;
const CALL_EVERY_MS = 400;
/** All longer than AMI is away at a cut, so that no call's whole life falls into one. */
const HOLDS_MS = [900, 1500, 3000] as const;
/** Asterisk's start of a leg and the provider's receipt of its INVITE lie at most so far apart. */
const MATCH_MS = 150;

type Placed = { readonly startedAtEpochMs: number; readonly endedAtEpochMs: number };

/** Places calls of mixed length at the first site, one every {@link CALL_EVERY_MS}, until told to stop. */
function callOn(fleet: Fleet) {
  const ending = new AbortController();
  const calls: Promise<TracedCall>[] = [];
  const loop = (async () => {
    for (let count = 0; !ending.signal.aborted; count += 1) {
      calls.push(
        fleet.call(fleet.sites.sites[0], { number: NATIONAL, holdMs: HOLDS_MS[count % HOLDS_MS.length] ?? 0 }),
      );
      await delay(CALL_EVERY_MS);
    }
  })();
  return {
    stop: async (): Promise<readonly TracedCall[]> => {
      ending.abort();
      await loop;
      return await Promise.all(calls);
    },
  };
}

/**
 * Matches records with INVITEs at the provider by start; each may be used once. A call whose beginning fell into a gap has
 * its start from Asterisk's Uniqueid, which says the second only; whole records are matched first.
 */
function match(records: readonly CallRecord[], inviteTimes: readonly number[]) {
  const free = inviteTimes.toSorted((one, other) => one - other);
  const isCoarse = ({ startedAtEpochMs }: CallRecord) => startedAtEpochMs % 1000 === 0;
  const inOrder = records.toSorted(
    (one, other) => Number(isCoarse(one)) - Number(isCoarse(other)) || one.startedAtEpochMs - other.startedAtEpochMs,
  );
  const unmatched = inOrder.filter((record) => {
    const latestMs = record.startedAtEpochMs + MATCH_MS + (isCoarse(record) ? 1000 : 0);
    const at = free.findIndex((time) => time >= record.startedAtEpochMs - MATCH_MS && time <= latestMs);
    if (at === -1) return true;
    free.splice(at, 1);
    return false;
  });
  return { withoutInvite: unmatched, withoutRecord: free };
}

async function cutUnderCalls(fleet: Fleet): Promise<void> {
  const { lab, sites } = fleet;
  const [site] = sites.sites;
  const calls = callOn(fleet);
  const lostBefore = (await sites.reader.journal('asterisk-lost')).length;
  const gaps: Placed[] = [];
  for (let cut = 1; cut <= CUTS; cut += 1) {
    await pollUntil('calls between the cuts', () => sites.a.invites().length >= cut * CALLS_A_CUT, {
      timeoutMs: 15_000,
    });
    const startedAtEpochMs = Date.now();
    await cutMidPacket(site.amiRelay, 15_000);
    await pollUntil(
      'AMI is back',
      async () =>
        (await sites.reader.journal('asterisk-connected')).filter(({ scope }) => scope.pbx === 'pbx1').length > cut,
      { timeoutMs: 20_000 },
    );
    gaps.push({ startedAtEpochMs, endedAtEpochMs: Date.now() });
  }
  const placed = await calls.stop();
  const inviteTimes = sites.a.invites().map(({ receivedAtEpochMs }) => receivedAtEpochMs);
  const settled = () => readCallRecords(sites.hubDataDir, 'pbx1');
  await pollUntil(
    'the hub has a record or a note of each call',
    () => settled().ended.length + settled().unknownEnds.length >= inviteTimes.length,
    { timeoutMs: 10_000 },
  ).catch(() => undefined);
  const { ended, unknownEnds } = settled();
  const answered = placed.filter(({ status }) => status === 200).length;
  const lost = (await sites.reader.journal('asterisk-lost')).length - lostBefore;
  lab.check(`${CUTS} cuts in the middle of a packet, each noticed and mended`, lost === CUTS, {
    lost,
    cuts: site.amiRelay.log.split('\n').filter((line) => line.startsWith('cut')),
    mendedMs: gaps.map(({ startedAtEpochMs, endedAtEpochMs }) => endedAtEpochMs - startedAtEpochMs),
  });
  const uniqueIds = new Set(ended.map(({ uniqueId }) => uniqueId));
  lab.check('no call is counted twice', uniqueIds.size === ended.length, {
    records: ended.length,
    different: uniqueIds.size,
  });
  const { withoutInvite, withoutRecord } = match(ended, inviteTimes);
  lab.check('no record without a call at the provider', withoutInvite.length === 0, { withoutInvite });
  const unexplained = withoutRecord.length - unknownEnds.length;
  const isWhole = answered === placed.length && inviteTimes.length === placed.length;
  lab.check('every call has its record, or the note that its end was not seen', isWhole && unexplained === 0, {
    byTheCallers: placed.length,
    answered,
    atTheProvider: inviteTimes.length,
    records: ended.length,
    marked: ended.filter(({ hasMissedEvents }) => hasMissedEvents).length,
    notes: unknownEnds.length,
    withoutRecord,
  });
  const outside = ended.filter(({ startedAtEpochMs, endedAtEpochMs }) =>
    gaps.every((gap) => endedAtEpochMs < gap.startedAtEpochMs || startedAtEpochMs > gap.endedAtEpochMs),
  );
  lab.check(
    'calls away from the cuts are whole',
    outside.length >= CUTS && outside.every(({ hasMissedEvents }) => !hasMissedEvents),
    {
      outside: outside.length,
    },
  );
}

/**
 * AMI is away for seconds. A call that ends meanwhile is noted as such when it is back; one whose whole life falls into it
 * is not known to AMI afterwards, and nothing is made up for it.
 */
async function longGap(fleet: Fleet): Promise<void> {
  const { lab, sites } = fleet;
  const [site] = sites.sites;
  const before = readCallRecords(sites.hubDataDir, 'pbx1');
  const after = () => {
    const { ended, unknownEnds } = readCallRecords(sites.hubDataDir, 'pbx1');
    return { ended: ended.slice(before.ended.length), unknownEnds: unknownEnds.slice(before.unknownEnds.length) };
  };
  const across = fleet.call(site, { number: NATIONAL, holdMs: 7000 });
  const into = fleet.call(site, { number: NATIONAL, holdMs: 1500 });
  await pollUntil('two calls are up', async () => (await site.pbx.activeChannels()) === 4, {
    timeoutMs: 5000,
    intervalMs: 50,
  });
  await close(site.amiRelay);
  const intoEnd = await into;
  const inside = await fleet.call(site, { number: NATIONAL, holdMs: 200 });
  await openAgain(site.amiRelay);
  const acrossEnd = await across;
  await pollUntil('record and note', () => after().ended.length + after().unknownEnds.length >= 2, {
    timeoutMs: 15_000,
  }).catch(() => undefined);
  const { ended, unknownEnds } = after();
  const statuses = [acrossEnd, intoEnd, inside].map(({ status }) => status);
  const isMarked = ended.length === 1 && ended[0]?.hasMissedEvents === true;
  lab.check('a gap of seconds: the call across it has its record, marked', isMarked, { statuses, ended });
  lab.check('the end that fell into it is a note', unknownEnds.length === 1, { unknownEnds });
}

/** AMI of the first site is cut in the middle of a packet, again and again, under calls; then it is away for seconds. */
export const scenario: Scenario = {
  name: 'ami-cut',
  smoke: true,
  run: async (lab) => {
    const fleet = await Fleet.start(lab);
    await cutUnderCalls(fleet);
    await longGap(fleet);
    await fleet.checkMemory();
  },
};
