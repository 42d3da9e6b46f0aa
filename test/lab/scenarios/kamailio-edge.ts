import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DispatcherEdge, EDGE_TOKEN } from '../dispatcher-edge.ts';
import { Fleet, NATIONAL } from '../fleet.ts';
import { pollUntil } from '../poll.ts';
import { SHORT_DAMPING } from '../program-config.ts';
import type { Scenario } from '../scenario.ts';

const CHECK_EVERY_MS = 3000;
const BOUND_MS = 20_000;

/** Lets the hub end and start again with the edge in its file. */
async function withEdge(fleet: Fleet, edge: DispatcherEdge, destinations: readonly object[]): Promise<void> {
  const { lab, sites } = fleet;
  const folder = join(sites.hubDataDir, '..');
  const tokenFile = join(folder, 'edge.token');
  const configFile = join(folder, 'hub.yaml');
  await writeFile(tokenFile, EDGE_TOKEN, { mode: 0o600 });
  const document = JSON.parse(await readFile(configFile, 'utf8')) as Readonly<Record<string, unknown>>;
  const kamailio = {
    name: 'edge',
    url: edge.rpcUrl,
    secret: { file: tokenFile },
    allowPlaintext: true,
    follows: 'pbx1',
    checkEveryMs: CHECK_EVERY_MS,
    sets: [{ set: 1, class: 'national', destinations }],
  };
  await writeFile(configFile, JSON.stringify({ ...document, actuators: { kamailio: [kamailio] } }));
  fleet.hub.signal('SIGTERM');
  await fleet.hub.ended;
  fleet.startHub();
  const readyMs = await fleet.waitHealthy();
  lab.check('the hub starts with a Kamailio edge in its file', true, { readyMs });
}

/** Waits until Kamailio's own console shows these flags, the first destination first. */
async function waitFlags(fleet: Fleet, edge: DispatcherEdge, wanted: RegExp): Promise<number> {
  const startedAtMs = performance.now();
  let last: readonly string[] = [];
  await pollUntil(
    `edge flags ${String(wanted)}`,
    async () => {
      last = await edge.flags();
      return wanted.test(last.join(' '));
    },
    { timeoutMs: BOUND_MS, intervalMs: 50, signal: fleet.lab.signal },
  ).catch(async (error: unknown) => {
    const entries = await fleet.sites.reader.journal('edge-unread').catch(() => []);
    throw new Error(`flags are ${last.join(' ')}; ${JSON.stringify(entries.at(-1))}`, { cause: error });
  });
  return Math.round(performance.now() - startedAtMs);
}

async function callByEdge(
  fleet: Fleet,
  edge: DispatcherEdge,
): Promise<{ readonly order: string; readonly status: unknown }> {
  const { a, b, phone } = fleet.sites;
  const before = [a.invites().length, b.invites().length] as const;
  const { status } = await phone.call(edge.host.addresses[0], { number: NATIONAL });
  const at = [a.invites().length - before[0], b.invites().length - before[1]] as const;
  return { order: `${at[0] > 0 ? 'A' : ''}${at[1] > 0 ? 'B' : ''}`, status };
}

async function story(fleet: Fleet): Promise<void> {
  const { lab, sites } = fleet;
  const [addressA, addressB] = [sites.a.host.addresses[0], sites.b.host.addresses[0]];
  const uris = [`sip:${addressA}:5060`, `sip:${addressB}:5060`] as const;
  const edge = await DispatcherEdge.start(lab, uris);
  await withEdge(fleet, edge, [
    { trunk: 'a', uri: uris[0] },
    { trunk: 'b', uri: uris[1] },
  ]);
  const first = await callByEdge(fleet, edge);
  lab.check('a call by the edge goes to A while all is well', first.order === 'A' && first.status === 200, first);

  const hole = await lab.network.loss.dropAt(addressA, 100);
  const awayMs = await waitFlags(fleet, edge, /^D\w A\w$/);
  const second = await callByEdge(fleet, edge);
  lab.check(
    'with A dead the edge has it closed, and a call goes to B alone',
    second.order === 'B' && second.status === 200,
    {
      awayMs,
      ...second,
    },
  );
  const orders = await sites.reader.journal('edge-order');
  const applied = await sites.reader.journal('edge-applied');
  lab.check(
    'journaled before, read back after (rule 7)',
    orders.length === 1 && applied.length === 1 && (orders[0]?.id ?? 0) < (applied[0]?.id ?? 0),
    {
      order: orders[0]?.sentence,
      applied: applied[0]?.sentence,
    },
  );

  await edge.setState('a', uris[0]);
  const againMs = await waitFlags(fleet, edge, /^D\w A\w$/);
  await pollUntil('drift is told', async () => (await sites.reader.journal('edge-drift')).length === 1, {
    timeoutMs: BOUND_MS,
    signal: lab.signal,
  });
  const [drift] = await sites.reader.journal('edge-drift');
  lab.check(
    'a state that somebody set by hand is told and set again',
    drift?.sentence.includes('open, not closed') === true,
    {
      againMs,
      sentence: drift?.sentence,
    },
  );
  await edge.reload();
  const reloadedMs = await waitFlags(fleet, edge, /^D\w A\w$/);
  lab.check('so it is after a reload of the dispatcher, which forgets every state', true, { reloadedMs });

  for (const drop of hole) await drop.remove();
  await fleet.waitBothLead('a', Date.now(), 150_000);
  const backMs = await waitFlags(fleet, edge, /^A\w A\w$/);
  const last = await callByEdge(fleet, edge);
  lab.check(
    'once A leads again the edge has it open, and a call goes to A',
    last.order === 'A' && last.status === 200,
    {
      backMs,
      ...last,
    },
  );
}

/** A fleet whose calls go out by a Kamailio dispatcher: it follows the routes of one PBX. */
export const scenario: Scenario = {
  name: 'kamailio-edge',
  smoke: false,
  run: async (lab) => await story(await Fleet.start(lab, SHORT_DAMPING)),
};
