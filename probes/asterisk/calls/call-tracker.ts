import type { InviteMeasurement } from '../../../wire/measurement.ts';
import { type AmiPacket, eventName, firstValue } from '../ami/ami-packet.ts';
import { type CallEnded, callEnded, stampedEpochMs, statusCodeOf } from './call-ended.ts';
import { beginLeg, type CallLeg, type Moment } from './call-leg.ts';
import { readListedChannel } from './channel-list.ts';
import { answeredInvite, meaningOfRemoteEnd, unansweredInvite } from './invite-evidence.ts';
import {
  classOfDialplanPlace,
  createdAtEpochMs,
  edgeOfDialString,
  type TrunkEndpoint,
  trunkOfChannel,
} from './provider-channel.ts';

/** What the tracker learnt from one event. */
export type CallFinding =
  /** A call goes out by a trunk, by this edge where the dial string told it. */
  | { readonly kind: 'dialled'; readonly trunk: string; readonly edge: string | undefined }
  | { readonly kind: 'invite'; readonly measurement: InviteMeasurement }
  | { readonly kind: 'call-ended'; readonly body: CallEnded }
  /** A leg that Asterisk no longer lists; when and how it ended was not seen. Said once, and ends nothing. */
  | { readonly kind: 'end-unknown'; readonly trunk: string; readonly linkedId: string; readonly uniqueId: string };

/** Legs remembered unless told otherwise: more than one PBX carries, and some ten megabytes at most. */
const MAX_LEGS = 20_000;
/** Ended legs remembered, because a dial event may trail the Hangup. */
const MAX_ENDED = 1_024;

const UP = '6';
const RINGING = '5';
const RING = '4';

/**
 * Follows the calls that leave by a trunk, from manager events of class `call`. Pure but for its own memory: no I/O, and
 * time comes in with each event. Only provider channels count (`PJSIP/<endpoint>-…` of a configured trunk), so Local
 * channels and transfers neither add nor hide a call. Nothing ends a call but its own Hangup, and no lost connection does
 * (safety rule 2); a leg that Asterisk no longer has counts as live no longer, and its end as unknown.
 *
 * @see https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Events/
 */
export class CallTracker {
  readonly #trunks: readonly TrunkEndpoint[];
  readonly #classes: ReadonlySet<string>;
  readonly #maxLegs: number;
  readonly #legs = new Map<string, CallLeg>();
  readonly #ended = new Set<string>();
  #ignoredEvents = 0;
  #legCount = 0;

  /**
   * @param classes - names that the include may dial for.
   * @param maxLegs - legs remembered at most; past it the ones reported missing go first, then the oldest.
   */
  constructor(trunks: readonly TrunkEndpoint[], classes: readonly string[] = [], maxLegs: number = MAX_LEGS) {
    this.#trunks = trunks;
    this.#classes = new Set(classes);
    this.#maxLegs = maxLegs;
  }

