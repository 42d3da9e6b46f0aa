import { addAttempt, type MissRun, missesForHardDown, NO_RUN } from '../../wire/hard-down.ts';
import { addToLoss, type LossBeforeRun, NO_LOSS_SEEN } from '../../wire/loss-before-run.ts';
import type { InviteMeasurement, Schedule, SipOptionsMeasurement } from '../../wire/measurement.ts';
import { addFailedCall, type CallRun, NO_FAILED_CALLS } from './call-run.ts';
import { addLossSample, FRESH_LOSS_TEST, type LossTest, type LossTestPolicy } from './loss-test.ts';

/**
 * What the hub remembers of one path besides its windows. Times named `probe…` are on the probe's monotonic clock and hold
 * within one instance; the others are hub time.
 */
export type PathState = {
  readonly run: MissRun;
  /** Upper estimate of the loss before the run began, 0 to 1; sets how many misses the run needs. */
  readonly runLossRatio: number;
  /** Loss outside runs long enough for an outage; `runLossRatio` is drawn from it. */
  readonly lossBeforeRun: LossBeforeRun;
  /** Misses of unbiased schedules in the run; they become loss only if it ends before it is an outage. */
  readonly runLossSamples: number;
  /** Misses of the run that were refusals (port unreachable) rather than silence. */
  readonly runRefusals: number;
  readonly lossTest: LossTest;
  /** The loss test as it stood before the run; back in force when the run turns out to have been an outage. */
  readonly lossTestBeforeRun: LossTest;
  /** The latest outage that is over: from the first miss to the answer that ended it, by when they were sent. */
  readonly pastOutage: { readonly probeFromMs: number; readonly probeToMs: number } | undefined;
  /** OPTIONS settled (answered or missed), ever. */
  readonly asked: number;
  /** Answered since this instance of the probe, and this hub, began (safety rule 9). */
  readonly isFresh: boolean;
  readonly probeAnsweredSentAtMs: number | undefined;
  readonly probeInviteAnsweredAtMs: number | undefined;
  readonly lastAnsweredAtMs: number | undefined;
  readonly lastSampleAtMs: number | undefined;
  readonly lastNotMeasured: { readonly atMs: number; readonly reason: string } | undefined;
  readonly lastStatusCode: number | undefined;
  /** OPTIONS was answered at some time by a status that says the service is there. */
  readonly hasBeenAlive: boolean;
  /** Answers in a row that say the service is not there, and when the first was asked (probe's clock). */
  readonly rejections: { readonly count: number; readonly probeFirstSentAtMs: number };
  /** The edge asked to be left alone until then. */
  readonly quietUntilMs: number | undefined;
  readonly failedCalls: CallRun;
  /** Latest INVITE answered by a status that says the service is there, on the probe's clock and in hub time. */
  readonly probeInviteAliveAtMs: number | undefined;
  readonly inviteAliveAtMs: number | undefined;
};

const NO_REJECTIONS = { count: 0, probeFirstSentAtMs: 0 };

/** A path of which nothing is known. */
export const UNSEEN_PATH: PathState = {
  run: NO_RUN,
  runLossRatio: 1,
  lossBeforeRun: NO_LOSS_SEEN,
  runLossSamples: 0,
  runRefusals: 0,
  lossTest: FRESH_LOSS_TEST,
  lossTestBeforeRun: FRESH_LOSS_TEST,
  pastOutage: undefined,
  asked: 0,
  isFresh: false,
  probeAnsweredSentAtMs: undefined,
  probeInviteAnsweredAtMs: undefined,
  lastAnsweredAtMs: undefined,
  lastSampleAtMs: undefined,
  lastNotMeasured: undefined,
  lastStatusCode: undefined,
  hasBeenAlive: false,
  rejections: NO_REJECTIONS,
  quietUntilMs: undefined,
  failedCalls: NO_FAILED_CALLS,
  probeInviteAliveAtMs: undefined,
  inviteAliveAtMs: undefined,
};

/** Where one OPTIONS attempt falls on the hub's clock and against the path's earlier loss. */
export type SampleContext = {
  /** Hub time at which the attempt was sent. */
  readonly atMs: number;
  /** Upper estimate of the loss before this attempt, 0 to 1; asked for only when a run of misses begins. */
  readonly lossBeforeRatio: () => number;
  readonly lossTest: LossTestPolicy;
  /** Whether a status says that the service is there; absent: every one does. */
  readonly isAlive?: (statusCode: number) => boolean;
};

