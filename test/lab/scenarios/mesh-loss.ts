import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MeshMeasurement } from '../../../wire/rtp-measurement.ts';
import type { HostProcess } from '../host-process.ts';
import type { Lab } from '../lab.ts';
import type { Drop } from '../loss-rules.ts';
import type { MeshEnd } from '../mesh-end-program.ts';
import type { Host } from '../network.ts';
import { pollUntil } from '../poll.ts';
import type { Scenario } from '../scenario.ts';

const PORT = 9465;
const STREAMS = 4;
/** For what is under way when a rule goes, and for replies that tell of it. */
const SETTLE_MS = 1500;
/** An interval closes 2 s after sending ends. */
const REPORT_MS = 4000;

type Case = {
  readonly name: string;
  readonly lossy: 'forward' | 'reverse';
  readonly percent: number;
  readonly forMs: number;
};

/** Rules of the core by direction: every packet of the mesh is 172 bytes of RTP, so media alone is touched. */
const CASES: readonly Case[] = [
  { name: 'ten percent on the way there', lossy: 'forward', percent: 10, forMs: 12_000 },
  { name: 'ten percent on the way back', lossy: 'reverse', percent: 10, forMs: 12_000 },
  { name: 'a burst of 400 ms on the way there', lossy: 'forward', percent: 100, forMs: 400 },
  { name: 'all lost for 3 s on the way back', lossy: 'reverse', percent: 100, forMs: 3000 },
];

function startEnd(lab: Lab, host: Host, peer: Host, role: MeshEnd['role'], name: string): HostProcess {
  const end: MeshEnd = {
    role,
    address: host.addresses[0],
    peerAddress: peer.addresses[0],
    port: PORT,
    streams: STREAMS,
    optionsPerS: 0,
  };
  const program = join(import.meta.dirname, '..', 'mesh-end-program.ts');
  const argv = [process.execPath, program, JSON.stringify(end)];
  return lab.start(host, { name, argv, logPath: join(lab.folder, `${name}.log`) });
}

function reportsOf(end: HostProcess): readonly MeshMeasurement[] {
  return end.log.split('\n').flatMap((text) => {
    if (!text.startsWith('{')) return [];
    const { measurement } = JSON.parse(text) as { readonly measurement?: { readonly kind: string } };
    return measurement?.kind === 'rtp-mesh' ? [measurement as MeshMeasurement] : [];
  });
}

async function play(lab: Lab, near: Host, far: Host, each: Case): Promise<void> {
  const slug = each.name.replaceAll(' ', '-');
  const reflector = startEnd(lab, far, near, 'reflector', `reflector-${slug}`);
  await pollUntil('reflector bound', () => reflector.log.includes('bound'), { timeoutMs: 20_000 });
  const sender = startEnd(lab, near, far, 'sender', `sender-${slug}`);
  await pollUntil('sender bound', () => sender.log.includes('bound'), { timeoutMs: 20_000 });
  await delay(SETTLE_MS);
  const [from, to] = each.lossy === 'forward' ? [near, far] : [far, near];
  const drop: Drop = { from: from.addresses[0], to: to.addresses[0], percent: each.percent, isMediaOnly: true };
  const [rule] = await lab.network.loss.drop(drop);
  if (!rule) throw new Error('no rule');
  await delay(each.forMs);
  await rule.remove();
  await delay(SETTLE_MS);
  const { droppedPackets } = await rule.counter();
  sender.signal('SIGUSR2');
  await delay(REPORT_MS);
  const reports = reportsOf(sender);
  const lost = (direction: MeshMeasurement['direction']) =>
    reports.reduce((sum, report) => sum + (report.direction === direction ? report.figures.lost : 0), 0);
  const last = [...Map.groupBy(reports, ({ session }) => session).values()].map((own) =>
    own.findLast(({ direction }) => direction === 'forward'),
  );
  const unresolved = last.reduce((sum, report) => sum + (report?.unresolved ?? 0), 0);
  const values = { droppedPackets, forwardLost: lost('forward'), reverseLost: lost('reverse'), unresolved };
  const other = each.lossy === 'forward' ? 'reverse' : 'forward';
  lab.check(`${each.name}: something was dropped`, droppedPackets > 20, values);
  lab.check(
    `${each.name}: the packets told lost are those that were dropped`,
    lost(each.lossy) === droppedPackets,
    values,
  );
  lab.check(`${each.name}: the other direction is clean`, lost(other) === 0, values);
  await sender.stop();
  await reflector.stop();
}

/** The mesh between two hosts against the kernel's own count of what it dropped, one direction at a time. */
export const scenario: Scenario = {
  name: 'mesh-loss',
  smoke: false,
  run: async (lab) => {
    const [near, far] = [await lab.addHost('near'), await lab.addHost('far')];
    for (const each of CASES) await play(lab, near, far, each);
  },
};