  /** Every provider leg, out or in, that is up or being set up, as far as seen. */
  get liveLegs(): number {
    return [...this.#legs.values()].filter(({ isMissing }) => !isMissing).length;
  }

  /** Every leg remembered, oldest first. */
  legs(): readonly CallLeg[] {
    return [...this.#legs.values()];
  }

  /** The leg of a provider channel; undefined for any other channel, and once it has ended. */
  leg(uniqueId: string): CallLeg | undefined {
    return this.#legs.get(uniqueId);
  }

  /** Outbound legs that are up or being set up, as far as seen. */
  get outboundLegs(): number {
    return [...this.#legs.values()].filter(({ isOutbound, isMissing }) => isOutbound && !isMissing).length;
  }

  /** Events of kinds that say nothing here, passed over since the start. */
  get ignoredEvents(): number {
    return this.#ignoredEvents;
  }

  /** Takes one event in the order of the wire. */
  take(packet: AmiPacket, arrivedAt: Moment): readonly CallFinding[] {
    const at = { nowMs: arrivedAt.nowMs, epochMs: stampedEpochMs(packet, arrivedAt.epochMs) };
    switch (eventName(packet) ?? '') {
      case 'Newchannel':
        this.#takeNewchannel(packet, at);
        return [];
      case 'DialBegin':
        return this.#takeDialBegin(packet, at);
      case 'DialState':
      case 'DialEnd':
        return this.#takeDialStatus(packet, at);
      case 'Newstate':
        return this.#takeState(packet, at);
      case 'SoftHangupRequest':
        this.#update(firstValue(packet, 'Uniqueid'), { isEndedHere: true });
        return [];
      case 'HangupRequest':
        return this.#takeHangupRequest(packet, at);
      case 'Hangup':
        return this.#takeHangup(packet, at);
      default:
        this.#ignoredEvents += 1;
        return [];
    }
  }

  /** The connection was lost: from here on, events of every call now up may be missing. */
  markGap(): void {
    for (const leg of this.#legs.values()) this.#legs.set(leg.uniqueId, { ...leg, hasGap: true });
  }

  /**
   * Compares with a complete `CoreShowChannels` answer after a reconnect: adopts what was not seen, and says which legs
   * are gone, all of them after Asterisk has died. Whether an empty list is to be believed is for who asked.
   */
  reconcile(items: readonly AmiPacket[], at: Moment): readonly CallFinding[] {
    const listed = new Set<string>();
    for (const item of items) {
      const channel = readListedChannel(item, this.#trunks, at, this.#legCount);
      if (channel === undefined) continue;
      listed.add(channel.uniqueId);
      if (channel.leg !== undefined && !this.#legs.has(channel.uniqueId)) this.#remember(channel.leg);
    }
    const findings: CallFinding[] = [];
    for (const leg of this.#legs.values()) {
      if (listed.has(leg.uniqueId) || leg.isMissing || !leg.hasGap) continue;
      this.#legs.set(leg.uniqueId, { ...leg, isMissing: true });
      const { linkedId, uniqueId } = leg;
      if (leg.isOutbound) findings.push({ kind: 'end-unknown', trunk: leg.trunk.trunk, linkedId, uniqueId });
    }
    return findings;
  }

  #takeNewchannel(packet: AmiPacket, at: Moment): void {
    const channel = firstValue(packet, 'Channel') ?? '';
    const trunk = trunkOfChannel(channel, this.#trunks);
    const uniqueId = firstValue(packet, 'Uniqueid');
    if (trunk === undefined || uniqueId === undefined) return;
    const isOutbound = firstValue(packet, 'ChannelState') !== RING;
    const linkedId = firstValue(packet, 'Linkedid') ?? uniqueId;
    const named = { number: this.#legCount, uniqueId, linkedId, channel, trunk };
    const started = { startedAtEpochMs: at.epochMs, startedAtMs: at.nowMs };
    const leg = beginLeg({ ...named, isOutbound, ...started, hasGap: false });
    this.#remember(isOutbound ? leg : { ...leg, edge: edgeOfDialString(undefined, trunk) });
  }

  #takeDialBegin(packet: AmiPacket, at: Moment): readonly CallFinding[] {
    const channel = firstValue(packet, 'DestChannel') ?? '';
    const trunk = trunkOfChannel(channel, this.#trunks);
    const uniqueId = firstValue(packet, 'DestUniqueid');
    if (trunk === undefined || uniqueId === undefined || this.#ended.has(uniqueId)) return [];
    if (!this.#legs.has(uniqueId)) {
      const linkedId = firstValue(packet, 'DestLinkedid') ?? uniqueId;
      const startedAtEpochMs = createdAtEpochMs(uniqueId) ?? at.epochMs;
      const named = { number: this.#legCount, uniqueId, linkedId, channel, trunk };
      this.#remember(beginLeg({ ...named, isOutbound: true, startedAtEpochMs, hasGap: true }));
    }
    const place = [firstValue(packet, 'Context'), firstValue(packet, 'Exten')] as const;
    const edge = edgeOfDialString(firstValue(packet, 'DialString'), trunk);
    this.#update(uniqueId, { edge, class: classOfDialplanPlace(...place, this.#classes) });
    return [{ kind: 'dialled', trunk: trunk.trunk, edge }];
  }

  #takeDialStatus(packet: AmiPacket, at: Moment): readonly CallFinding[] {
    const leg = this.#outbound(firstValue(packet, 'DestUniqueid'));
    if (leg === undefined) return [];
    switch (firstValue(packet, 'DialStatus') ?? '') {
      case 'ANSWER':
        return this.#answer(leg, at);
      case 'PROGRESS':
        return this.#provisional({ ...leg, hasProgress: true }, at);
      case 'RINGING':
        return this.#provisional(leg, at);
      case 'BUSY':
        return this.#reply(leg, at);
      default:
        return [];
    }
  }

  #takeState(packet: AmiPacket, at: Moment): readonly CallFinding[] {
    const leg = this.#legs.get(firstValue(packet, 'Uniqueid') ?? '');
    if (leg === undefined) return [];
    const state = firstValue(packet, 'ChannelState');
    if (!leg.isOutbound) {
      if (state === UP) this.#update(leg.uniqueId, answeredAt(leg, at));
      return [];
    }
    if (state === UP) return this.#answer(leg, at);
    return state === RINGING ? this.#provisional(leg, at) : [];
  }

  #takeHangupRequest(packet: AmiPacket, at: Moment): readonly CallFinding[] {
    const leg = this.#legs.get(firstValue(packet, 'Uniqueid') ?? '');
    const finalStatusCode = statusCodeOf(packet);
    const statusCode = finalStatusCode;
    if (leg === undefined || leg.isEndedHere) return [];
    if (!leg.isOutbound || leg.answeredAtEpochMs !== undefined) {
      this.#update(leg.uniqueId, { endedBy: 'provider' });
      return [];
    }
    const meaning = meaningOfRemoteEnd(statusCode, firstValue(packet, 'Cause'));
    switch (meaning) {
      case 'no-answer':
        this.#update(leg.uniqueId, { finalStatusCode });
        return [];
      case 'inconclusive':
        this.#update(leg.uniqueId, { finalStatusCode, isInconclusive: true });
        return [];
      case 'edge-answered':
        this.#update(leg.uniqueId, { finalStatusCode, hasReply: true, endedBy: 'provider' });
        return [{ kind: 'invite', measurement: answeredInvite(leg, at.nowMs, statusCode) }];
      default:
        return meaning satisfies never;
    }
  }

  #takeHangup(packet: AmiPacket, at: Moment): readonly CallFinding[] {
    const leg = this.#legs.get(firstValue(packet, 'Uniqueid') ?? '') ?? this.#unseenLeg(packet, at);
    if (leg === undefined) return [];
    this.#legs.delete(leg.uniqueId);
    this.#rememberEnded(leg.uniqueId);
    if (!leg.isOutbound) return [];
    const silence = unansweredInvite(leg, at.nowMs);
    const findings: CallFinding[] = silence === undefined ? [] : [{ kind: 'invite', measurement: silence }];
    findings.push({ kind: 'call-ended', body: callEnded(leg, packet, at) });
    return findings;
  }

  /** A leg whose whole life fell into a gap but for its end. What may have come in from the provider is left out. */
  #unseenLeg(packet: AmiPacket, at: Moment): CallLeg | undefined {
    const trunk = trunkOfChannel(firstValue(packet, 'Channel') ?? '', this.#trunks);
    const uniqueId = firstValue(packet, 'Uniqueid');
    const state = firstValue(packet, 'ChannelState');
    if (trunk === undefined || uniqueId === undefined || state === RING) return undefined;
    if (this.#ended.has(uniqueId)) return undefined;
    if (state === UP && firstValue(packet, 'Exten') !== '') return undefined;
    const linkedId = firstValue(packet, 'Linkedid') ?? uniqueId;
    const startedAtEpochMs = createdAtEpochMs(uniqueId) ?? at.epochMs;
    const named = { number: this.#legCount, uniqueId, linkedId, channel: firstValue(packet, 'Channel') ?? '', trunk };
    return beginLeg({ ...named, isOutbound: true, startedAtEpochMs, hasGap: true });
  }

  #answer(leg: CallLeg, at: Moment): readonly CallFinding[] {
    if (leg.answeredAtEpochMs !== undefined) return [];
    this.#update(leg.uniqueId, { ...answeredAt(leg, at), pddMs: pddAt(leg, at), hasReply: true });
    return [{ kind: 'invite', measurement: answeredInvite(leg, at.nowMs) }];
  }

  #provisional(leg: CallLeg, at: Moment): readonly CallFinding[] {
    this.#update(leg.uniqueId, { pddMs: pddAt(leg, at), hasProgress: leg.hasProgress });
    return this.#reply(leg, at);
  }

  #reply(leg: CallLeg, at: Moment): readonly CallFinding[] {
    if (leg.hasReply) return [];
    this.#update(leg.uniqueId, { hasReply: true });
    return [{ kind: 'invite', measurement: answeredInvite(leg, at.nowMs) }];
  }

  #outbound(uniqueId: string | undefined): CallLeg | undefined {
    const leg = uniqueId === undefined ? undefined : this.#legs.get(uniqueId);
    return leg?.isOutbound ? leg : undefined;
  }

  #update(uniqueId: string | undefined, change: Partial<CallLeg>): void {
    const leg = uniqueId === undefined ? undefined : this.#legs.get(uniqueId);
    if (leg !== undefined) this.#legs.set(leg.uniqueId, { ...leg, ...change });
  }

  #remember(leg: CallLeg): void {
    if (this.#legs.size >= this.#maxLegs) {
      const missing = this.#legs.values().find(({ isMissing }) => isMissing);
      const [oldest] = this.#legs.keys();
      this.#legs.delete(missing?.uniqueId ?? oldest ?? '');
    }
    this.#legs.set(leg.uniqueId, leg);
    this.#legCount += 1;
  }

  #rememberEnded(uniqueId: string): void {
    this.#ended.add(uniqueId);
    const [oldest] = this.#ended;
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest);
  }
}

function answeredAt(leg: CallLeg, at: Moment): Pick<CallLeg, 'answeredAtEpochMs' | 'answeredAtMs'> {
  if (leg.answeredAtMs !== undefined && leg.answeredAtEpochMs !== undefined) return leg;
  return { answeredAtEpochMs: at.epochMs, answeredAtMs: leg.answeredAtMs ?? at.nowMs };
}

/** Post-dial delay, once: from the channel's beginning to its first ringing, progress or answer. @see RFC 6076 §4.3 for its kin */
function pddAt({ pddMs, startedAtMs, hasGap }: CallLeg, at: Moment): number | undefined {
  return pddMs ?? (startedAtMs === undefined || hasGap ? undefined : Math.max(0, at.nowMs - startedAtMs));
}
