import type { RegistrationMeasurement } from '../../wire/call-measurement.ts';
import { carefulLossRatio, type LossBeforeRun } from '../../wire/loss-before-run.ts';
import type { IcmpMeasurement, InviteMeasurement, SipOptionsMeasurement } from '../../wire/measurement.ts';
import { otherAnsweredSentAtMs } from './latest-answers.ts';
import { LossWindow, MAX_WINDOW_SECONDS } from './loss-window.ts';
import type { PathDuty } from './path-duty.ts';
import type { HealthState, LossEstimate, LossEvidence, PathHealth, PathRef } from './path-health.ts';
import { judgePath, type PathFacts, type PathJudgement } from './path-judgement.ts';
import { aliveCodesOf, type PathPolicy } from './path-policy.ts';
import { pathSentence } from './path-sentence.ts';
import type { PathRemembrance } from './path-snapshot.ts';
import { foldInvite, foldOptions, isLossSample, isOfPastOutage, type PathState, UNSEEN_PATH } from './path-state.ts';
import type { ProbeCondition } from './probe-condition.ts';
import { RttWindow } from './rtt-quantiles.ts';
import { lossEstimate } from './wilson.ts';

/** How long loss remembered from before a restart counts. */
const REMEMBERED_LOSS_MS = 300_000;

/** One path of the table. Mutable; owned by the table alone. */
export type PathEntry = {
  ref: PathRef;
  path: PathState;
  readonly options: LossWindow;
  readonly icmp: LossWindow;
  readonly rtt: RttWindow;
  state: HealthState;
  sinceMs: number;
  samplesInState: number;
  lostInState: number;
  /** Ground of its own judgement when it was last judged. */
  because: PathJudgement['because'] | undefined;
  /** As it was last read for a pass; undefined before the first. */
  health: PathHealth | undefined;
  /** Where it stands among the paths that were ever read; the roll of the table gives it. */
  place: number | undefined;
  remembered: PathRemembrance | undefined;
  /** What the hub has assigned; undefined: the probe's own pace. */
  duty: PathDuty | undefined;
  registration: RegistrationMeasurement['state'] | undefined;
};

/** From so many samples in the window on OPTIONS alone tells the loss. */
const ENOUGH_SAMPLES = 20;

/** Longest window, in intervals of a path that the hub has asked rarely. */
const WINDOW_INTERVALS = 10;

/** A path from now on, with what is remembered of it from before a restart. */
export function createPathEntry(ref: PathRef, remembered: PathRemembrance | undefined, nowMs: number): PathEntry {
  const entry: PathEntry = {
    ref,
    path: UNSEEN_PATH,
    options: new LossWindow(MAX_WINDOW_SECONDS),
    icmp: new LossWindow(60),
    rtt: new RttWindow(),
    state: 'unknown',
    sinceMs: nowMs,
    samplesInState: 0,
    lostInState: 0,
    because: undefined,
    health: undefined,
    place: undefined,
    remembered: undefined,
    duty: undefined,
    registration: undefined,
  };
  if (remembered) recall(entry, remembered);
  return entry;
}

/** Puts remembered facts under a path that has not been measured yet; fresh evidence is needed all the same (rule 9). */
export function recall(entry: PathEntry, remembered: PathRemembrance): void {
  entry.remembered = remembered;
  entry.path = {
    ...entry.path,
    run: { ...entry.path.run, hasAnswered: entry.path.run.hasAnswered || remembered.hasAnswered },
    hasBeenAlive: entry.path.hasBeenAlive || (remembered.hasBeenAlive ?? remembered.hasAnswered),
    asked: entry.path.asked + remembered.asked,
    lossTest: remembered.lossTest,
    lossTestBeforeRun: remembered.lossTest,
    lastAnsweredAtMs: entry.path.lastAnsweredAtMs ?? remembered.lastAnsweredAtMs,
    lastStatusCode: entry.path.lastStatusCode ?? remembered.lastStatusCode,
  };
}

/** What to keep of a path over a restart. */
export function remember(entry: PathEntry, nowMs: number): PathRemembrance {
  const { path } = entry;
  const { sent, missed } = lossBeforeRun(entry, nowMs);
  return {
    key: entry.ref.key,
    hasAnswered: path.run.hasAnswered,
    hasBeenAlive: path.hasBeenAlive,
    asked: path.asked,
    lossTest: path.run.misses > 0 ? path.lossTestBeforeRun : path.lossTest,
    ...(path.lastAnsweredAtMs === undefined ? {} : { lastAnsweredAtMs: path.lastAnsweredAtMs }),
    ...(path.lastStatusCode === undefined ? {} : { lastStatusCode: path.lastStatusCode }),
    sent: Math.round(sent),
    lost: Math.round(missed),
    takenAtMs: nowMs,
  };
}

/** Folds one OPTIONS attempt sent at `atMs` (hub time) into windows and state. */
export function addOptions(
  entry: PathEntry,
  measurement: SipOptionsMeasurement,
  policy: PathPolicy,
  atMs: number,
): void {
  const { outcome } = measurement;
  entry.path = foldOptions(entry.path, measurement, {
    atMs,
    lossBeforeRatio: () => carefulLossRatio(lossBeforeRun(entry, atMs)),
    lossTest: policy.lossTest,
    isAlive: aliveCodesOf(policy, providerOf(entry)),
  });
  if (outcome.kind === 'not-measured') return;
  if (outcome.kind === 'answered') entry.rtt.add(atMs, outcome.rttMs);
  if (!isLossSample(measurement.schedule)) return;
  entry.options.add(atMs, outcome.kind !== 'answered');
  if (isOfPastOutage(entry.path, measurement)) return;
  entry.samplesInState += 1;
  if (outcome.kind !== 'answered') entry.lostInState += 1;
}

