import { Fleet, leads } from '../fleet.ts';
import { pollUntil, watchFor } from '../poll.ts';
import { DENSE_PACE, SHORT_DAMPING } from '../program-config.ts';
import type { Scenario } from '../scenario.ts';
import { VerdictWatch } from '../verdict-watch.ts';

/** Of each direction, so that a probe is lost there and back with 1 - 0.837² = 30 %. */
const EACH_WAY_PERCENT = 16.3;
const PIN = '/api/v1/routes/pins';

async function pinA(fleet: Fleet, id: string): Promise<void> {
  const { status, text } = await fleet.sites.reader.fetch(PIN, { id, trunks: ['a'], reason: 'a contract in force' });
  fleet.lab.check(`A is pinned at both sites (${id})`, status === 200, { status, text });
}

async function unpin(fleet: Fleet, id: string): Promise<void> {
  const { status, text } = await fleet.sites.reader.fetch(`${PIN}/${id}?reason=over`, undefined, 'DELETE');
  fleet.lab.check(`the pin is taken away (${id})`, status === 200, { status, text });
}

async function explained(fleet: Fleet): Promise<string> {
  return (await fleet.sites.reader.fetch('/api/v1/routes?explain=1')).text.slice(0, 1500);
}

/** A pin of A against a verdict that condemns it, and against a dead A. */
export const scenario: Scenario = {
  name: 'pins',
  smoke: false,
  run: async (lab) => {
    const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, pace: DENSE_PACE });
    await fleet.givePriority();
    const { a, reader } = fleet.sites;
    const [address] = a.host.addresses;
    const watch = new VerdictWatch(reader);
    await pollUntil('some samples', async () => (await reader.paths()).every(({ sent }) => sent >= 40), {
      timeoutMs: 60_000,
      intervalMs: 500,
    });
    await pinA(fleet, 'first');
    await lab.network.loss.dropAt(address, EACH_WAY_PERCENT);
    await pollUntil('telco-a is named', () => watch.named('provider telco-a') !== undefined, { timeoutMs: 90_000 });
    const moved = await watchFor(
      async () => {
        const texts = await fleet.routes();
        return texts.every((text) => text === undefined || leads(text, 'a')) ? undefined : texts;
      },
      { forMs: 20_000, signal: lab.signal },
    );
    lab.check('a verdict names its provider: a pinned A leads all the same', moved === undefined, {
      moved,
      verdict: watch.named('provider telco-a')?.sentence,
      explained: await explained(fleet),
    });
    await unpin(fleet, 'first');
    const away = await fleet.waitBothLead('b', Date.now(), 30_000);
    lab.check('without the pin the verdict moves both to B', true, { tookMs: away.map(({ tookMs }) => tookMs) });
    await pinA(fleet, 'second');
    const pinned = await fleet.waitBothLead('a', Date.now(), 30_000);
    lab.check('pinned again, A leads against the standing verdict', true, {
      tookMs: pinned.map(({ tookMs }) => tookMs),
    });
    const startedAtEpochMs = Date.now();
    await lab.network.loss.dropAt(address, 100);
    const dead = await fleet.waitBothLead('b', startedAtEpochMs, 15_000);
    lab.check(
      'a pin does not hold a trunk that is dead',
      dead.every(({ tookMs }) => tookMs <= 5000),
      {
        tookMs: dead.map(({ tookMs }) => tookMs),
        explained: await explained(fleet),
      },
    );
    await fleet.checkCalls('and a call goes to B', 'B');
    watch.stop();
    const flips = (await fleet.flips()).map(({ pbx, sentence }) => `${pbx}: ${sentence.slice(0, 200)}`);
    console.log(`     ${flips.join('\n     ')}`);
  },
};
