import type { RtpCallBlindMeasurement, RtpCallMeasurement } from '../wire/rtp-measurement.ts';
import type { AmiClient } from './asterisk/ami/ami-client.ts';
import { AmiError } from './asterisk/ami/ami-error.ts';
import type { AmiPacket } from './asterisk/ami/ami-packet.ts';
import type { CallLeg } from './asterisk/calls/call-leg.ts';
import type { CallTracker } from './asterisk/calls/call-tracker.ts';
import { legStatusAction, readLegStatus } from './asterisk/rtcp/leg-status.ts';
import { type MediaFinding, MediaTracker } from './asterisk/rtcp/media-tracker.ts';
import { readRtcpReport } from './asterisk/rtcp/rtcp-report.ts';

/** What the watch needs from the outside. None of the callbacks may throw. */
export type MediaWatchDeps = {
  readonly ami: Pick<AmiClient, 'listAction'>;
  readonly calls: CallTracker;
  readonly nowMs: () => number;
  readonly onMedia: (measurement: RtpCallMeasurement | RtpCallBlindMeasurement) => void;
  /** An RTCP event that could not be read, by the field at fault. */
  readonly onUnreadable: (field: string) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** Follows the media of provider legs by Asterisk's RTCP events, and asks Asterisk what the events do not say. */
export class MediaWatch {
  readonly #deps: MediaWatchDeps;
  readonly #media = new MediaTracker();
  #foreignReports = 0;

  constructor(deps: MediaWatchDeps) {
    this.#deps = deps;
  }

  /** Reports of channels that are no trunk's, passed over since the start. */
  get foreignReports(): number {
    return this.#foreignReports;
  }

  /** Takes one event. @returns false for any but `RTCPSent` and `RTCPReceived`. */
  takeEvent(packet: AmiPacket): boolean {
    const result = readRtcpReport(packet);
    if (result === undefined) return false;
    if (!result.ok) {
      this.#deps.onUnreadable(result.field);
      return true;
    }
    const leg = this.#deps.calls.leg(result.report.uniqueId);
    if (leg === undefined) this.#foreignReports += 1;
    else this.#act(this.#media.take(result.report, leg, this.#deps.nowMs()));
    return true;
  }

  /** A leg has ended. */
  end(leg: CallLeg): void {
    this.#act(this.#media.end(leg, this.#deps.nowMs()));
  }

  /** Looks for answered legs without reports; about once a second. */
  tick(): void {
    const legs = this.#deps.calls.legs();
    this.#media.keepOnly(legs);
    this.#act(this.#media.tick(legs, this.#deps.nowMs()));
  }

  /** Events may have been missed. */
  markGap(): void {
    this.#media.markGap();
  }

  #act(findings: readonly MediaFinding[]): void {
    for (const finding of findings) {
      if (finding.kind === 'media') this.#deps.onMedia(finding.measurement);
      else this.#ask(finding).catch((cause: unknown) => this.#deps.onFault('media', cause));
    }
  }

  async #ask({ uniqueId, channel }: MediaFinding & { readonly kind: 'ask' }): Promise<void> {
    const items = await this.#statusOf(channel);
    const leg = this.#deps.calls.leg(uniqueId);
    if (leg === undefined) return;
    const status = items.map((item) => readLegStatus(item)).find((entry) => entry?.uniqueId === uniqueId);
    this.#act(this.#media.takeStatus(leg, status, this.#deps.nowMs()));
  }

  /** Nothing where the channel is gone, or Asterisk: its media then stays without what the answer would have told. */
  async #statusOf(channel: string): Promise<readonly AmiPacket[]> {
    try {
      return (await this.#deps.ami.listAction(legStatusAction(channel))).items;
    } catch (cause) {
      if (cause instanceof AmiError) return [];
      throw cause;
    }
  }
}
