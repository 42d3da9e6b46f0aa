import type { AmiClient } from '../ami/ami-client.ts';
import { type AmiPacket, firstValue } from '../ami/ami-packet.ts';

/** A call that begins between the two questions makes them differ once; a second time is no chance. */
const TRIES = 3;

/**
 * Asks Asterisk for every channel. An empty list is believed only where Asterisk counts no call either: a second source,
 * since a list may be empty for want of a right or of an answer (safety rule 2).
 *
 * @returns the items of `CoreShowChannels`; undefined where Asterisk refuses to list or to count, or the two do not agree.
 * @throws AmiError where no answer came.
 * @see https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Actions/CoreStatus/
 */
export async function fetchChannels(
  ami: Pick<AmiClient, 'action' | 'listAction'>,
): Promise<readonly AmiPacket[] | undefined> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { isSuccess, items } = await ami.listAction({ name: 'CoreShowChannels', fields: [] });
    if (!isSuccess) return undefined;
    if (items.length > 0) return items;
    const status = await ami.action({ name: 'CoreStatus', fields: [] });
    if (status.isSuccess && firstValue(status.packet, 'CoreCurrentCalls') === '0') return items;
  }
  return undefined;
}
