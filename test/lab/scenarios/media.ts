import { setTimeout as delay } from 'node:timers/promises';
import { wilsonInterval } from '../../../server/paths/wilson.ts';
import type { RtpCallMeasurement } from '../../../wire/rtp-measurement.ts';
import type { Lab } from '../lab.ts';
import { type FarEnd, MediaBench, RTCP_INTERVAL_MS } from '../media-bench.ts';
import type { Scenario } from '../scenario.ts';

type Direction = RtpCallMeasurement['direction'];

type Run = {
  readonly far: FarEnd;
  readonly direction: Direction;
  readonly percent: number;
  readonly count: number;
  readonly windowMs: number;
};

type Sum = { readonly expected: number; readonly lost: number };

function figuresOf(bench: MediaBench, legs: ReadonlySet<number>, direction: Direction): readonly RtpCallMeasurement[] {
  return bench.media
    .filter((entry) => entry.kind === 'rtp-call')
    .filter((entry) => legs.has(entry.leg) && entry.direction === direction);
}

function sumOf(entries: readonly RtpCallMeasurement[]): Sum {
  return {
    expected: entries.reduce((sum, { expected }) => sum + expected, 0),
    lost: entries.reduce((sum, { lost }) => sum + lost, 0),
  };
}

/**
 * Calls at once, loss of their media in one direction from after the first report to before the last: then every dropped packet
 * lies within the reports, and what is told must be what the kernel dropped, to the packet.
 */
async function runLoss(bench: MediaBench, run: Run): Promise<void> {
  const { lab, addresses } = bench;
  const { far, direction, percent, count, windowMs } = run;
  const name = `${far}, ${percent} % ${direction}, ${count} calls`;
  await bench.callMany(far, count);
  const legs = new Set(bench.calls.legs().map((leg) => leg.number));
  await bench.reportAfter(performance.now(), direction);
  const [from, to] = direction === 'received' ? [addresses[far], addresses.pbx] : [addresses.pbx, addresses[far]];
  const openedAtMs = performance.now();
  const [rule] = percent === 0 ? [] : await lab.network.loss.drop({ from, to, percent, isMediaOnly: true });
  await delay(windowMs);
  const truth = await rule?.counter();
  await rule?.remove();
  const closedAtMs = performance.now();
  const dropped = (await rule?.counter())?.droppedPackets ?? 0;
  await bench.reportAfter(closedAtMs + RTCP_INTERVAL_MS, direction);
  await bench.hangUp();
  const told = sumOf(figuresOf(bench, legs, direction));
  lab.check(`${name}: the packets told lost are those dropped`, told.lost === dropped, {
    dropped,
    lost: told.lost,
    expected: told.expected,
    injected: truth?.lossRatio,
  });
  const other = direction === 'received' ? 'sent' : 'received';
  const perCall = [...legs].map((leg) => {
    const own = new Set([leg]);
    const whole = figuresOf(bench, own, direction).filter(
      ({ observedAtMs, intervalMs }) => observedAtMs - intervalMs > openedAtMs && observedAtMs < closedAtMs,
    );
    return { within: sumOf(whole), other: sumOf(figuresOf(bench, own, other)), n: figuresOf(bench, own, other).length };
  });
  const isRight = perCall.every((call) => call.other.lost === 0 && call.within.expected > 0);
  lab.check(`${name}: the other direction has lost nothing in any call`, isRight, {
    reportsOfIt: perCall.reduce((sum, { n }) => sum + n, 0),
    lost: perCall.map((call) => call.other.lost),
    withLoss: figuresOf(bench, legs, other)
      .filter(({ lost }) => lost !== 0)
      .map(({ leg, intervalMs, expected, lost }) => ({ leg, intervalMs: Math.round(intervalMs), expected, lost })),
  });
  const covers = perCall.filter(({ within: { lost, expected } }) => {
    const { lowRatio, highRatio } = wilsonInterval({ sent: expected, lost });
    return lowRatio <= percent / 100 && highRatio >= percent / 100;
  });
  const wanted = Math.floor(count * 0.85);
  lab.check(`${name}: the interval of at least ${wanted} calls covers the injected rate`, covers.length >= wanted, {
    covers: covers.length,
    ratios: perCall.map(({ within: { lost, expected } }) => Math.round((lost / expected) * 1000) / 1000),
  });
}

/** Loss from before the first call until after the last: what falls before the first packet or after the last report is not told. */
async function runTail(bench: MediaBench, count: number): Promise<void> {
  const { lab, addresses } = bench;
  const [rule] = await lab.network.loss.drop({
    from: addresses.asterisk,
    to: addresses.pbx,
    percent: 10,
    isMediaOnly: true,
  });
  await bench.callMany('asterisk', count);
  const legs = new Set(bench.calls.legs().map((leg) => leg.number));
  await bench.reportAfter(performance.now() + 4 * RTCP_INTERVAL_MS, 'received');
  await bench.hangUp();
  await rule?.remove();
  const dropped = (await rule?.counter())?.droppedPackets ?? 0;
  const { expected, lost } = sumOf(figuresOf(bench, legs, 'received'));
  const untold = dropped - lost;
  // A tail holds at most one interval and the second that hanging up takes: 100 packets a call, a fifth of them lost at the very most.
  const bound = count * 20;
  lab.check('loss to the very end: what is not told lies in the tails', untold >= 0 && untold <= bound, {
    dropped,
    lost,
    expected,
    untold,
    bound,
  });
}