/** True for the schedules that sample loss without bias; `confirm` and `control` only feed the run of misses and answers. */
export function isLossSample(schedule: Schedule): boolean {
  return schedule === 'liveness' || schedule === 'loss';
}

/**
 * Folds one settled OPTIONS attempt. Any final status is an answer and no loss; one that says the service is not there counts
 * into a run of its own; `refused` is a miss; `not-measured` is no evidence and
 * moves nothing but its own note (safety rule 2).
 *
 * A miss sent before the latest answered attempt is loss but no part of a run: the path has answered since. When an answer
 * ends a run long enough for an outage, the loss test goes back to where it stood before: the outage is explained, and
 * the path is tested for loss anew. What was sent within the outage and times out only after that answer belongs to it too.
 */
export function foldOptions(state: PathState, measurement: SipOptionsMeasurement, context: SampleContext): PathState {
  const { outcome, sentAtMs } = measurement;
  const { atMs } = context;
  switch (outcome.kind) {
    case 'not-measured':
      if (outcome.reason === 'retry-after') return state;
      return { ...state, lastNotMeasured: { atMs, reason: outcome.reason } };
    case 'answered': {
      const attempt = { sentAtMs, settledAtMs: sentAtMs + outcome.rttMs, isAnswered: true };
      return {
        ...settled(state, atMs),
        run: addAttempt(state.run, attempt),
        lossBeforeRun: lossAfterAnswer(state, measurement),
        runLossSamples: 0,
        runRefusals: 0,
        lossTest: sampled(testAfterRun(state), measurement, context),
        pastOutage: outageEndedBy(state, sentAtMs),
        isFresh: true,
        probeAnsweredSentAtMs: Math.max(state.probeAnsweredSentAtMs ?? sentAtMs, sentAtMs),
        lastAnsweredAtMs: Math.max(state.lastAnsweredAtMs ?? atMs, atMs),
        lastStatusCode: outcome.statusCode ?? state.lastStatusCode,
        ...standing(state, measurement, context),
        quietUntilMs: outcome.retryAfterS === undefined ? undefined : atMs + outcome.retryAfterS * 1000,
      };
    }
    case 'timed-out':
    case 'refused': {
      if (isOfPastOutage(state, measurement)) return settled(state, atMs);
      const missed = { ...settled(state, atMs), lossTest: sampled(state.lossTest, measurement, context) };
      const lossSamples = isLossSample(measurement.schedule) ? 1 : 0;
      if (state.probeAnsweredSentAtMs !== undefined && sentAtMs < state.probeAnsweredSentAtMs) {
        return { ...missed, lossBeforeRun: addToLoss(state.lossBeforeRun, lossSamples, lossSamples) };
      }
      const waitedMs = outcome.kind === 'timed-out' ? outcome.waitedMs : 0;
      const attempt = { sentAtMs, settledAtMs: sentAtMs + waitedMs, isAnswered: false };
      const isFirst = state.run.misses === 0;
      return {
        ...missed,
        run: addAttempt(state.run, attempt),
        runLossRatio: isFirst ? context.lossBeforeRatio() : state.runLossRatio,
        runLossSamples: (isFirst ? 0 : state.runLossSamples) + lossSamples,
        runRefusals: (isFirst ? 0 : state.runRefusals) + (outcome.kind === 'refused' ? 1 : 0),
        lossTestBeforeRun: isFirst ? state.lossTest : state.lossTestBeforeRun,
      };
    }
    default:
      return outcome satisfies never;
  }
}

/** True for a miss that was sent within an outage of which it is known by now that it is over: the outage explains it, not loss since. */
export function isOfPastOutage({ pastOutage }: PathState, { outcome, sentAtMs }: SipOptionsMeasurement): boolean {
  if (outcome.kind !== 'timed-out' && outcome.kind !== 'refused') return false;
  return pastOutage !== undefined && sentAtMs >= pastOutage.probeFromMs && sentAtMs < pastOutage.probeToMs;
}

/** Where one INVITE falls on the hub's clock, and what its status says of the service. */
export type InviteContext = Pick<SampleContext, 'atMs' | 'isAlive'>;

/**
 * Folds what an INVITE met at the path's edge. An answer is evidence that the edge is there, and ends a run of failed calls
 * unless it is itself a failure; an INVITE that was not answered counts only where Asterisk says why.
 */
