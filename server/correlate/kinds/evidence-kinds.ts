import { BetaMarginal, type BetaPrior } from '../beta-marginal.ts';
import { BACKGROUND_PRIOR, FAULT_PRIOR } from '../loss-likelihood.ts';

/** What else than OPTIONS tells of loss: ICMP echoes, packets of the RTP mesh, media of calls by their RTCP, calls that fail. */
export type OtherKind = 'icmp' | 'mesh' | 'rtcp' | 'calls';
/** Every kind of evidence of loss. */
export type EvidenceKind = 'options' | OtherKind;

/** How one kind counts. */
export type KindModel = {
  /** Loss of healthy paths in this kind. */
  readonly backgroundPrior: BetaPrior;
  /** Loss under a fault that this kind suffers from. */
  readonly faultPrior: BetaPrior;
  /** Chance that a fault shows in this kind at all. */
  readonly showsRatio: number;
  /** What one trial weighs. OPTIONS and the other kinds meet the same bursts, so that what they lose together is not seen twice. */
  readonly weight: number;
  /** Lower bound of a 95 % interval from which loss in this kind is clearly above background. */
  readonly clearRatio: number;
};

/**
 * One row for each kind. Background means: OPTIONS, mesh and RTCP 0.1 to 0.25 %; ICMP 0.5 %, for edges limit its rate; calls 1.6 %,
 * for a provider refuses some whatever the state of its lines.
 */
export const KIND_MODELS: Readonly<Record<EvidenceKind, KindModel>> = {
  options: { backgroundPrior: BACKGROUND_PRIOR, faultPrior: FAULT_PRIOR, showsRatio: 0.8, weight: 1, clearRatio: 0.01 },
  icmp: {
    backgroundPrior: { a: 0.5, b: 100 },
    faultPrior: FAULT_PRIOR,
    showsRatio: 0.5,
    weight: 0.5,
    clearRatio: 0.02,
  },
  mesh: { backgroundPrior: BACKGROUND_PRIOR, faultPrior: FAULT_PRIOR, showsRatio: 0.5, weight: 0.5, clearRatio: 0.01 },
  rtcp: {
    backgroundPrior: { a: 0.5, b: 200 },
    faultPrior: FAULT_PRIOR,
    showsRatio: 0.5,
    weight: 0.5,
    clearRatio: 0.01,
  },
  calls: {
    backgroundPrior: { a: 1, b: 60 },
    faultPrior: { a: 1.5, b: 4 },
    showsRatio: 0.5,
    weight: 0.5,
    clearRatio: 0.05,
  },
};

/** Marginals of one kind. */
export type KindMarginals = {
  readonly background: BetaMarginal;
  readonly fault: BetaMarginal;
  readonly logShows: number;
  readonly logHides: number;
};

/** Marginals by kind, made once. */
export const KIND_MARGINALS: Readonly<Record<EvidenceKind, KindMarginals>> = {
  options: marginalsOf('options'),
  icmp: marginalsOf('icmp'),
  mesh: marginalsOf('mesh'),
  rtcp: marginalsOf('rtcp'),
  calls: marginalsOf('calls'),
};

function marginalsOf(kind: EvidenceKind): KindMarginals {
  const { backgroundPrior, faultPrior, showsRatio } = KIND_MODELS[kind];
  return {
    background: new BetaMarginal(backgroundPrior),
    fault: new BetaMarginal(faultPrior),
    logShows: Math.log(showsRatio),
    logHides: Math.log1p(-showsRatio),
  };
}
