import type { AmiAction } from '../ami/action-encoder.ts';
import { type AmiPacket, allValues, eventName, firstValue } from '../ami/ami-packet.ts';
import { audioCodec } from './codec-clock.ts';

/** What Asterisk says of a leg's media when it is asked. Counts are RTP packets since the leg's beginning. */
export type LegStatus = {
  readonly uniqueId: string;
  readonly codec: string | undefined;
  readonly receivedPackets: number | undefined;
  readonly sentPackets: number | undefined;
  /** Source that this leg receives, and the one that it sends as; 0 until a packet came. */
  readonly theirSsrc: number | undefined;
  readonly ourSsrc: number | undefined;
  /** Media goes past this PBX: provider and phone send to each other. */
  readonly isDirectMedia: boolean;
};

const RTCP_ALL = 'CHANNEL(rtcp,all)';
const DIRECT = 'CHANNEL(rtp,direct)';

/** Asks for one leg; needs class `system`, `call` or `reporting`. */
export function legStatusAction(channel: string): AmiAction {
  return {
    name: 'Status',
    fields: [
      ['Channel', channel],
      ['Variables', `${RTCP_ALL},${DIRECT}`],
    ],
  };
}

/**
 * Reads the `Status` item of the answer. `Nativeformats` is `(ulaw)`; the variables stand as `<name>=<value>`:
 *
 *     CHANNEL(rtcp,all)=ssrc=1794360063;themssrc=1391484867;lp=0;rxjitter=0.000000;rxcount=264;…;txcount=264;rlp=0;…
 *     CHANNEL(rtp,direct)=(null), or ADDRESS:PORT while media is direct
 *
 * Of `rtcp,all` only the sources and `rxcount` and `txcount` are used: `lp` and `rlp` are those of the last report, and
 * `txjitter` is what we measured of the other side, `rxjitter` what it reported.
 *
 * @returns undefined for anything but a `Status` event with a Uniqueid.
 * @see Asterisk 22 res_rtp_asterisk.c (`ast_rtp_get_stat`), channels/pjsip/dialplan_functions_doc.xml
 */
export function readLegStatus(packet: AmiPacket): LegStatus | undefined {
  const uniqueId = firstValue(packet, 'Uniqueid');
  if (eventName(packet) !== 'Status' || uniqueId === undefined) return undefined;
  const variables = allValues(packet, 'Variable');
  const variable = (name: string): string =>
    variables.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const statistics = variable(RTCP_ALL);
  const statistic = (name: string): number | undefined => {
    const digits = new RegExp(`(?:^|;)${name}=(\\d{1,10})(?:;|$)`).exec(statistics)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  return {
    uniqueId,
    codec: audioCodec(firstValue(packet, 'Nativeformats') ?? ''),
    receivedPackets: statistic('rxcount'),
    sentPackets: statistic('txcount'),
    theirSsrc: statistic('themssrc'),
    ourSsrc: statistic('ssrc'),
    isDirectMedia: /:\d+$/.test(variable(DIRECT)),
  };
}
