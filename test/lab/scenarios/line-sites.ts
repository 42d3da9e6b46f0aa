import type { FigureSheet } from '../../../wire/figures.ts';
import { run } from '../command.ts';
import { Fleet, NATIONAL } from '../fleet.ts';
import type { Lab } from '../lab.ts';
import type { Host } from '../network.ts';
import { pollUntil } from '../poll.ts';
import type { Scenario } from '../scenario.ts';

const PORT = 9466;
const SUSPECT_EVERY_MS = 60_000;
const CALL_MS = 50_000;
const CAP_BPS = 50e6;

/** Loses a third of the OPTIONS between two PBXs and nothing else, so that the line is suspected and TCP is not slowed. */
async function loseOptions(lab: Lab, one: string, other: string): Promise<void> {
  const rule = (from: string, to: string) =>
    `add rule inet suspicion fw ip saddr ${from} ip daddr ${to} udp dport 5060 numgen random mod 100 < 35 drop\n`;
  const table = 'add table inet suspicion\nadd chain inet suspicion fw { type filter hook forward priority 1; }\n';
  const input = `${table}${rule(one, other)}${rule(other, one)}`;
  await run(['ip', 'netns', 'exec', lab.network.core, 'nft', '-f', '-'], { input });
}

/** Two sites with hub, probes and Asterisks at work: a suspected line is left to a call, and measured once the call is over. */
export const scenario: Scenario = {
  name: 'line-sites',
  smoke: false,
  run: async (lab) => {
    const fleet = await Fleet.start(lab, {
      amendProbe: (document) => ({ ...document, line: { isEnabled: true, port: PORT } }),
      amendHub: (document) => ({ ...document, line: { suspectEveryMs: SUSPECT_EVERY_MS, everyMs: 604_800_000 } }),
    });
    const { reader, sites } = fleet.sites;
    const [first, second] = sites;
    const call = fleet.call(first, { number: NATIONAL, holdMs: CALL_MS });
    await pollUntil('the call is up', async () => (await first.pbx.activeChannels()) > 0, { timeoutMs: 10_000 });
    await loseOptions(lab, first.place.address, second.place.address);

    const entryOf = async (kind: string, timeoutMs: number) => {
      let found: Awaited<ReturnType<typeof reader.journal>>[number] | undefined;
      await pollUntil(
        kind,
        async () => {
          found = (await reader.journal(kind)).at(0);
          return found !== undefined;
        },
        { timeoutMs, intervalMs: 250, signal: lab.signal },
      );
      return found;
    };
    const ordered = await entryOf('line-ordered', 40_000);
    lab.check('the suspected line is ordered to be measured', ordered?.sentence.includes('on suspicion') === true, {
      sentence: ordered?.sentence,
    });
    const left = await entryOf('line-not-measured', 30_000);
    lab.check('it is left to the call', left?.sentence.includes('live calls have the line') === true, {
      sentence: left?.sentence,
    });
    const { status } = await call;
    lab.check('the call is answered and not disturbed', status === 200, { status });

    const measured = await entryOf('line-measured', SUSPECT_EVERY_MS + 60_000);
    const detail = measured?.detail as { readonly from: string; readonly to: string } | undefined;
    const key = encodeURIComponent(`${detail?.from}>peer.${detail?.to}`);
    const { text } = await reader.fetch(`/api/v1/figures?key=${key}`);
    const { figures } = JSON.parse(text) as FigureSheet;
    const rates = figures.filter(({ kind }) => kind === 'line-rate');
    const isGood = rates.length === 2 && rates.every(({ value }) => value > CAP_BPS / 5 && value <= CAP_BPS * 1.05);
    lab.check('once it is over both directions are measured, and stand in the figures', isGood, {
      sentence: measured?.sentence,
      rates: rates.map(({ direction, n, value, windowMs }) => ({ direction, n, value: Math.round(value), windowMs })),
    });
    lab.check('the ports are closed again', await areClosed([first.pbx.host, second.pbx.host]), {});
    const flips = await fleet.flips();
    lab.check('nothing was moved for it', flips.length === 0, { flips });
  },
};

/** Whether nothing listens on the line port of these hosts. */
async function areClosed(hosts: readonly Host[]): Promise<boolean> {
  for (const { namespace } of hosts) {
    const listening = await run(['ip', 'netns', 'exec', namespace, 'ss', '-Hltn', `sport = :${PORT}`]);
    if (listening.trim() !== '') return false;
  }
  return true;
}
