import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';
import type { HubFrame } from '../../../wire/hub-frames.ts';
import type { HelloFrame } from '../../../wire/probe-frames.ts';
import { engineFleet, SimulatedProbes } from '../../support/engine-fleet.ts';
import { seeded } from '../../support/seeded.ts';

const SEED = 20_266;
const BACKGROUND_RATIO = 0.002;
const ASKED_EVERY_S = 10;
/** Connections under way at once, so that the hub is not stormed. */
const CONNECTING = 50;
/** The batches of one second leave in so many portions. */
const PORTIONS = 50;
/** No further connection is begun after so long: on a busy machine the bench goes on with those that there are. */
const CONNECT_FOR_MS = 80_000;

/** Token of a PBX's probe in this bench. */
export function benchToken(pbx: string): string {
  return `token-of-the-probe-on-${pbx}`.padEnd(32, '-');
}

/** Connects one probe; targets that the hub leaves to others are noted in `left`, by PBX. */
async function connect(hubUrl: string, hello: HelloFrame, left: Map<string, ReadonlySet<string>>): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${benchToken(hello.pbx)}` };
  const socket = new WebSocket(`${hubUrl.replace(/^http/, 'ws')}/api/v1/probe`, { headers });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => socket.send(JSON.stringify({ ...hello, sentAtEpochMs: Date.now() })));
    socket.once('message', () => resolve());
    socket.once('error', reject);
  });
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString('utf8')) as HubFrame;
    if (frame.type !== 'assignment') return;
    const inherited = frame.options.filter(({ role }) => role === 'inherit');
    left.set(hello.pbx, new Set(inherited.map(({ target }) => target)));
  });
  socket.on('close', (code) => {
    throw new Error(`the hub closed the connection of ${hello.pbx} with code ${code}`);
  });
  return socket;
}

/** Plays the probes of a whole fleet: each sends a batch a second over a socket of its own, of what the hub has it ask. */
async function main(hubUrl: string, pbxCount: number): Promise<void> {
  const all = engineFleet(pbxCount).hellos;
  const connected: { readonly hello: HelloFrame; readonly socket: WebSocket }[] = [];
  const left = new Map<string, ReadonlySet<string>>();
  const untilMs = performance.now() + CONNECT_FOR_MS;
  const waiting = all.values();
  const connectOthers = async (): Promise<void> => {
    for (const hello of waiting) {
      connected.push({ hello, socket: await connect(hubUrl, hello, left) });
      if (performance.now() >= untilMs) return;
    }
  };
  await Promise.all(Array.from({ length: CONNECTING }, connectOthers));
  process.send?.(connected.length);
  const random = seeded(SEED);
  const probes = new SimulatedProbes(ASKED_EVERY_S, () => random() < BACKGROUND_RATIO);
  const asks = (pbx: string, target: string) => left.get(pbx)?.has(target) !== true;
  let portion = 0;
  setInterval(() => {
    const second = Math.floor(portion / PORTIONS) + 1;
    for (let at = portion % PORTIONS; at < connected.length; at += PORTIONS) {
      const probe = connected[at];
      if (probe) probe.socket.send(JSON.stringify(probes.batch(probe.hello, second, Date.now(), asks)));
    }
    portion += 1;
  }, 1000 / PORTIONS);
}

const [hubUrl, pbxCount] = process.argv.slice(2);
if (import.meta.main && hubUrl !== undefined) await main(hubUrl, Number(pbxCount));
