import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WebSocket } from 'ws';
import { MAX_FRAME_BYTES } from '../../../wire/codec.ts';
import { tryRun } from '../command.ts';
import { Fleet } from '../fleet.ts';
import { pollUntil } from '../poll.ts';
import type { Scenario } from '../scenario.ts';

const PROGRAM = join(import.meta.dirname, '../../../trunkward.js');
const UPLINK = '/api/v1/probe';

/** What a probe must not send, and the code that it is refused with. */
const FRAMES: readonly { readonly name: string; readonly code: string; readonly text: string }[] = [
  { name: 'a frame too large', code: 'too-large', text: ' '.repeat(MAX_FRAME_BYTES + 1) },
  { name: 'a malformed frame', code: 'bad-frame', text: '{"v":1,"type":"hello"' },
  { name: 'an unknown wire version', code: 'unknown-version', text: '{"v":99,"type":"hello"}' },
  { name: 'a frame before hello', code: 'hello-expected', text: batch() },
];

function batch(): string {
  return JSON.stringify({ v: 1, type: 'batch', sequence: 0, sentAtMs: 1, sentAtEpochMs: Date.now(), measurements: [] });
}

async function faultyConfig(fleet: Fleet): Promise<void> {
  const [{ probeConfigPath }] = fleet.sites.sites;
  const config = JSON.parse(await readFile(probeConfigPath, 'utf8')) as Record<string, unknown>;
  const path = join(fleet.lab.folder, 'faulty.yaml');
  const options = { intervalMs: 1 };
  await writeFile(
    path,
    JSON.stringify({ ...config, options, hobby: 'none', emergency: { numbers: ['112'], trunks: [] } }),
  );
  const { exitCode, stderr } = await tryRun([process.execPath, PROGRAM, 'probe', '--config', path], {
    env: { TOKEN: 'x'.repeat(30), AMI_SECRET: 'x' },
  });
  const named = ['options.intervalMs', 'hobby', 'emergency.trunks'];
  const isAllNamed = named.every((each) => stderr.includes(each));
  fleet.lab.check('three faults of a configuration are named at once, exit 2', exitCode === 2 && isAllNamed, {
    exitCode,
    stderr,
  });
}

/** Counts in the hub's metrics and journal before and after. */
async function refusals(fleet: Fleet, code: string) {
  const { reader } = fleet.sites;
  const kinds = ['probe-refused', 'token-refused'];
  const journal = (await Promise.all(kinds.map(async (kind) => await reader.journal(kind)))).flat();
  const counted = await reader.metric('trunkward_probe_frames_refused_total', `code="${code}"`);
  return { counted, sentences: journal.map(({ sentence }) => sentence) };
}

async function checkRefused(fleet: Fleet, name: string, code: string, act: () => Promise<void>): Promise<void> {
  const before = await refusals(fleet, code);
  await act();
  let after = before;
  await pollUntil(
    `${name} counted`,
    async () => {
      after = await refusals(fleet, code);
      return after.counted > before.counted && after.sentences.length > before.sentences.length;
    },
    { timeoutMs: 20_000 },
  ).catch(() => undefined);
  const isGood = after.counted > before.counted && after.sentences.length > before.sentences.length;
  fleet.lab.check(`${name} is refused as ${code}, counted and journaled`, isGood, {
    counted: after.counted - before.counted,
    journal: after.sentences.slice(before.sentences.length),
  });
}

async function sendAlone(socket: WebSocket, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => {
      socket.send(text);
      resolve();
    });
  });
  socket.on('error', () => socket.terminate());
  await pollUntil('the hub has answered or closed', () => socket.readyState !== socket.OPEN, { timeoutMs: 3000 }).catch(
    () => undefined,
  );
  socket.terminate();
}

/** Bad configuration, tokens and frames. */
export const scenario: Scenario = {
  name: 'bad-input',
  smoke: true,
  run: async (lab) => {
    const fleet = await Fleet.start(lab);
    const { openSocket, firstToken, sites } = fleet.sites;
    await faultyConfig(fleet);
    for (const { name, code, text } of FRAMES) {
      await checkRefused(fleet, name, code, async () => await sendAlone(openSocket(UPLINK, firstToken), text));
    }
    const [site] = sites;
    await checkRefused(fleet, 'a wrong token', 'wrong-token', async () => {
      const folder = await lab.subfolder('stranger');
      await site.startOther(folder, { TOKEN: randomBytes(24).toString('hex') });
    });
    await checkRefused(fleet, 'another instance on the same token', 'another-instance', async () => {
      const folder = await lab.subfolder('twin');
      await site.startOther(folder, {});
    });
    const paths = await fleet.sites.reader.paths();
    const pbxes = await fleet.sites.reader.pbxes();
    const isWhole =
      paths.every(({ state }) => state === 'healthy') && pbxes.every(({ probe }) => probe === 'connected');
    const faults = await fleet.sites.reader.metric('trunkward_hub_faults_total');
    lab.check('the hub is unharmed', isWhole && fleet.hub.isRunning && faults === 0, {
      faults,
      paths: paths.map(({ key, state }) => `${key} ${state}`),
    });
    await fleet.checkMemory();
  },
};
