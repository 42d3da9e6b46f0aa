import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../../server/evidence/digest-client.ts';
import type { EvidencePack, PackSpan } from '../../../server/evidence/evidence-pack.ts';
import { verifyPack } from '../../../server/evidence/verify-pack.ts';
import { wilsonInterval } from '../../../server/paths/wilson.ts';
import { Fleet } from '../fleet.ts';
import type { HubReader } from '../hub-reader.ts';
import type { Lab } from '../lab.ts';
import { pollFor, pollUntil } from '../poll.ts';
import { DENSE_PACE, SHORT_DAMPING } from '../program-config.ts';
import type { Scenario } from '../scenario.ts';

/** Of each direction, so that a probe is lost there and back with 1 - 0.9487² = 10 %. */
const EACH_WAY_PERCENT = 5.13;
const FAULT_MS = 200_000;
const CALL_MS = 120_000;
const MINUTE_MS = 60_000;
/** An interval of 95 % misses once in twenty times: then by less than this. */
const MISSED_MS = 4000;
const FOLDER = join(import.meta.dirname, '../../../dist/lab-evidence');
const PLACE = 'provider telco-a';

/** Providers with the zone of their engineers. */
function withZones(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const providers = document['providers'] as readonly object[];
  return { ...document, providers: providers.map((provider) => ({ ...provider, timeZone: 'Europe/Berlin' })) };
}

async function namedVerdict(reader: HubReader) {
  const verdicts = await reader.verdicts().catch(() => []);
  return verdicts.find(({ certainty, place }) => certainty === 'named' && place === PLACE);
}

async function keep(reader: HubReader, verdictId: string): Promise<EvidencePack> {
  await mkdir(FOLDER, { recursive: true });
  let json = '';
  for (const ending of ['json', 'html', 'csv']) {
    const { status, text } = await reader.fetch(`/api/v1/verdicts/${verdictId}/evidence.${ending}`);
    if (status !== 200) throw new Error(`evidence.${ending}: ${status} ${text.slice(0, 300)}`);
    await writeFile(join(FOLDER, `evidence.${ending}`), text);
    if (ending === 'json') json = text;
  }
  return JSON.parse(json) as EvidencePack;
}

/** Sum of the spans that lie wholly between two times. */
function within(spans: readonly PackSpan[], fromMs: number, toMs: number) {
  const inside = spans.filter(
    ({ lengthMs, startEpochMs }) => startEpochMs >= fromMs && startEpochMs + lengthMs <= toMs,
  );
  const sum = (field: 'sent' | 'lost') => inside.reduce((total, span) => total + span[field], 0);
  return { minutes: inside.length, sent: sum('sent'), lost: sum('lost') };
}

