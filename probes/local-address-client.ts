import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Source } from './measure/sip/response.ts';

/**
 * Address that the host sends from to this target; connecting a UDP socket sends nothing.
 *
 * @throws the system's error where there is no way to it.
 */
export async function localAddressTo({ address, port }: Source): Promise<string> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(port, address, resolve);
    });
    return socket.address().address;
  } finally {
    socket.close();
  }
}
