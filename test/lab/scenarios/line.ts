import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type LineMeasurement, lineBitsPerSecond } from '../../../wire/host-measurement.ts';
import { run } from '../command.ts';
import type { HostProcess } from '../host-process.ts';
import type { Lab } from '../lab.ts';
import type { LineEnd } from '../line-end-program.ts';
import type { Host } from '../network.ts';
import { pollUntil } from '../poll.ts';
import type { Scenario } from '../scenario.ts';

const PORT = 9466;
const CAP_KBPS = 50_000;
const SHAPED_BPS = 2e6;
const BOUNDS = { maxBytes: 4_194_304, maxMs: 5000, maxKbps: CAP_KBPS };
const NO_CALLS = { near: 0, far: 0 };

type Ends = { readonly near: Host; readonly far: Host };
type Direction = LineMeasurement['direction'];

/** The core's interface to a host: what leaves by it goes to that host. Hosts are numbered in the order they were added. */
function interfaceTo(ends: Ends, direction: Direction): string {
  const { addresses } = direction === 'forward' ? ends.far : ends.near;
  return `h${addresses[0].split('.')[2]}`;
}

/** Shapes one direction as an old DSL line does, or sets it free. */
async function shape(lab: Lab, ends: Ends, direction: Direction, isShaped: boolean): Promise<void> {
  const place = ['dev', interfaceTo(ends, direction), 'root'];
  const rule = isShaped
    ? ['add', ...place, 'tbf', 'rate', '2mbit', 'burst', '16kb', 'latency', '200ms']
    : ['del', ...place];
  await run(['ip', 'netns', 'exec', lab.network.core, 'tc', 'qdisc', ...rule]);
}

/** Bytes that the kernel sent to the far end of a direction since the interface is there, Ethernet headers included. */
async function sentBytes(lab: Lab, ends: Ends, direction: Direction): Promise<number> {
  const text = await run(['ip', '-n', lab.network.core, '-s', '-j', 'link', 'show', interfaceTo(ends, direction)]);
  const [link] = JSON.parse(text) as readonly { readonly stats64: { readonly tx: { readonly bytes: number } } }[];
  if (!link) throw new Error('no such interface');
  return link.stats64.tx.bytes;
}

let runs = 0;

async function startBoth(lab: Lab, { far, near }: Ends, calls: typeof NO_CALLS) {
  runs += 1;
  const key = createHash('sha256').update(`lab line ${runs}`).digest('base64url');
  const start = (role: LineEnd['role'], host: Host, peer: Host, liveCalls: number): HostProcess => {
    const place = { role, address: host.addresses[0], peerAddress: peer.addresses[0], port: PORT };
    const end: LineEnd = { ...place, key, ...BOUNDS, liveCalls };
    const name = `line-${role}-${runs}`;
    const argv = [process.execPath, join(import.meta.dirname, '..', 'line-end-program.ts'), JSON.stringify(end)];
    return lab.start(host, { name, argv, logPath: join(lab.folder, `${name}.log`) });
  };
  const receiver = start('receiver', far, near, calls.far);
  await pollUntil('the receiver listens', () => receiver.log.includes('listening'), { timeoutMs: 20_000 });
  return { receiver, sender: start('sender', near, far, calls.near) };
}

function measured({ log }: HostProcess): readonly LineMeasurement[] {
  return log.split('\n').flatMap((text) => {
    if (!text.startsWith('{')) return [];
    const { measurement } = JSON.parse(text) as { readonly measurement?: LineMeasurement };
    return measurement ? [measurement] : [];
  });
}

/** One transfer, both directions, to its end. */
async function transfer(lab: Lab, ends: Ends, calls = NO_CALLS): Promise<readonly LineMeasurement[]> {
  const { receiver, sender } = await startBoth(lab, ends, calls);
  await pollUntil('both directions are told', () => measured(sender).length === 2, { timeoutMs: 40_000 });
  await sender.stop();
  await receiver.stop();
  return measured(sender);
}

function rateOf(all: readonly LineMeasurement[], direction: Direction): number {
  const line = all.find((each) => each.direction === direction && each.outcome === 'measured');
  return (line && lineBitsPerSecond(line)) ?? Number.NaN;
}

