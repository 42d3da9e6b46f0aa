import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/**
 * A UDP socket bound to a literal address of this host.
 *
 * @param port - 0 lets the system choose.
 * @param onError - errors of the socket from then on.
 * @throws the system's error where it cannot be bound; the socket is then closed.
 */
export function bindUdp(address: string, port: number, onError: (cause: Error) => void): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) => {
      socket.close();
      reject(cause);
    });
    socket.bind(port, address, () => {
      socket.removeAllListeners('error');
      socket.on('error', onError);
      resolve(socket);
    });
  });
}
