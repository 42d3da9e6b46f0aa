import { setTimeout as delay } from 'node:timers/promises';
import { AmiReader } from '../../lab/ami-reader.ts';
import type { AsteriskInstance } from '../../lab/asterisk-instance.ts';
import { Dispatcher } from '../../lab/dispatcher.ts';
import type { Lab } from '../../lab/lab.ts';
import { pollFor, pollUntil } from '../../lab/poll.ts';
import { seeded } from '../../support/seeded.ts';
import { type Part, type PartResult, RUNS } from './part.ts';
import { spread } from './spread.ts';

const SEED = 20_264;
const LOGIN = { user: 'reader', secret: 'reader' } as const;
const PATIENCE_MS = 120_000;
/** Pings that Kamailio sent into the hole time out after it is over, and take the destination off once more: they are no part of the next run. */
const LEFT_OVER_MS = 32_000;

/**
 * Asterisk with one contact every 5 s and ten every 60 s, all at one provider. Each run reads another of the ten, for what a contact
 * was asked in the run before fixes when it is asked in the next.
 */
const FAST = 'q5';
const slow = (round: number): string => `q60-${(round - 1) % RUNS}`;

/** When Asterisk last said of each contact that it is so. */
class ContactWatch {
  readonly #saidAtEpochMs = new Map<string, { readonly isUp: boolean; readonly atEpochMs: number }>();

  constructor(reader: AmiReader) {
    reader.onEvent((message) => {
      if (message['Event'] !== 'ContactStatus') return;
      const isUp = message['ContactStatus'] === 'Reachable';
      this.#saidAtEpochMs.set(message['AOR'] ?? '', { isUp, atEpochMs: Date.now() });
    });
  }

  downSince(aor: string, sinceEpochMs: number): number | undefined {
    const said = this.#saidAtEpochMs.get(aor);
    return said && !said.isUp && said.atEpochMs >= sinceEpochMs ? said.atEpochMs : undefined;
  }
}

async function areAllUp(pbx: AsteriskInstance): Promise<boolean> {
  const states = [...(await pbx.console('pjsip show contacts')).matchAll(/\S+\/sip:\S+\s+\S+\s+(\w+)/g)];
  return states.length === RUNS + 1 && states.every(([, state = '']) => state.startsWith('Avail'));
}

/** Asks every contact out of turn, so that the next run need not wait a minute for Asterisk to see that all is well. */
async function reach(pbx: AsteriskInstance): Promise<void> {
  for (const aor of [FAST, ...Array.from({ length: RUNS }, (_, at) => slow(at + 1))])
    await pbx.console(`pjsip qualify ${aor}`);
  await pollUntil('every contact is reached', async () => await areAllUp(pbx), { timeoutMs: 90_000, intervalMs: 500 });
}

async function startAsterisk(lab: Lab, address: string): Promise<AsteriskInstance> {
  const pbx = await lab.addPbx('pbx-qualify');
  const trunk = (endpoint: string, frequencyS: number) => ({ endpoint, address, qualify: { frequencyS, timeoutS: 3 } });
  await pbx.configure({
    address: pbx.host.addresses[0],
    trunks: [trunk(FAST, 5), ...Array.from({ length: RUNS }, (_, at) => trunk(slow(at + 1), 60))],
    phoneAddresses: [],
    ami: LOGIN,
  });
  await pbx.start();
  return pbx;
}

async function run(lab: Lab, runs: number): Promise<PartResult> {
  const provider = await lab.addProvider('provider-a');
  const [address] = provider.host.addresses;
  const host = await lab.addHost('dispatchers');
  const plain = await Dispatcher.start(lab, host, address, { port: 5070, pingIntervalS: 10 });
  const tuned = await Dispatcher.start(lab, host, address, {
    port: 5072,
    pingIntervalS: 1,
    frTimerMs: 500,
    probingThreshold: 3,
  });
  const pbx = await startAsterisk(lab, address);
  const watch = new ContactWatch(await AmiReader.open(lab, { pbx, amiLogin: LOGIN }));
  await reach(pbx);
  await delay(12_000);
  const random = seeded(SEED);
  const times: Record<'plain' | 'tuned' | 'q5' | 'q60', number>[] = [];
  for (let round = 1; round <= runs; round += 1) {
    await delay(random() * 10_000);
    const startedAtEpochMs = Date.now();
    const hole = await lab.network.loss.dropAt(address, 100);
    const when = async (what: string, look: () => number | undefined) => {
      const { value } = await pollFor(what, look, { timeoutMs: PATIENCE_MS, intervalMs: 20, signal: lab.signal });
      return Math.round(value - startedAtEpochMs);
    };
    const isSince = (atEpochMs: number | undefined) =>
      atEpochMs !== undefined && atEpochMs >= startedAtEpochMs ? atEpochMs : undefined;
    const [own, quick, q5, q60] = await Promise.all([
      when('dispatcher', () => isSince(plain.lastAtEpochMs('down'))),
      when('tuned dispatcher', () => isSince(tuned.lastAtEpochMs('down'))),
      when('qualify 5 s', () => watch.downSince(FAST, startedAtEpochMs)),
      when('qualify 60 s', () => watch.downSince(slow(round), startedAtEpochMs)),
    ]);
    for (const rule of hole) await rule.remove();
    times.push({ plain: own, tuned: quick, q5, q60 });
    console.log(`run ${round}: ${JSON.stringify(times.at(-1))}`);
    if (round === runs) break;
    await reach(pbx);
    await delay(LEFT_OVER_MS);
    await pollUntil('both dispatchers are back', () => !plain.isDown && !tuned.isDown, { timeoutMs: 60_000 });
  }
  const of = (name: keyof (typeof times)[number]) => spread(times.map((each) => each[name]));
  return {
    metrics: {},
    peers: {
      'kamailio dispatcher 5.6, pings every 10 s, all else its default: destination off': of('plain'),
      'kamailio dispatcher 5.6, pings every 1 s, fr_timer 500 ms, 3 failures: destination off': of('tuned'),
      'asterisk 22 qualify 5 s, timeout 3 s: contact unreachable, no route moved': of('q5'),
      'asterisk 22 qualify 60 s, timeout 3 s: contact unreachable, no route moved': of('q60'),
    },
  };
}

/** What others take to notice the same black hole, with what they send by themselves. */
export const peersPart: Part = { name: 'peers', targets: [], run };
