import { setTimeout as delay } from 'node:timers/promises';
import { type LineMeasurement, lineBitsPerSecond } from '../../../wire/host-measurement.ts';
import { fillLine } from '../background.ts';
import { waitCalm, waitSent } from '../blame-case.ts';
import { Fleet } from '../fleet.ts';
import type { Lab } from '../lab.ts';
import { areMeasuring } from '../mesh-bench.ts';
import { MeshReader } from '../mesh-reader.ts';
import { pollFor } from '../poll.ts';
import { givePriority } from '../priority.ts';
import { DENSE_PACE, SHORT_DAMPING } from '../program-config.ts';
import { recordFleet } from '../recording.ts';
import type { Scenario } from '../scenario.ts';
import { THIRD_SITE } from '../two-sites.ts';
import { VerdictWatch } from '../verdict-watch.ts';

const PLACE = 'site site1';
/** A line as DSL has it, with the deep queues of its modems. */
const DOWN = { kbps: 2000, queueMs: 300 };
const UP = { kbps: 512, queueMs: 600 };
/** With what the PBX sends itself a little more than the line carries up. */
const FILLING = { kbps: 330, onMs: 600_000, offMs: 1 };
const LINE = { isEnabled: true, port: 9466 };
const TOLD_MS = 150_000;
const AFTER_MS = 20_000;

/** A token bucket lets a little more through than its rate in a transfer of seconds. */
const BURST_FACTOR = 1.02;

type LineMeasured = {
  readonly from: string;
  readonly to: string;
  readonly forward: LineMeasurement;
  readonly reverse: LineMeasurement;
};

/** What was told of the ways to and from the site, kbit/s. */
function ratesOf({ forward, reverse, to }: LineMeasured) {
  const kbps = (line: LineMeasurement): number => Math.round((lineBitsPerSecond(line) ?? Number.NaN) / 1000);
  const [toSite, fromSite] = to === 'pbx1' ? [forward, reverse] : [reverse, forward];
  return { downKbps: kbps(toSite), upKbps: kbps(fromSite) };
}

async function play(lab: Lab): Promise<void> {
  const fleet = await Fleet.start(lab, {
    ...SHORT_DAMPING,
    pace: DENSE_PACE,
    furtherPbxes: THIRD_SITE,
    amendHub: (document) => ({
      ...document,
      mesh: { onMs: 10_000, offMs: 1000 },
      line: { suspectEveryMs: 60_000, retryMs: 60_000, everyMs: 604_800_000 },
    }),
    amendProbe: (document) => ({ ...document, line: LINE }),
  });
  await recordFleet(fleet, 'slow-site');
  for (const probe of fleet.probes) await givePriority(probe);
  const { phone, reader, sites } = fleet.sites;
  const mesh = new MeshReader(reader, lab.signal);
  await mesh.waitStreams('the mesh measures', (streams) => areMeasuring(streams, 3), 90_000);
  await waitSent(fleet, 40);
  const { host } = sites[0].pbx;
  const down = await lab.network.line.limitDown(host, DOWN);
  const up = await lab.network.line.limitUp(host, UP);
  const watch = new VerdictWatch(reader);
  try {
    const beganAtMs = Date.now();
    const filling = await fillLine(lab, host, phone.host, FILLING);
    const named = await pollFor('the verdict', () => watch.named(PLACE), {
      timeoutMs: TOLD_MS,
      intervalMs: 250,
      signal: lab.signal,
    }).catch(() => undefined);
    await delay(AFTER_MS, undefined, { signal: lab.signal });
    const measured = await pollFor(
      'the line is measured',
      async () => {
        const entries = await reader.journal('line-measured').catch(() => []);
        const measures = entries.map(({ detail }) => detail as LineMeasured);
        const ofSite = measures.filter(({ from, to }) => from === 'pbx1' || to === 'pbx1');
        return ofSite.length > 0 ? ofSite.map(ratesOf) : undefined;
      },
      { timeoutMs: TOLD_MS, intervalMs: 500, signal: lab.signal },
    ).catch(() => undefined);
    const counted = { up: await up.counter(), down: await down.counter() };
    console.log(
      (await reader.paths())
        .map(({ key, lost, rttP50Ms, sent, state }) => `     ${key} ${state}: ${lost} of ${sent} lost, ${rttP50Ms} ms`)
        .join('\n'),
    );
    await filling.stop();
    await up.remove();
    await down.remove();
    const clearedMs = await waitCalm(fleet, 120_000).catch(() => undefined);
    lab.check('the kernel dropped what the line could not carry', counted.up.droppedPackets > 20, counted);
    lab.check(`the verdict names ${PLACE}`, named !== undefined, {
      namedAfterMs: named && named.value.firstSeenAtEpochMs - beganAtMs,
      seen: watch.seen.map(({ sentence }) => sentence),
    });
    const accused = watch.accusedBut(PLACE);
    lab.check('nobody else is accused, no provider above all', accused.length === 0, { accused });
    const rates = measured?.value ?? [];
    const isWithin = ({ downKbps, upKbps }: (typeof rates)[number]): boolean =>
      downKbps > 0 && downKbps <= DOWN.kbps * BURST_FACTOR && upKbps > 0 && upKbps <= UP.kbps * BURST_FACTOR;
    lab.check(
      'how fast the line is is told, both ways, and within what it carries',
      rates.length > 0 && rates.every(isWithin),
      {
        rates,
        orders: (await reader.journal('line-ordered')).map(({ sentence }) => sentence),
        notMeasured: (await reader.journal('line-not-measured')).map(({ sentence }) => sentence),
      },
    );
    lab.check('it is cleared once the line is free', clearedMs !== undefined, { clearedMs });
  } finally {
    watch.stop();
  }
}

/** A site behind a slow line that is full: what is said names the site, and the line's speed is told. */
export const scenario: Scenario = { name: 'slow-site', smoke: false, run: play };