async function play(lab: Lab): Promise<void> {
  const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, pace: DENSE_PACE, amendHub: withZones });
  const { a, reader, sites } = fleet.sites;
  await pollUntil('some quiet before', async () => (await reader.paths()).every(({ sent }) => sent >= 60), {
    timeoutMs: 30_000,
    intervalMs: 500,
    signal: lab.signal,
  });
  const calls = sites.map((site) => fleet.call(site, { number: '030123456', holdMs: CALL_MS, timeoutMs: 2 * CALL_MS }));
  const beganAtMs = Date.now();
  const rules = await lab.network.loss.dropAt(a.host.addresses[0], EACH_WAY_PERCENT);
  const droppingAtMs = Date.now();
  const { value: named } = await pollFor('the verdict', () => namedVerdict(reader), {
    timeoutMs: 120_000,
    intervalMs: 500,
    signal: lab.signal,
  });
  await pollUntil('a fault of some minutes', () => Date.now() - beganAtMs >= FAULT_MS, {
    timeoutMs: FAULT_MS,
    intervalMs: 500,
    signal: lab.signal,
  });
  const truths = await Promise.all(rules.map((rule) => rule.counter()));
  await lab.network.loss.clear();
  const endedAtMs = Date.now();
  await Promise.all(calls);
  let last: unknown;
  await pollUntil(
    'the end of the verdict',
    async () => {
      const verdicts = await reader.verdicts().catch(() => []);
      const own = verdicts.find(({ verdictId }) => verdictId === named.verdictId);
      last = verdicts.map(({ certainty, place, sentence }) => `${certainty} ${place}: ${sentence}`);
      return own?.clearedAtEpochMs !== undefined;
    },
    { timeoutMs: 150_000, intervalMs: 500, signal: lab.signal },
  ).catch((error: unknown) => {
    throw new Error(JSON.stringify(last), { cause: error });
  });
  const minuteEndMs = (Math.floor(Date.now() / MINUTE_MS) + 2) * MINUTE_MS + 7000;
  await pollUntil('the minutes to be kept', () => Date.now() >= minuteEndMs, { timeoutMs: 130_000, intervalMs: 500 });

  fleet.hub.signal('SIGTERM');
  await fleet.hub.ended;
  fleet.startHub();
  await fleet.waitHealthy();
  const pack = await keep(reader, named.verdictId);
  const { digests, faults, figures } = verifyPack(pack, sha256Hex);
  lab.check('another life of the hub makes the pack, and every figure of it is worked out anew', faults.length === 0, {
    faults,
    figures,
    digests,
  });
  const passed = truths.reduce((ratio, { lossRatio }) => ratio * (1 - lossRatio), 1);
  const fault = within(pack.pooled.inside, beganAtMs, endedAtMs);
  const { highRatio, lowRatio } = wilsonInterval(fault);
  const isTrue = fault.minutes >= 2 && lowRatio <= 1 - passed && 1 - passed <= highRatio;
  lab.check('the interval of its whole minutes holds what the kernel dropped', isTrue, {
    ...fault,
    lowRatio,
    highRatio,
    kernel: 1 - passed,
  });
  const control = within(pack.pooled.control, beganAtMs, endedAtMs);
  lab.check('the control group is there and clean', control.sent > 100 && control.lost / control.sent < 0.01, control);
  lab.check('it accuses the provider, from before the verdict was opened', pack.verdict.place === PLACE, {
    headline: pack.summary.headline,
    openedAfterMs: pack.verdict.openedAtEpochMs - beganAtMs,
    firstLossAfterMs: (pack.verdict.firstLossAtEpochMs ?? 0) - beganAtMs,
    missing: pack.missing,
  });
  const { cost, sinceEpochMs, sinceHighEpochMs = 0, sinceLowEpochMs = Number.POSITIVE_INFINITY } = pack.verdict;
  const isHeld = sinceLowEpochMs - MISSED_MS <= droppingAtMs && beganAtMs <= sinceHighEpochMs + MISSED_MS;
  lab.check('it says since when: the interval holds the beginning of the loss, or misses it narrowly', isHeld, {
    sinceAfterMs: (sinceEpochMs ?? 0) - beganAtMs,
    lowAfterMs: sinceLowEpochMs - beganAtMs,
    highAfterMs: sinceHighEpochMs - beganAtMs,
  });
  const isCounted = cost?.calls !== undefined && cost.calls.attempted > 0 && cost.pbxes === sites.length;
  lab.check('it says what it cost: the calls that Asterisk told of, and their media', isCounted, { cost });
  lab.check('it names the calls by what Asterisk called them, and no number', pack.calls.length > 0, {
    calls: pack.calls.map(({ linkedId, pbx }) => `${pbx} ${linkedId}`),
    traces: pack.traces.map(({ sentence }) => sentence),
    directions: pack.directions.map(
      ({ direction, lost, mediaKey, sent }) => `${mediaKey} ${direction} ${lost}/${sent}`,
    ),
  });
  lab.check('no number that was dialled is in it', !JSON.stringify(pack).includes('30123456'), {});
}

/** A provider that loses 10 %: its evidence pack, made by a hub that was started after it was over; kept in dist/lab-evidence. */
export const scenario: Scenario = { name: 'evidence', smoke: false, run: play };
