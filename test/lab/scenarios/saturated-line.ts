import { setTimeout as delay } from 'node:timers/promises';
import type { FigureSheet } from '../../../wire/figures.ts';
import { fillLine } from '../background.ts';
import { areMeasuring } from '../mesh-bench.ts';
import { figureOf, MeshReader, packetsOf } from '../mesh-reader.ts';
import type { Host } from '../network.ts';
import { givePriority } from '../priority.ts';
import { PROMISED_PACE } from '../program-config.ts';
import { lostBetween, RtpCapture } from '../rtp-capture.ts';
import type { Scenario } from '../scenario.ts';
import { openTwoSites } from '../two-sites.ts';

const PORT = 9465;
/** A line of 300 kbit/s whose queue holds 200 ms; one G.711 stream takes 86 of it. */
const LINE = { kbps: 300, queueMs: 200 };
/** Half of the time the line is offered half as much again as it carries. */
const FILLING = { kbps: 360, onMs: 2000, offMs: 2000 };
const FOR_MS = 24_000;
/** For what is in the queue when the filling ends. */
const SETTLE_MS = 1500;
const CADENCE = { onMs: 10_000, offMs: 1000 };

/** What the mesh shows of one direction; delays are of the last report. */
function shown(sheet: FigureSheet, direction: 'forward' | 'reverse') {
  const { notes, value } = figureOf(sheet, 'mesh-delay-variation', direction);
  return {
    lost: packetsOf(sheet, 'mesh-loss', direction),
    variationP95Ms: value,
    variation: notes[0],
    jitterMs: figureOf(sheet, 'mesh-jitter', direction).value,
    mos: figureOf(sheet, 'mos-nb', direction).value,
  };
}

/** A narrow line that other traffic fills: its queue and its drops show in the mesh, in the direction that is full. */
export const scenario: Scenario = {
  name: 'saturated-line',
  smoke: false,
  run: async (lab) => {
    const sites = await openTwoSites(lab, {
      pace: { ...PROMISED_PACE, optionsIntervalMs: 5000, lossMeanMs: 0 },
      amendHub: (document) => ({ ...document, mesh: CADENCE }),
    });
    sites.startHub();
    const all = sites.sites.map((site) => ({ site, probe: site.startProbe() }));
    const mesh = new MeshReader(sites.reader, lab.signal);
    await mesh.waitStreams('one pair', (found) => found.length === 1, 90_000);
    for (const { probe } of all) await givePriority(probe);
    const { value: streams } = await mesh.waitStreams('it measures', (found) => areMeasuring(found, 1), 90_000);
    const [stream] = streams;
    const hostOf = (pbx: string): Host | undefined => all.find(({ site }) => site.place.pbx === pbx)?.site.pbx.host;
    const [near, far] = [hostOf(stream?.sender ?? ''), hostOf(stream?.reflector ?? '')];
    if (!stream || !near || !far) throw new Error(`no stream among ${JSON.stringify(streams)}`);

    const line = await lab.network.line.limitDown(far, LINE);
    await mesh.waitNextReport(stream);
    const quiet = await mesh.sheet(stream);
    const before = shown(quiet, 'forward');
    lab.check(
      'the narrow line alone is clean: its rate is enough for the stream',
      before.lost === 0 && before.variationP95Ms < 60,
      before,
    );

    const values = await mesh.undisturbed(async () => {
      const lostBefore = packetsOf(await mesh.sheet(stream), 'mesh-loss', 'forward');
      const droppedBefore = (await line.counter()).droppedPackets;
      const [left, came] = [await RtpCapture.start(lab, near, PORT), await RtpCapture.start(lab, far, PORT)];
      const filling = await fillLine(lab, near, far, FILLING);
      await delay(FOR_MS);
      const full = await mesh.sheet(stream);
      await filling.stop();
      await delay(SETTLE_MS);
      const { droppedPackets } = await line.counter();
      await mesh.waitNextReport(stream);
      const told = packetsOf(await mesh.sheet(stream), 'mesh-loss', 'forward') - lostBefore;
      const [sentRtp, cameRtp] = [await left.finish(), await came.finish()];
      const [sender] = near.addresses;
      return {
        droppedPackets: droppedPackets - droppedBefore,
        lostOnLine: lostBetween(sentRtp(sender), cameRtp(sender)),
        told,
        forward: shown(full, 'forward'),
        reverse: shown(full, 'reverse'),
      };
    });
    const after = await mesh.sheet(stream);
    const { droppedPackets, forward, lostOnLine, reverse, told } = values;
    lab.check(
      'the full line drops, and the packets told lost are those that left and did not come',
      droppedPackets > 20 && lostOnLine > 10 && told === lostOnLine,
      values,
    );
    lab.check('its queue shows as delay variation of that direction', forward.variationP95Ms > 100, values);
    lab.check(
      'the way back is clean',
      packetsOf(after, 'mesh-loss', 'reverse') === 0 && reverse.variationP95Ms < 60,
      values,
    );
    const lostInAll = packetsOf(after, 'mesh-loss', 'forward');
    const { high, low, n, value } = figureOf(after, 'mesh-loss', 'forward');
    lab.check(
      'the loss has an interval that allows for bursts, and the MOS falls with it',
      (low ?? 1) < value && value < (high ?? 0) && shown(after, 'forward').mos < before.mos,
      {
        n,
        value,
        low,
        high,
        mosBefore: before.mos,
        mosAfter: shown(after, 'forward').mos,
      },
    );
    await mesh.waitNextReport(stream);
    const calm = shown(await mesh.sheet(stream), 'forward');
    lab.check(
      'once the line is free again the last report has no variation and no more is lost',
      calm.variationP95Ms < 60 && calm.lost === lostInAll,
      calm,
    );
    await line.remove();
  },
};
