import type { ClockReading, InstrumentReading, Measurement, SipOptionsMeasurement } from '../wire/measurement.ts';
import type { ProbeConfig } from './config-schema.ts';
import { IcmpRunner } from './icmp-runner.ts';
import { CLOCK_PROGRAMS, watchClock } from './measure/instrument/clock-probe.ts';
import { agedClock } from './measure/instrument/clock-reading.ts';
import { runInstrument } from './measure/instrument/instrument-probe.ts';
import { PairCheck } from './measure/schedule/pair-check.ts';
import { runSchedule, type ScheduleRunner } from './measure/schedule/schedule-runner.ts';
import type { TargetPaces } from './measure/schedule/schedule-state.ts';
import type { MeasureBook } from './metrics/measure-book.ts';
import type { ProbeMetrics } from './metrics/metrics-server.ts';
import { OptionsRunner, type TrunkCredentials } from './options-runner.ts';
import { callingTargets, type ProbeTarget } from './probe-targets.ts';

/** How often the host's clock is read against true time. */
const CLOCK_EVERY_MS = 30_000;

/** What measuring needs from the outside. None of the callbacks may throw. */
export type MeasuringDeps = {
  readonly config: ProbeConfig;
  readonly targets: readonly ProbeTarget[];
  /** Of trunks whose provider challenges OPTIONS. */
  readonly credentials?: ReadonlyMap<string, TrunkCredentials>;
  readonly book: MeasureBook;
  readonly metrics: ProbeMetrics;
  readonly userAgent: string;
  readonly clock: { readonly nowMs: () => number; readonly epochMs: () => number };
  readonly droppedMeasurements: () => number;
  /** `isUrgent` for what may change a state: it leaves at once. */
  readonly onMeasurement: (measurement: Measurement, isUrgent: boolean) => void;
  /** Each settled OPTIONS that was measured, with the loss before its target's present run of misses (0 to 1). */
  readonly onOptions: (measurement: SipOptionsMeasurement, lossRatio: number) => void;
  readonly onReading: (reading: InstrumentReading) => void;
  /** A target's ICMP stopped being measurable, or came back (`undefined`). */
  readonly onIcmpFault: (target: string, text: string | undefined) => void;
  readonly onFault: (place: string, cause: unknown) => void;
  /** Some of the measuring has ended by a broken invariant: what goes on must not pass for the whole. */
  readonly onEnded: (cause: unknown) => void;
};

/** Measuring at work. */
export type Measuring = {
  /** Takes over what the hub assigns to OPTIONS; targets not named keep the pace of the probe's own file. */
  readonly setPaces: (paces: TargetPaces) => void;
  /** Takes over other targets at once; those that stay are not disturbed. */
  readonly retarget: (targets: readonly ProbeTarget[]) => void;
  /** A call goes out by a trunk now, by one of its edges where that is known. */
  readonly called: (trunk: string, edge: string | undefined) => void;
  /** Attempts not made since the start because a budget was spent. */
  readonly withheldByBudget: () => number;
  /** Stops every schedule and closes every socket; resolves when nothing is under way. */
  readonly stop: () => Promise<void>;
};