/** The far end stops hearing us in the middle of a call, and hears us again. */
async function runSilence(bench: MediaBench): Promise<void> {
  const { lab, addresses } = bench;
  await bench.callMany('asterisk', 1);
  const legs = new Set(bench.calls.legs().map((leg) => leg.number));
  await bench.reportAfter(performance.now(), 'sent');
  const [rule] = await lab.network.loss.drop({
    from: addresses.pbx,
    to: addresses.asterisk,
    percent: 100,
    isMediaOnly: true,
  });
  await delay(4 * RTCP_INTERVAL_MS);
  await rule?.remove();
  const dropped = (await rule?.counter())?.droppedPackets ?? 0;
  await bench.reportAfter(performance.now() + RTCP_INTERVAL_MS, 'sent');
  await bench.hangUp();
  const sent = figuresOf(bench, legs, 'sent');
  const silent = sent.filter(({ isSilentReceiver }) => isSilentReceiver === true);
  lab.check('a far end that hears nothing is told so while it lasts', silent.length >= 2, {
    silentIntervals: silent.length,
    each: silent.map(({ expected, lost }) => `${lost}/${expected}`),
  });
  const { lost } = sumOf(sent);
  lab.check('and the packets of the silence are counted once', Math.abs(lost - dropped) <= 2, { dropped, lost });
}

/** Packets lost on the way from one leg are holes in what the other leg sends: no loss of the provider that is sent to. */
async function runOwnHoles(bench: MediaBench): Promise<void> {
  const { lab, addresses } = bench;
  await bench.callThrough();
  const leg = bench.calls.legs().find(({ trunk }) => trunk.trunk === 'asterisk')?.number ?? -1;
  await delay(3 * RTCP_INTERVAL_MS);
  const [rule] = await lab.network.loss.drop({
    from: addresses.sipp,
    to: addresses.pbx,
    percent: 20,
    isMediaOnly: true,
  });
  await delay(6 * RTCP_INTERVAL_MS);
  await rule?.remove();
  const dropped = (await rule?.counter())?.droppedPackets ?? 0;
  await delay(2 * RTCP_INTERVAL_MS);
  await bench.hangUp();
  const { expected, lost } = sumOf(figuresOf(bench, new Set([leg]), 'sent'));
  lab.check('holes that the other leg left are no loss towards the provider', dropped >= 30 && lost <= 10, {
    dropped,
    lost,
    expected,
  });
}

function checkRest(bench: MediaBench): void {
  const { lab } = bench;
  const figures = bench.media.filter((entry) => entry.kind === 'rtp-call');
  const classes = new Set(figures.map(({ trunk, class: name }) => `${trunk} ${name ?? 'none'}`));
  lab.check(
    'calls carry the class that the include dialled for',
    [...classes].every((entry) => ['sipp national', 'sipp none', 'asterisk mobile'].includes(entry)),
    { classes: [...classes] },
  );
  const unclear = figures.filter(({ codec }) => codec !== 'ulaw').length;
  lab.check('and their codec', unclear === 0, { figures: figures.length, unclear });
  const blind = bench.media.filter((entry) => entry.kind === 'rtp-call-blind');
  lab.check('no call was without figures', blind.length === 0, { blind: blind.map(({ because }) => because) });
  const ended = bench.events.flatMap((event) => (event.kind === 'call-ended' ? [event] : []));
  const isWhole = ended.every(
    ({ pddMs, endedBy, edge }) => pddMs !== undefined && endedBy === 'this-side' && edge === 'e1',
  );
  lab.check('every end has its post-dial delay, its edge, and who ended it', ended.length > 0 && isWhole, {
    ended: ended.length,
  });
  const qualified = bench.signalling.flatMap((entry) => (entry.kind === 'qualify' ? [entry] : []));
  const withRtt = qualified.filter(
    ({ rttMs, edge, frequencyS }) => rttMs !== undefined && edge === 'e1' && frequencyS === 2,
  );
  lab.check("the PBX's own qualify is read with its interval", withRtt.length >= 2, {
    samples: qualified.length,
    rttMs: withRtt.slice(0, 5).map(({ rttMs }) => rttMs),
  });
  const ignored = bench.calls.ignoredEvents;
  lab.check('Asterisk leaves out what nobody reads', ignored < ended.length * 2, { ignored, calls: ended.length });
  lab.check('nothing failed inside', bench.faults.length === 0, { faults: bench.faults.slice(0, 5) });
}

async function withBench(lab: Lab, work: (bench: MediaBench) => Promise<void>): Promise<void> {
  const bench = await MediaBench.open(lab);
  try {
    await work(bench);
    checkRest(bench);
  } finally {
    bench.close();
  }
}

/** RTCP of real calls against the kernel's own count of what it dropped. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'media',
    smoke: true,
    run: async (lab) =>
      await withBench(lab, async (bench) => {
        const short = { percent: 10, count: 6, windowMs: 5000 };
        await runLoss(bench, { far: 'asterisk', direction: 'sent', ...short });
        await runLoss(bench, { far: 'sipp', direction: 'received', ...short });
        await runSilence(bench);
        await runOwnHoles(bench);
      }),
  },
  {
    name: 'media-loss',
    smoke: false,
    run: async (lab) =>
      await withBench(lab, async (bench) => {
        for (const percent of [0, 1, 5, 10]) {
          const run = { percent, count: 20, windowMs: 15_000 };
          await runLoss(bench, { far: 'sipp', direction: 'received', ...run });
          await runLoss(bench, { far: 'asterisk', direction: 'sent', ...run });
        }
        await runTail(bench, 20);
        await runSilence(bench);
      }),
  },
];
