import type { Socket } from 'node:dgram';
import { bindUdp } from './udp-bind-client.ts';

/** Sockets of RTP and, one port above it, RTCP. @see RFC 3550 §11 */
export type MediaPorts = { readonly rtp: Socket; readonly rtcp: Socket };

const MAX_PAIR_TRIES = 20;

const ignored = (): undefined => undefined;

/**
 * Binds an even port and the one above it.
 *
 * @throws the system's error where the address cannot be bound or no pair is free.
 */
export async function openMediaPorts(address: string): Promise<MediaPorts> {
  for (let attempt = 1; ; attempt += 1) {
    const rtp = await bindUdp(address, 0, ignored);
    const { port } = rtp.address();
    try {
      if (port % 2 === 1 || port === 65_534) throw Object.assign(new Error('odd port'), { code: 'EADDRINUSE' });
      return { rtp, rtcp: await bindUdp(address, port + 1, ignored) };
    } catch (cause) {
      rtp.close();
      const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
      if (!isTaken || attempt >= MAX_PAIR_TRIES) throw cause;
    }
  }
}