function isLineBound(all: readonly LineMeasurement[], direction: Direction): boolean | undefined {
  return all.find((each) => each.direction === direction)?.isLineBound;
}

async function checkRates(lab: Lab, ends: Ends, shaped: Direction): Promise<void> {
  await shape(lab, ends, shaped, true);
  const all = await transfer(lab, ends);
  await shape(lab, ends, shaped, false);
  const free = shaped === 'forward' ? 'reverse' : 'forward';
  const rates = { shaped: Math.round(rateOf(all, shaped)), free: Math.round(rateOf(all, free)) };
  const values = { ...rates, all };
  const isTold = Math.abs(rates.shaped / SHAPED_BPS - 1) <= 0.1 && isLineBound(all, shaped) === true;
  lab.check(`${shaped} at 2 Mbit/s is told within 10 %`, isTold, values);
  const isFree = rates.free > 4 * SHAPED_BPS && rates.free <= CAP_KBPS * 1000 * 1.05;
  lab.check(`${free} beside it is not held down, and stays within our own bound`, isFree, rates);
}

async function checkCalls(lab: Lab, ends: Ends): Promise<void> {
  for (const [name, calls, because] of [
    ['at the sender', { near: 1, far: 0 }, 'live-calls'],
    ['at the receiver', { near: 0, far: 1 }, 'peer-live-calls'],
  ] as const) {
    const before = await sentBytes(lab, ends, 'forward');
    const all = await transfer(lab, ends, calls);
    const passedBytes = (await sentBytes(lab, ends, 'forward')) - before;
    const isYielded = all.every((each) => each.outcome === 'yielded' && each.because === because);
    lab.check(`with a call ${name} nothing is sent`, isYielded && passedBytes < 5000, { passedBytes, all });
  }
}

/** A call begins at the sender while a shaped transfer runs: the line is free again as soon as its queue has run dry. */
async function checkBreak(lab: Lab, ends: Ends): Promise<void> {
  await shape(lab, ends, 'forward', true);
  const before = await sentBytes(lab, ends, 'forward');
  const { receiver, sender } = await startBoth(lab, ends, NO_CALLS);
  const passed = async () => (await sentBytes(lab, ends, 'forward')) - before;
  await pollUntil('data flows', async () => (await passed()) > 200_000, { timeoutMs: 20_000 });
  sender.signal('SIGUSR2');
  await pollUntil('the transfer is given up', () => measured(sender).length === 2, { timeoutMs: 5000 });
  await delay(500);
  const atBreak = await passed();
  await delay(1500);
  const lateBytes = (await passed()) - atBreak;
  const all = measured(sender);
  const isYielded = all.every((each) => each.outcome === 'yielded' && each.because === 'live-calls');
  lab.check('a call that begins gets the line', isYielded && lateBytes < 5000, { atBreak, lateBytes, all });
  await sender.stop();
  await receiver.stop();
  await shape(lab, ends, 'forward', false);
}

/** The speed of a line between two hosts, shaped in one direction at a time, and what is left of it to calls. */
export const scenario: Scenario = {
  name: 'line',
  smoke: false,
  run: async (lab) => {
    const ends = { near: await lab.addHost('near'), far: await lab.addHost('far') };
    const before = await sentBytes(lab, ends, 'forward');
    const all = await transfer(lab, ends);
    const wireBytes = (await sentBytes(lab, ends, 'forward')) - before;
    const rates = { forward: Math.round(rateOf(all, 'forward')), reverse: Math.round(rateOf(all, 'reverse')) };
    const isWithin = (rate: number) => rate > CAP_KBPS * 200 && rate <= CAP_KBPS * 1000 * 1.05;
    const areBounded = all.every(({ bytes }) => bytes === BOUNDS.maxBytes) && wireBytes < BOUNDS.maxBytes * 1.1;
    lab.check(
      'a line without bounds is measured up to our own',
      isWithin(rates.forward) && isWithin(rates.reverse),
      rates,
    );
    lab.check('no more is sent than was ordered', areBounded, { wireBytes, all });
    await checkRates(lab, ends, 'forward');
    await checkRates(lab, ends, 'reverse');
    await checkCalls(lab, ends);
    await checkBreak(lab, ends);
  },
};