/** Folds what an INVITE of a real call met at the path's edge. */
export function addInvite(entry: PathEntry, measurement: InviteMeasurement, policy: PathPolicy, atMs: number): void {
  entry.path = foldInvite(entry.path, measurement, { atMs, isAlive: aliveCodesOf(policy, providerOf(entry)) });
}

/** Folds one ICMP echo: only its own loss window; the state of a path is a matter of SIP. */
export function addIcmp(entry: PathEntry, measurement: IcmpMeasurement, atMs: number): void {
  const { outcome, schedule } = measurement;
  if (outcome.kind !== 'not-measured' && isLossSample(schedule)) entry.icmp.add(atMs, outcome.kind !== 'answered');
}

/** The facts a path is judged from now. */
export function pathFacts(entry: PathEntry, probe: ProbeCondition, nowMs: number): PathFacts {
  return {
    path: entry.path,
    otherAnsweredSentAtMs: otherAnsweredSentAtMs(probe.answers, entry.ref.target),
    lastHeardAtMs: probe.lastHeardAtMs,
    backlogMs: probe.backlogMs,
    sickness: nowMs < probe.sickUntilMs ? probe.sickness : undefined,
    intervalMs: entry.duty?.role === 'witness' ? entry.duty.intervalMs : undefined,
    isRegistrationLost: entry.registration === 'rejected' || entry.registration === 'unreachable',
  };
}

/** Health of one path with all its figures, as later stages and views see it. */
export function pathHealth(entry: PathEntry, probe: ProbeCondition, policy: PathPolicy, nowMs: number): PathHealth {
  const facts = pathFacts(entry, probe, nowMs);
  const judgement = judgePath(facts, policy, nowMs);
  const windowMs = windowMsOf(facts.intervalMs, policy);
  const options = lossEstimate(entry.options.countsSince(nowMs - windowMs), windowMs);
  const icmp = icmpEstimate(entry, nowMs);
  const lossEvidence = lossEvidenceOf(options.sent, icmp?.sent ?? 0);
  const { duty, registration } = entry;
  return {
    ref: entry.ref,
    state: judgement.state,
    sinceMs: entry.sinceMs,
    samplesInState: entry.samplesInState,
    lostInState: entry.lostInState,
    reason: pathSentence(entry.ref, judgement, facts, { options, icmp, lossEvidence, registration, nowMs }),
    options,
    rtt: entry.rtt.estimate(windowMs, nowMs),
    icmp,
    consecutiveMisses: judgement.misses,
    missesNeeded: judgement.needed,
    lastAnsweredAtMs: entry.path.lastAnsweredAtMs,
    lastSampleAtMs: entry.path.lastSampleAtMs,
    lastStatusCode: entry.path.lastStatusCode,
    isAbstaining: facts.sickness !== undefined,
    lossEvidence,
    ...(duty?.role === 'witness' && { intervalMs: duty.intervalMs }),
    ...(registration !== undefined && { registration }),
  };
}

/** What of a path's own health stands beside the figures that it inherits. */
export function besideHealth(entry: PathEntry, probe: ProbeCondition, nowMs: number) {
  const { ref, registration, sinceMs } = entry;
  return {
    ref,
    sinceMs,
    icmp: icmpEstimate(entry, nowMs),
    isAbstaining: nowMs < probe.sickUntilMs,
    ...(registration !== undefined && { registration }),
  };
}

function icmpEstimate({ icmp }: PathEntry, nowMs: number): LossEstimate | undefined {
  const counts = icmp.countsSince(nowMs - 60_000);
  return counts.sent > 0 ? lossEstimate(counts, 60_000) : undefined;
}

/** Window of the shown figures: longer where the hub has a path asked rarely, so that it holds some samples. */
function windowMsOf(intervalMs: number | undefined, { windowMs }: PathPolicy): number {
  if (intervalMs === undefined) return windowMs;
  return Math.min(MAX_WINDOW_SECONDS * 1000, Math.max(windowMs, WINDOW_INTERVALS * intervalMs));
}

function lossEvidenceOf(optionsSent: number, icmpSent: number): LossEvidence {
  if (optionsSent >= ENOUGH_SAMPLES) return 'options';
  if (icmpSent >= ENOUGH_SAMPLES) return 'icmp';
  return optionsSent > 0 ? 'options' : 'none';
}

function providerOf({ ref: { end } }: PathEntry): string | undefined {
  return end.kind === 'trunk' ? end.provider : undefined;
}

function lossBeforeRun({ path, remembered }: PathEntry, atMs: number): LossBeforeRun {
  const own = path.lossBeforeRun;
  if (!remembered || atMs - remembered.takenAtMs >= REMEMBERED_LOSS_MS) return own;
  return { sent: own.sent + remembered.sent, missed: own.missed + remembered.lost };
}
