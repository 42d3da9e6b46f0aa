import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureAsteriskRoot } from '../lab/asterisk-root.ts';
import { ensureDebianPackages } from '../lab/debian-packages.ts';
import { Fleet } from '../lab/fleet.ts';
import { Lab } from '../lab/lab.ts';
import { pollFor, pollUntil, watchFor } from '../lab/poll.ts';
import { SHORT_DAMPING } from '../lab/program-config.ts';
import { cleanCrashedRuns } from '../lab/run-record.ts';
import type { Site } from '../lab/two-sites.ts';
import { seeded } from '../support/seeded.ts';

const RUNS = 10;
/** How many misses are needed follows from the loss known of a path: six after about 100 attempts without loss. */
const WARM_UP_MS = 110_000;
const SEED = 20_263;
/** What the peer is set to; the least frequent use of it that is still common. */
const QUALIFY = { frequencyS: 5, timeoutS: 3 } as const;
const BOUND_NAME = 'black hole to AstDB read back, max of 10 runs';

type Target = { readonly name: string; readonly bound: number };

/** Times of one run from the black hole on, in milliseconds; two values each, for pbx1 and pbx2. */
type RunTimes = {
  readonly detectedMs: readonly number[];
  readonly ownMarkMs: readonly number[];
  readonly flippedMs: readonly number[];
  readonly qualifyMs: readonly number[];
};

async function isReachable({ pbx }: Site): Promise<boolean | undefined> {
  const line = /trunk-a\/sip:\S+\s+\S+\s+(\w+)/.exec(await pbx.console('pjsip show contacts'))?.[1];
  if (line === undefined) return undefined;
  return line.startsWith('Avail');
}

async function runOnce(fleet: Fleet): Promise<RunTimes> {
  const { lab, sites } = fleet;
  const startedAtEpochMs = Date.now();
  const hole = await lab.network.loss.dropAt(sites.a.host.addresses[0], 100);
  const eachSite = async (look: (site: Site) => Promise<boolean>, what: string, intervalMs: number) =>
    await Promise.all(
      sites.sites.map(async (site) => {
        await pollUntil(`${site.place.pbx}: ${what}`, async () => await look(site), { timeoutMs: 30_000, intervalMs });
        return Date.now() - startedAtEpochMs;
      }),
    );
  const [flips, ownMarkMs, qualifyMs] = await Promise.all([
    fleet.waitBothLead('b', startedAtEpochMs, 20_000),
    eachSite(async ({ pbx }) => (await pbx.databaseGet('trunkward', 'down/a')) !== undefined, 'own mark', 50),
    eachSite(async (site) => (await isReachable(site)) === false, 'qualify notices', 100),
  ]);
  const down = (await sites.reader.paths()).filter(({ trunk }) => trunk === 'a');
  for (const rule of hole) await rule.remove();
  return {
    detectedMs: down.map(({ sinceEpochMs }) => Math.round(sinceEpochMs - startedAtEpochMs)),
    ownMarkMs,
    flippedMs: flips.map(({ tookMs }) => tookMs),
    qualifyMs,
  };
}

/** Waits until everything is as it was before: A leads, nothing is marked or held, and Asterisk reaches A. */
async function waitBack(fleet: Fleet): Promise<void> {
  await fleet.waitBothLead('a', Date.now(), 90_000);
  await pollUntil(
    'all as before',
    async () => {
      const marks = await fleet.downMarks('a');
      const routes = await fleet.sites.reader.routes();
      const isUsable = routes.every(({ trunks }) => trunks.every(({ tier }) => tier === 'usable'));
      const reached = await Promise.all(fleet.sites.sites.map(isReachable));
      return isUsable && marks.every((text) => text === undefined) && reached.every((each) => each === true);
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  );
}

async function measure(lab: Lab): Promise<readonly RunTimes[]> {
  const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, qualify: QUALIFY });
  await pollFor(
    'Asterisk qualifies A',
    async () => ((await isReachable(fleet.sites.sites[0])) === true ? true : undefined),
    {
      timeoutMs: 20_000,
    },
  );
  console.log(`warming up for ${WARM_UP_MS / 1000} s`);
  const moved = await watchFor(async () => (await fleet.routes()).find((text) => text !== undefined), {
    forMs: WARM_UP_MS,
    intervalMs: 1000,
    signal: lab.signal,
  });
  if (moved !== undefined) throw new Error(`a route moved before any fault: ${moved}`);
  const random = seeded(SEED);
  const times: RunTimes[] = [];
  for (let round = 1; round <= RUNS; round += 1) {
    await delay(random() * 1000);
    const one = await runOnce(fleet);
    times.push(one);
    console.log(`run ${round}: ${JSON.stringify(one)}`);
    if (round < RUNS) await waitBack(fleet);
  }
  for (const { pbx, sentence } of await fleet.flips()) console.log(`flip on ${pbx}: ${sentence}`);
  return times;
}

function spread(values: readonly number[]) {
  const sorted = values.toSorted((one, other) => one - other);
  return {
    n: sorted.length,
    minMs: sorted[0] ?? null,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? null,
    maxMs: sorted.at(-1) ?? null,
  };
}

/**
 * Times a black hole at a provider to the flip in AstDB, read back by this bench through Asterisk's console, on both sites
 * of the lab. The peer, on the same hosts and in the same runs, is Asterisk's own qualify: when it shows the contact as
 * unavailable, which by itself moves no route. Needs what the lab needs.
 */
export async function run(): Promise<void> {
  await cleanCrashedRuns();
  await ensureDebianPackages();
  const root = await ensureAsteriskRoot();
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(new Error(`stopped by ${signal}`)));
  }
  const lab = await Lab.open({
    runId: `twb${process.pid}`,
    root,
    signal: controller.signal,
    report: ({ name, isGood, values }) => {
      console.log(`${isGood ? 'ok  ' : 'FAIL'} ${name} ${JSON.stringify(values)}`);
      if (!isGood) throw new Error(name);
    },
  });
  let times: readonly RunTimes[];
  try {
    times = await measure(lab);
  } finally {
    await lab.close();
  }
  const flips = spread(times.flatMap(({ flippedMs }) => flippedMs));
  const qualify = spread(times.flatMap(({ qualifyMs }) => qualifyMs));
  const metrics = {
    runs: times.length,
    detected: spread(times.flatMap(({ detectedMs }) => detectedMs)),
    ownMark: spread(times.flatMap(({ ownMarkMs }) => ownMarkMs)),
    flipped: flips,
    allFlippedMs: times.map(({ flippedMs }) => flippedMs),
  };
  const peers = {
    [`asterisk qualify ${QUALIFY.frequencyS} s, timeout ${QUALIFY.timeoutS} s: noticed, no route moved`]: qualify,
  };
  const text = await readFile(new URL('../../docs/targets.json', import.meta.url), 'utf8');
  const { failover } = JSON.parse(text) as { readonly failover: readonly Target[] };
  const targets = failover.map(({ name, bound }) => {
    const value = name === BOUND_NAME && times.length === RUNS ? flips.maxMs : null;
    return { name, value, bound, holds: value !== null && value <= bound };
  });
  console.log(JSON.stringify({ bench: 'failover', metrics, peers, targets }));
}
