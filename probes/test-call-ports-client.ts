import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** Sockets of RTP and, one port above it, RTCP. @see RFC 3550 §11 */
export type MediaPorts = { readonly rtp: Socket; readonly rtcp: Socket };

const MAX_PAIR_TRIES = 20;

/**
 * Binds an even port and the one above it.
 *
 * @throws the system's error where the address cannot be bound or no pair is free.
 */
export async function openMediaPorts(address: string): Promise<MediaPorts> {
  for (let attempt = 1; ; attempt += 1) {
    const rtp = await bind(address, 0);
    const { port } = rtp.address();
    try {
      if (port % 2 === 1 || port === 65_534) throw Object.assign(new Error('odd port'), { code: 'EADDRINUSE' });
      return { rtp, rtcp: await bind(address, port + 1) };
    } catch (cause) {
      rtp.close();
      const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
      if (!isTaken || attempt >= MAX_PAIR_TRIES) throw cause;
    }
  }
}

function bind(address: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) => {
      socket.close();
      reject(cause);
    });
    socket.bind(port, address, () => {
      socket.removeAllListeners('error');
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