/** Starts everything that measures: OPTIONS by schedule, ICMP, and the instrument itself. */
export function startMeasuring(deps: MeasuringDeps): Measuring {
  const { book, clock, config, onFault } = deps;
  const stop = new AbortController();
  const { signal } = stop;
  const { minTimeoutMs, maxTimeoutMs } = config.options;
  const options = new OptionsRunner({
    targets: deps.targets,
    sourceAddress: config.sourceAddress,
    sourcePort: config.sipPort,
    bounds: { minMs: minTimeoutMs, maxMs: maxTimeoutMs, firstMs: Math.min(1000, maxTimeoutMs) },
    retryAfterMaxS: config.options.retryAfterMaxS,
    credentials: deps.credentials ?? new Map(),
    clock,
    userAgent: deps.userAgent,
    onStray: ({ reason }) => deps.metrics.count('strayReplies', { reason }),
    onFault,
  });
  const pairs = new PairCheck();
  const schedule: ScheduleRunner = runSchedule({
    policy: config.options,
    targets: deps.targets.map(({ target }) => ({ target })),
    attempt: async (due) => {
      const { certificate, ...attempt } = await options.attempt(due.target, due.schedule, signal);
      if (certificate) {
        const { target } = due;
        const seen = { kind: 'certificate', target, observedAtMs: clock.nowMs(), ...certificate } as const;
        book.takeCertificate(seen);
        deps.onMeasurement(seen, !certificate.isAccepted);
      }
      return attempt;
    },
    onSettled: ({ pair, ...due }, { outcome, phases, sentAtMs }) => {
      const isPaired = pair !== undefined && outcome.kind !== 'not-measured' && pairs.isTrue(pair, sentAtMs);
      const extras = { ...(phases && { phases }), ...(isPaired && { pair }) };
      const measurement = { kind: 'sip-options', ...due, sentAtMs, outcome, ...extras } as const;
      const isTurn = book.take(measurement);
      const isMiss = outcome.kind === 'timed-out' || outcome.kind === 'refused';
      deps.onMeasurement(measurement, isTurn || isMiss || due.schedule === 'confirm');
      if (outcome.kind !== 'not-measured') deps.onOptions(measurement, schedule.lossRatio(due.target));
    },
    clock,
    random: Math.random,
    signal,
  });
  const end = (cause: unknown): void => {
    onFault('measuring', cause);
    deps.onEnded(cause);
  };
  const icmp = config.icmp.isEnabled ? new IcmpRunner({ ...icmpDeps(deps, signal), onEnded: end }) : undefined;
  icmp?.retarget(callingTargets(deps.targets));
  let { targets: current } = deps;
  let hostClock: { readonly reading: ClockReading; readonly atMs: number } | undefined;
  const clockWatch = watchClock({
    programs: CLOCK_PROGRAMS,
    everyMs: CLOCK_EVERY_MS,
    onReading: (reading) => {
      hostClock = reading && { reading, atMs: clock.nowMs() };
    },
    signal,
  });
  const instrument = runInstrument({
    clock,
    intervalMs: 1000,
    counters: () => ({
      missedSchedules: schedule.missedSchedules(),
      droppedMeasurements: deps.droppedMeasurements(),
    }),
    onReading: (own) => {
      const aged = hostClock && agedClock(hostClock.reading, clock.nowMs() - hostClock.atMs);
      const reading = aged ? { ...own, clock: aged } : own;
      book.takeReading(reading);
      deps.onReading(reading);
    },
    signal,
  });
  const all = Promise.all([schedule.done, instrument, clockWatch]);
  all.catch(end);
  return {
    setPaces: (paces) => schedule.setPaces(paces),
    called: (trunk, edge) => {
      const own = current.filter(({ description }) => isOfCall(description, trunk, edge));
      schedule.traffic(own.map(({ target }) => target));
    },
    retarget: (targets) => {
      current = targets;
      options.retarget(targets).catch((cause: unknown) => onFault('targets', cause));
      schedule.reconfigure(
        config.options,
        targets.map(({ target }) => ({ target })),
      );
      icmp?.retarget(callingTargets(targets));
    },
    withheldByBudget: () => schedule.withheldByBudget(),
    stop: async () => {
      stop.abort();
      await Promise.allSettled([all]);
      await icmp?.ended();
      await options.close();
    },
  };
}

function isOfCall(description: ProbeTarget['description'], trunk: string, edge: string | undefined): boolean {
  return (
    description.kind === 'trunk' && description.trunk === trunk && (edge === undefined || description.edge === edge)
  );
}

function icmpDeps({ book, clock, config, onIcmpFault, onMeasurement }: MeasuringDeps, signal: AbortSignal) {
  return {
    policy: config.icmp,
    clock,
    signal,
    onMeasurements: (measurements: readonly (Measurement & { readonly kind: 'icmp' })[]) => {
      for (const measurement of measurements) {
        book.take(measurement);
        onMeasurement(measurement, false);
      }
    },
    onFault: (target: string, fault: { readonly text: string } | undefined) => onIcmpFault(target, fault?.text),
  };
}