export function foldInvite(state: PathState, measurement: InviteMeasurement, context: InviteContext): PathState {
  const { failure, observedAtMs, outcome, statusCode } = measurement;
  const { atMs, isAlive } = context;
  const failed = failure && addFailedCall(state.failedCalls, { kind: failure, probeAtMs: observedAtMs, atMs });
  if (outcome === 'unanswered') return failed ? { ...state, failedCalls: failed } : state;
  const isProgress = statusCode === undefined || statusCode < 200;
  const isAliveAnswer = !failure && (isProgress || isAlive === undefined || isAlive(statusCode));
  return {
    ...state,
    probeInviteAnsweredAtMs: Math.max(state.probeInviteAnsweredAtMs ?? observedAtMs, observedAtMs),
    failedCalls: failed ?? (isAliveAnswer ? NO_FAILED_CALLS : state.failedCalls),
    ...(isAliveAnswer && {
      probeInviteAliveAtMs: Math.max(state.probeInviteAliveAtMs ?? observedAtMs, observedAtMs),
      inviteAliveAtMs: Math.max(state.inviteAliveAtMs ?? atMs, atMs),
    }),
  };
}

/** The hub has left this path to others, who are asked for it: its own run of misses is over, for nothing continues it. */
export function leaveToOthers(state: PathState): PathState {
  return {
    ...state,
    run: { ...NO_RUN, hasAnswered: state.run.hasAnswered },
    runLossSamples: 0,
    runRefusals: 0,
    lossTest: testAfterRun(state),
    rejections: NO_REJECTIONS,
    quietUntilMs: undefined,
    isFresh: false,
  };
}

/**
 * Another instance of the probe speaks, on another clock: the run of misses starts over and fresh evidence is needed, while
 * what the path is known for stays (safety rule 9).
 */
export function startInstance(state: PathState): PathState {
  return {
    ...state,
    run: { ...NO_RUN, hasAnswered: state.run.hasAnswered },
    runLossSamples: 0,
    runRefusals: 0,
    lossTest: testAfterRun(state),
    pastOutage: undefined,
    isFresh: false,
    probeAnsweredSentAtMs: undefined,
    probeInviteAnsweredAtMs: undefined,
    rejections: NO_REJECTIONS,
    failedCalls: NO_FAILED_CALLS,
    probeInviteAliveAtMs: undefined,
  };
}

function standing(
  { rejections, hasBeenAlive }: PathState,
  { outcome, sentAtMs }: SipOptionsMeasurement,
  { isAlive }: SampleContext,
): Pick<PathState, 'hasBeenAlive' | 'rejections'> {
  const code = outcome.kind === 'answered' ? outcome.statusCode : undefined;
  if (code === undefined || isAlive === undefined || isAlive(code)) {
    return { hasBeenAlive: true, rejections: NO_REJECTIONS };
  }
  const probeFirstSentAtMs = rejections.count === 0 ? sentAtMs : rejections.probeFirstSentAtMs;
  return { hasBeenAlive, rejections: { count: rejections.count + 1, probeFirstSentAtMs } };
}

function settled(state: PathState, atMs: number): PathState {
  return { ...state, asked: state.asked + 1, lastSampleAtMs: Math.max(state.lastSampleAtMs ?? atMs, atMs) };
}

function testAfterRun(state: PathState): LossTest {
  return wasOutage(state) ? state.lossTestBeforeRun : state.lossTest;
}

function outageEndedBy(state: PathState, answeredSentAtMs: number): PathState['pastOutage'] {
  const { firstMissSentAtMs } = state.run;
  if (!wasOutage(state) || firstMissSentAtMs === undefined) return state.pastOutage;
  return { probeFromMs: firstMissSentAtMs, probeToMs: answeredSentAtMs };
}

function lossAfterAnswer(state: PathState, { schedule }: SipOptionsMeasurement): LossBeforeRun {
  const answers = isLossSample(schedule) ? 1 : 0;
  const missed = wasOutage(state) ? 0 : state.runLossSamples;
  return addToLoss(state.lossBeforeRun, missed + answers, missed);
}

/** Whether the run of misses is long enough for an outage. */
function wasOutage({ run, runLossRatio }: PathState): boolean {
  return run.misses > 0 && run.misses >= missesForHardDown(runLossRatio);
}

function sampled(test: LossTest, measurement: SipOptionsMeasurement, context: SampleContext): LossTest {
  if (!isLossSample(measurement.schedule)) return test;
  return addLossSample(test, measurement.outcome.kind !== 'answered', context.lossTest);
}
