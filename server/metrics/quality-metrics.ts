import type { Measurement } from '../../wire/measurement.ts';
import type { MeshMeasurement, RtpCallMeasurement, TestCallMeasurement } from '../../wire/rtp-measurement.ts';
import { callOutcome, outcomeClass } from '../paths/quality/call-outcome.ts';
import { type CallEnded, countedCall } from '../paths/quality/ended-call.ts';
import { narrowBandMos } from '../paths/quality/figures/mos-figure.ts';
import { isMute } from '../paths/quality/figures/test-call-shares.ts';
import type { TrunkState } from '../paths/quality/quality-table.ts';
import type { HubMetrics } from './registry-server.ts';

/** What the labels are made from: names of the configuration only, so their number is bounded. */
export type QualityPlaces = {
  readonly siteOf: ReadonlyMap<string, string>;
  readonly providerOf: ReadonlyMap<string, string>;
  /** The PBX that a target of a PBX is, where it is a peer. */
  readonly peerOf: (pbx: string, target: string) => string | undefined;
};

/**
 * Counts what is measured besides OPTIONS and ICMP by site and by trunk. Holds, by trunk and direction, what duplicates outweigh
 * losses by: a counter cannot fall, so later losses are set against it first.
 */
export class QualityMetrics {
  readonly #metrics: HubMetrics;
  readonly #places: QualityPlaces;
  readonly #owed = new Map<string, number>();

  constructor(metrics: HubMetrics, places: QualityPlaces) {
    this.#metrics = metrics;
    this.#places = places;
  }

  /** Counts one measurement of a probe whose instrument was sound; other kinds and unknown trunks are passed over. */
  measured(pbx: string, measurement: Measurement): void {
    if (measurement.kind === 'rtp-mesh') this.#mesh(pbx, measurement);
    else if (measurement.kind === 'rtp-call') this.#media(measurement);
    else if (measurement.kind === 'test-call' && this.#places.providerOf.has(measurement.trunk)) {
      this.#testCall(measurement);
    }
  }

  /** Counts a call that has ended, once for each event. */
  called(body: CallEnded): void {
    if (!this.#places.providerOf.has(body.trunk)) return;
    const outcome = outcomeClass(callOutcome(countedCall(body)));
    this.#metrics.count('calls', { trunk: body.trunk, outcome });
  }

  #testCall(call: TestCallMeasurement): void {
    const {
      byeCopies = 0,
      far,
      forward,
      inviteCopies = 0,
      mediaFault,
      outcome,
      received,
      receivedCovers,
      trunk,
    } = call;
    this.#metrics.count('testCalls', { trunk, outcome });
    if (outcome === 'answered' && far !== 'none' && isMute(call)) {
      this.#metrics.count('testCallsMute', { trunk, reason: mediaFault ?? 'silent' });
    }
    if (inviteCopies > 0) this.#metrics.count('testCallCopies', { trunk, type: 'invite' }, inviteCopies);
    if (byeCopies > 0) this.#metrics.count('testCallCopies', { trunk, type: 'bye' }, byeCopies);
    if (received && receivedCovers) {
      const labels = { trunk, direction: receivedCovers };
      this.#metrics.count('testCallPackets', labels, received.expected);
      this.#metrics.count('testCallPacketsLost', labels, received.lost);
      this.#metrics.count('testCallDuplicates', labels, received.duplicates);
    }
    if (forward) {
      const labels = { trunk, direction: 'forward' };
      this.#metrics.count('testCallPackets', labels, forward.expected);
      this.#metrics.count('testCallPacketsLost', labels, this.#risen(`test ${trunk}`, forward.lost));
    }
  }

  #mesh(pbx: string, { direction, figures, target }: MeshMeasurement): void {
    const { peerOf, siteOf } = this.#places;
    const peer = peerOf(pbx, target);
    const [site, peerSite] = [siteOf.get(pbx), peer === undefined ? undefined : siteOf.get(peer)];
    if (site === undefined || peerSite === undefined) return;
    const labels = { site, peer_site: peerSite, direction };
    this.#metrics.count('meshPackets', labels, figures.expected);
    this.#metrics.count('meshPacketsLost', labels, figures.lost);
  }

  #media({ codec, direction, expected, lost, rttMs, trunk }: RtpCallMeasurement): void {
    if (!this.#places.providerOf.has(trunk) || expected <= 0) return;
    const labels = { trunk, direction: direction === 'sent' ? 'forward' : 'reverse' };
    this.#metrics.count('callPackets', labels, expected);
    this.#metrics.count('callPacketsLost', labels, this.#risen(`${trunk} ${labels.direction}`, lost));
    const mos = narrowBandMos(lost / expected, { codec, rttMs, burstRatio: 1 });
    if (mos !== undefined) this.#metrics.observe('callMos', mos, labels);
  }

  /** What a signed loss adds to a counter, after what duplicates are still owed. */
  #risen(key: string, lost: number): number {
    const balance = lost - (this.#owed.get(key) ?? 0);
    this.#owed.set(key, Math.max(0, -balance));
    return Math.max(0, balance);
  }
}

/** The trunk of a certificate that was shown, and its end of validity. */
export type CertificateEnd = { readonly trunk: string; readonly validUntilEpochMs: number };

/** Sets the gauges of certificates and registrations, by trunk; a trunk that nothing is known of has no series. */
export function observeTrunks(
  metrics: HubMetrics,
  states: readonly TrunkState[],
  ends: readonly CertificateEnd[],
  nowMs: number,
): void {
  metrics.reset('registeredPbxes');
  for (const { registeredPbxes, trunk } of states) {
    if (registeredPbxes !== undefined) metrics.set('registeredPbxes', registeredPbxes, { trunk });
  }
  metrics.reset('certificateRemaining');
  for (const [trunk, own] of Map.groupBy(ends, (end) => end.trunk)) {
    const earliestMs = Math.min(...own.map(({ validUntilEpochMs }) => validUntilEpochMs));
    metrics.set('certificateRemaining', (earliestMs - nowMs) / 1000, { trunk });
  }
}
