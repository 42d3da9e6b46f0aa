import { Fleet, leads } from '../fleet.ts';
import { pollUntil, watchFor } from '../poll.ts';
import { SHORT_DAMPING } from '../program-config.ts';
import type { Scenario } from '../scenario.ts';
import { VerdictWatch } from '../verdict-watch.ts';

const FLIP_BOUND_MS = 3000;
/** All the time that is promised, and what the smoke set can spare: enough for the loss to be known to few per cent. */
const QUIET_MS = { full: 180_000, smoke: 110_000 };

async function quiet(fleet: Fleet, watch: VerdictWatch, forMs: number): Promise<void> {
  const { lab, sites } = fleet;
  const seen = await watchFor(() => watch.seen[0], { forMs, signal: lab.signal });
  const paths = await sites.reader.paths();
  lab.check(
    `all healthy: no verdict in ${forMs / 1000} s at 1 s probing`,
    seen === undefined && watch.looks > forMs / 1000,
    {
      seen,
      looks: watch.looks,
      paths: paths.map(
        ({ key, state, sent, lost, windowMs }) => `${key} ${state} ${lost}/${sent} in ${windowMs / 1000} s`,
      ),
    },
  );
  lab.check('and no flip', (await fleet.flips()).length === 0, { astdb: await fleet.routes() });
}

async function refusalFallsOver(fleet: Fleet): Promise<void> {
  const { a, sites } = fleet.sites;
  await fleet.checkCalls('when all is well a call goes to A', 'A');
  await a.setInvite({ kind: 'refuse', status: 503 });
  for (const site of sites) {
    const { order, status, tookMs } = await fleet.call(site);
    const isGood = order === 'AB' && status === 200;
    fleet.lab.check(`503 at A falls over to B in the dialplan (${site.place.pbx})`, isGood, { order, status, tookMs });
  }
  await a.setInvite({ kind: 'accept' });
}

async function away(fleet: Fleet, watch: VerdictWatch): Promise<() => Promise<void>> {
  const { lab, sites } = fleet;
  const [address] = sites.a.host.addresses;
  const startedAtEpochMs = Date.now();
  const hole = await lab.network.loss.dropAt(address, 100);
  const flips = await fleet.waitBothLead('b', startedAtEpochMs, 15_000);
  const isToA = ({ trunk }: { readonly trunk?: string }) => trunk === 'a';
  const down = await fleet.waitPaths('hard-down of A', isToA, 'hard-down', 5000);
  const detectionMs = down.map(({ sinceEpochMs }) => Math.round(sinceEpochMs - startedAtEpochMs));
  lab.check(
    'A is hard-down at both sites and AstDB of both leads with B within 3 s',
    flips.every(({ tookMs }) => tookMs <= FLIP_BOUND_MS),
    { detectionMs, flipMs: flips.map(({ tookMs }) => tookMs), astdb: flips.map(({ text }) => text) },
  );
  await fleet.checkCalls('a call placed after the flip reaches B alone', 'B');
  await pollUntil('own marks', async () => (await fleet.downMarks('a')).every((text) => text !== undefined), {
    timeoutMs: 5000,
  });
  await pollUntil('provider telco-a named', () => watch.named('provider telco-a') !== undefined, { timeoutMs: 20_000 });
  const { firstSeenAtEpochMs = Number.NaN, sentence } = watch.named('provider telco-a') ?? {};
  lab.check('the verdict names provider telco-a and nobody else', watch.accusedBut('provider telco-a').length === 0, {
    namedAfterMs: firstSeenAtEpochMs - startedAtEpochMs,
    sentence,
    seen: watch.seen.map(({ certainty, place }) => `${certainty} ${place}`),
  });
  lab.check('the kernel dropped all there was', (await lab.network.loss.total(hole)).lossRatio === 1, {
    ...(await lab.network.loss.total(hole)),
  });
  return async () => {
    for (const drop of hole) await drop.remove();
  };
}

async function back(fleet: Fleet): Promise<void> {
  const { lab, sites } = fleet;
  const startedAtEpochMs = Date.now();
  const tiers = new Set<string>();
  const noteTiers = async (): Promise<void> => {
    const routes = await sites.reader.routes().catch(() => []);
    for (const { trunks } of routes) for (const { trunk, tier } of trunks) if (trunk === 'a') tiers.add(tier);
  };
  const look = setInterval(() => void noteTiers(), 300);
  // The marks are the probes' own matter: the plan may come back later, for the loss of the hole must first be outweighed.
  const marksGone = pollUntil(
    'own marks gone after ten answers in a row',
    async () => (await fleet.downMarks('a')).every((text) => text === undefined),
    { timeoutMs: 70_000 },
  ).then(() => Date.now() - startedAtEpochMs);
  const [returned, marksGoneMs] = await Promise.all([
    fleet.waitBothLead('a', startedAtEpochMs, 150_000).finally(() => clearInterval(look)),
    marksGone,
  ]);
  lab.check('A comes back through half-open', tiers.has('half-open'), {
    tiers: [...tiers],
    backMs: returned.map(({ tookMs }) => tookMs),
    astdb: returned.map(({ text }) => text),
  });
  lab.check("the probes' own marks go with ten answers in a row", marksGoneMs < 60_000, { marksGoneMs });
  await fleet.checkCalls('a call placed after the return reaches A', 'A');
  const left = await watchFor(
    async () => {
      const texts = await fleet.routes();
      return texts.every((text) => leads(text, 'a')) ? undefined : texts;
    },
    { forMs: 8000, signal: lab.signal },
  );
  const flips = await fleet.flips();
  const ofPbx = (pbx: string) => flips.filter((flip) => flip.pbx === pbx).map(({ from }) => from);
  const isOnce = [ofPbx('pbx1'), ofPbx('pbx2')].every((from) => from.join() === 'a,b');
  lab.check('one flip away and one back at each site', left === undefined && isOnce, { left, flips });
  lab.check(
    'own marks are gone',
    (await fleet.downMarks('a')).every((text) => text === undefined),
    {},
  );
}

/** All is well, then provider A drops everything, then it returns. */
export const scenario: Scenario = {
  name: 'black-hole',
  smoke: true,
  run: async (lab, isFull) => {
    const fleet = await Fleet.start(lab, SHORT_DAMPING);
    const watch = new VerdictWatch(fleet.sites.reader);
    try {
      await quiet(fleet, watch, isFull ? QUIET_MS.full : QUIET_MS.smoke);
      await refusalFallsOver(fleet);
      const end = await away(fleet, watch);
      await end();
      await back(fleet);
      await fleet.checkMemory();
    } finally {
      watch.stop();
    }
  },
};
