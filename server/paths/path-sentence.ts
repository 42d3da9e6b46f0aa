import { shownFailedCalls } from './call-run.ts';
import type { LossEstimate, LossEvidence, PathRef } from './path-health.ts';
import { callJudgement, type PathFacts, type PathJudgement } from './path-judgement.ts';

/** Figures that a reason names. */
export type PathFigures = {
  readonly options: LossEstimate;
  readonly icmp?: LossEstimate | undefined;
  readonly lossEvidence?: LossEvidence;
  /** As Asterisk last told it; undefined where the trunk does not register, or nothing is known. */
  readonly registration?: string | undefined;
  readonly nowMs: number;
};

/** Says in plain words, with the figures, why a path is in its state, and what else bears on it. */
export function pathSentence(ref: PathRef, judgement: PathJudgement, facts: PathFacts, figures: PathFigures): string {
  return [groundSentence(ref, judgement, facts, figures), ...besides(ref, facts, figures)].join(' ');
}

function groundSentence(ref: PathRef, judgement: PathJudgement, facts: PathFacts, figures: PathFigures): string {
  const { path } = facts;
  const { misses, needed } = judgement;
  const loss = shownLoss(figures.options);
  switch (judgement.because) {
    case 'never-heard':
      return `The probe of ${ref.pbx} has not spoken since the hub began.`;
    case 'probe-silent':
      return `The probe of ${ref.pbx} has been silent for ${ageS(facts.lastHeardAtMs, figures.nowMs)} s: nothing is known.`;
    case 'catching-up':
      return `The probe of ${ref.pbx} works off its queue; the newest measurement was ${Math.round(facts.backlogMs / 1000)} s old.`;
    case 'probe-sick':
      return `The probe of ${ref.pbx} abstains: ${facts.sickness ?? 'its instrument is out of order'}.`;
    case 'no-sample':
      return path.lastSampleAtMs === undefined
        ? 'No OPTIONS has settled yet.'
        : `No OPTIONS has settled for ${ageS(path.lastSampleAtMs, figures.nowMs)} s.`;
    case 'not-measured':
      return `Could not be measured (${path.lastNotMeasured?.reason ?? 'no reason given'}); ${lastSample(path.lastSampleAtMs, figures.nowMs)}.`;
    case 'not-fresh':
      return `No answer yet since the probe or the hub began anew (${misses} missed, ${needed} would be hard-down).`;
    case 'few-asked':
      return `Never answered; only ${path.asked} OPTIONS asked so far.`;
    case 'never-answered':
      return `None of ${path.asked} OPTIONS was ever answered: cannot be measured by OPTIONS.`;
    case 'invite-answered':
      return `${misses} OPTIONS in a row missed (${needed} needed), but an INVITE was answered since the first: the probe is blocked, the edge is not down.`;
    case 'run-of-misses':
      return `${misses} OPTIONS in a row missed${refusals(path.runRefusals)}, ${needed} needed at a loss of at most ${percent(path.runLossRatio)} before; another target of ${ref.pbx} answered meanwhile.`;
    case 'all-targets-silent':
      return `${misses} OPTIONS in a row missed (${needed} needed) and no other target of ${ref.pbx} answered meanwhile: path and uplink cannot be told apart.`;
    case 'loss-test-raised':
      return `Sequential loss test raised: ${loss}.`;
    case 'never-alive':
      return `Every one of its answers to OPTIONS says that the service is not there (last ${path.lastStatusCode ?? 'unknown'}), and always did: cannot be measured by OPTIONS.`;
    case 'rejecting':
      return `${path.rejections.count} OPTIONS in a row answered ${path.lastStatusCode ?? 'unknown'}: the edge is there and says that its service is not; no call was taken since the first.`;
    case 'invite-accepted':
      return `${path.rejections.count} OPTIONS in a row answered ${path.lastStatusCode ?? 'unknown'}, but a call was taken since the first: only the probe is turned away.`;
    case 'calls-failing': {
      const failed = shownFailedCalls(path.failedCalls, figures.nowMs);
      const missed = misses > 0 ? ` and ${misses} OPTIONS in a row missed (${needed} needed)` : '';
      return `${failed}${missed}, none answered in between; another target of ${ref.pbx} answered meanwhile.`;
    }
    case 'calls-refused':
      return `${shownFailedCalls(path.failedCalls, figures.nowMs)} although OPTIONS is answered: no ground to move, each call takes its next trunk by itself.`;
    case 'answering':
      return misses > 0 ? `${loss}; ${misses} missed in a row, ${needed} would be hard-down.` : `${loss}.`;
    default:
      return judgement satisfies never;
  }
}

function besides(ref: PathRef, facts: PathFacts, figures: PathFigures): readonly string[] {
  const { path } = facts;
  const { icmp, lossEvidence, nowMs, registration } = figures;
  const said: string[] = [];
  if (path.quietUntilMs !== undefined && path.quietUntilMs > nowMs) {
    const leftS = Math.ceil((path.quietUntilMs - nowMs) / 1000);
    said.push(
      `Asked to be left alone (${path.lastStatusCode ?? 'a reply'} with Retry-After): quiet for another ${leftS} s.`,
    );
  }
  if (lossEvidence === 'icmp' && icmp) {
    const { lost, sent } = icmp;
    said.push(
      `Too few OPTIONS in the window to tell loss; of ${sent} ICMP echoes ${lost} were lost, which alone is no ground.`,
    );
  }
  if (registration === 'rejected' || registration === 'unreachable') {
    const { isDown } = callJudgement(facts, nowMs);
    const weight = isDown ? 'beside failed calls it counts' : 'alone no ground to move';
    said.push(`Registration of ${ref.end.kind === 'trunk' ? ref.end.trunk : ref.target} ${registration}: ${weight}.`);
  }
  return said;
}

/** `3 of 60 OPTIONS lost in 60 s (5.0 %, 95 % interval 1.7-13.7 %)`. */
export function shownLoss({ sent, lost, lossRatio, lowRatio, highRatio, windowMs }: LossEstimate): string {
  const windowS = Math.round(windowMs / 1000);
  if (sent === 0) return `no OPTIONS in ${windowS} s`;
  const interval = `95 % interval ${(lowRatio * 100).toFixed(1)}-${percent(highRatio)}`;
  return `${lost} of ${sent} OPTIONS lost in ${windowS} s (${percent(lossRatio)}, ${interval})`;
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

function lastSample(atMs: number | undefined, nowMs: number): string {
  return atMs === undefined ? 'never a sample' : `last sample ${ageS(atMs, nowMs)} s ago`;
}

function refusals(count: number): string {
  return count > 0 ? ` (${count} of them refused)` : '';
}

function ageS(atMs: number | undefined, nowMs: number): number | string {
  return atMs === undefined ? 'unknown' : Math.round((nowMs - atMs) / 1000);
}
