import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { AmiClient } from '../../../probes/asterisk/ami/ami-client.ts';
import { firstValue } from '../../../probes/asterisk/ami/ami-packet.ts';
import { AstDbClient } from '../../../probes/asterisk/astdb/astdb-client.ts';
import { ControlRunner } from '../../../probes/control/control-runner.ts';
import { type ControlMemory, ControlStore, NO_MEMORY } from '../../../probes/control/control-store.ts';
import type { MarkClass } from '../../../probes/control/mark-runner.ts';
import type { PlanFrame } from '../../../wire/hub-frames.ts';
import type { Mode, PbxModes } from '../../../wire/plan.ts';
import type { EventBody, PlanResultFrame, ReadBackFrame } from '../../../wire/probe-frames.ts';
import { SimAsterisk } from '../../support/sim-asterisk.ts';

/** 2027-01-15T08:00Z, at monotonic 0 of the fixture. */
export const EPOCH_MS = 1_800_000_000_000;

export const ENFORCE: PbxModes = {
  stopped: false,
  routing: 'enforce',
  spend: 'observe',
  security: 'observe',
  survival: 'observe',
  classes: [],
};
export const OBSERVE: PbxModes = { ...ENFORCE, routing: 'observe' };

/** A plan for the named classes; `a>b` means a leads, b stands by. */
export function plan(stamp: string, routes: Readonly<Record<string, string>>, mode: Mode = 'enforce'): PlanFrame {
  const [fence = 0, version = 0] = stamp.split('.').map(Number);
  return {
    v: 1,
    type: 'plan',
    fence,
    version,
    issuedAtEpochMs: EPOCH_MS,
    validUntilEpochMs: EPOCH_MS + 86_400_000,
    routes: Object.entries(routes).map(([name, order]) => ({
      class: name,
      trunks: order.split('>').map((trunk, at) => ({ trunk, weight: at === 0 ? 100 : 0 })),
      mode,
      reason: 'a test wants it',
    })),
  };
}

/** Folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trunkward-control-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

type FixtureOptions = {
  readonly dataDir?: string;
  /** What AstDB holds from before, by whole path. */
  readonly astdb?: Readonly<Record<string, string>>;
  readonly classes?: readonly MarkClass[];
};

/** Control over a simulated PBX that really speaks AMI; times are moved by hand, AstDB is real text. */
export async function controlFor(
  memory: Partial<ControlMemory> = {},
  {
    dataDir = temporaryFolder(),
    astdb = {},
    classes = [
      { class: 'national', trunks: ['a', 'b'] },
      { class: 'mobile', trunks: ['b'] },
    ],
  }: FixtureOptions = {},
) {
  const sim = new SimAsterisk();
  for (const [path, value] of Object.entries(astdb)) sim.astdb.set(path, value);
  await sim.start();
  onTestFinished(() => sim.stop());
  const ami = new AmiClient({
    address: { host: '127.0.0.1', port: sim.port },
    username: 'probe',
    readSecret: () => 'secret-of-the-test',
    auth: 'md5',
    eventMask: 'system',
    timings: { actionTimeoutMs: 150, reconnect: { firstMs: 20, maxMs: 20 } },
  });
  onTestFinished(() => ami.close());
  const results: PlanResultFrame[] = [];
  const readBacks: ReadBackFrame[] = [];
  const events: EventBody[] = [];
  const faults: string[] = [];
  const clock = { atMs: 0, nowMs: () => clock.atMs, epochMs: () => EPOCH_MS + clock.atMs };
  const control = new ControlRunner({
    astdb: new AstDbClient(ami, { classes: ['national', 'mobile'], trunks: ['a', 'b'] }),
    store: new ControlStore(dataDir),
    memory: { ...NO_MEMORY, ...memory },
    limits: { trunks: new Set(['a', 'b']), classes: new Set(['national', 'mobile']) },
    targets: [
      { target: 'a.a1', trunk: 'a', address: '192.0.2.1', port: 5060 },
      { target: 'b.b1', trunk: 'b', address: '192.0.2.2', port: 5060 },
      { target: 'peer.ams-1', trunk: undefined, address: '203.0.113.30', port: 5060 },
    ],
    classes,
    markMs: 60_000,
    clock,
    sendPlanResult: (frame) => results.push(frame),
    sendReadBack: (frame) => readBacks.push(frame),
    emit: (body) => events.push(body),
    onFault: (place, cause) => faults.push(`${place}: ${String(cause)}`),
  });
  onTestFinished(() => control.settled());
  ami.onState((state) => {
    if (state.kind === 'connected') control.asteriskConnected();
    else if (state.kind === 'lost') control.asteriskLost();
  });
  ami.onEvent((packet) => {
    if (firstValue(packet, 'Event') === 'FullyBooted') void control.asteriskUp();
  });
  ami.start();
  await vi.waitFor(() => {
    if (ami.state.kind !== 'connected' || readBacks.length < 2) throw new Error('not yet');
  });
  const misses = (target: string, count: number) => {
    for (let miss = 0; miss < count; miss += 1) {
      clock.atMs += 200;
      control.learn({ kind: 'attempt', target, sentAtMs: clock.atMs - 100, isAnswered: false, lossRatio: 0 });
    }
  };
  const answers = (target: string, count: number) => {
    for (let answer = 0; answer < count; answer += 1) {
      clock.atMs += 200;
      control.learn({ kind: 'attempt', target, sentAtMs: clock.atMs - 5, isAnswered: true, lossRatio: 0 });
    }
  };
  /** Trunk a dies while b and the peer answer. */
  const killTrunkA = async () => {
    answers('a.a1', 3);
    misses('a.a1', 1);
    answers('b.b1', 1);
    misses('a.a1', 3);
    await control.settled();
  };
  const written = () => sim.received.filter(({ name }) => name === 'DBPut' || name === 'DBDel');
  return {
    sim,
    ami,
    control,
    clock,
    results,
    readBacks,
    events,
    faults,
    misses,
    answers,
    killTrunkA,
    written,
    dataDir,
  };
}
