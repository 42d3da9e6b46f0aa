/** What the kernel's refusal to send one datagram means for its attempt. */
export type SendFault = 'port-unreachable' | 'no-route' | 'not-permitted' | 'socket-error';

const FAULTS: ReadonlyMap<string, SendFault> = new Map([
  ['ECONNREFUSED', 'port-unreachable'],
  ['ENETUNREACH', 'no-route'],
  ['EHOSTUNREACH', 'no-route'],
  ['EADDRNOTAVAIL', 'no-route'],
  ['EPERM', 'not-permitted'],
  ['EACCES', 'not-permitted'],
]);

/**
 * Reads the error of a send. `EPERM` is this host's own packet filter: no evidence about the target. `ECONNREFUSED`
 * reaches connected sockets only.
 *
 * @see sendto(2), ip(7), udp(7).
 */
export function sendFault(error: NodeJS.ErrnoException): SendFault {
  return FAULTS.get(error.code ?? '') ?? 'socket-error';
}
