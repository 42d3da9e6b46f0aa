import { type AmiPacket, firstValue } from '../ami/ami-packet.ts';
import { beginLeg, type CallLeg, type Moment } from './call-leg.ts';
import { createdAtEpochMs, type TrunkEndpoint, trunkOfChannel } from './provider-channel.ts';

/** One channel of a `CoreShowChannels` answer. `leg` is present where it is a provider channel. */
export type ListedChannel = { readonly uniqueId: string; readonly leg: CallLeg | undefined };

const UP = '6';

/**
 * Reads one `CoreShowChannel` item. Asterisk runs `AppDial` or `AppDial2` on a channel that it dialled; a provider
 * channel with another application came in, or was sent elsewhere by a transfer, and is not adopted: it would be a
 * guess. One that is up was answered by now; when is not known, and its media counts from here on.
 *
 * @param number - the leg's, where there is one.
 * @see https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Events/CoreShowChannel/
 */
export function readListedChannel(
  item: AmiPacket,
  trunks: readonly TrunkEndpoint[],
  at: Moment,
  number: number,
): ListedChannel | undefined {
  const uniqueId = firstValue(item, 'Uniqueid');
  if (uniqueId === undefined) return undefined;
  const channel = firstValue(item, 'Channel') ?? '';
  const trunk = trunkOfChannel(channel, trunks);
  if (trunk === undefined) return { uniqueId, leg: undefined };
  const leg = beginLeg({
    number,
    uniqueId,
    channel,
    linkedId: firstValue(item, 'Linkedid') ?? uniqueId,
    trunk,
    isOutbound: /^AppDial2?$/.test(firstValue(item, 'Application') ?? ''),
    startedAtEpochMs: createdAtEpochMs(uniqueId) ?? at.epochMs,
    hasGap: true,
  });
  const isUp = firstValue(item, 'ChannelState') === UP;
  return { uniqueId, leg: isUp ? { ...leg, answeredAtMs: at.nowMs } : leg };
}
