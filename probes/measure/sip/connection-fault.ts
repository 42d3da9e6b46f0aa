import type { Outcome } from '../../../wire/measurement.ts';
import { sendFault } from './send-fault.ts';

/** Which part of setting up a connection was under way. */
export type ConnectionPhase = 'connect' | 'tls';

/**
 * What the error of a connection means for the attempt that needed it. What this host itself lacks (a route, a permission)
 * is no evidence about the target.
 *
 * @param code - of the system or of the TLS library.
 * @param elapsedMs - since the attempt began.
 * @see connect(2), tcp(7); `ERR_SSL_*` and `EPROTO` are OpenSSL's alerts and faults.
 */
export function connectionOutcome(code: string | undefined, phase: ConnectionPhase, elapsedMs: number): Outcome {
  switch (code ?? '') {
    case 'ECONNREFUSED':
      return { kind: 'refused', reason: 'connection-refused' };
    case 'ECONNRESET':
    case 'EPIPE':
      return { kind: 'refused', reason: 'connection-reset' };
    case 'ETIMEDOUT':
      return { kind: 'timed-out', waitedMs: elapsedMs, phase };
    default: {
      if (phase === 'tls') return { kind: 'refused', reason: 'tls-handshake' };
      const fault = sendFault({ name: 'Error', message: '', ...(code !== undefined && { code }) });
      return { kind: 'not-measured', reason: fault === 'port-unreachable' ? 'socket-error' : fault };
    }
  }
}
