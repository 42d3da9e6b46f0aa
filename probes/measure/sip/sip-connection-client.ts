import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Outcome, Phases } from '../../../wire/measurement.ts';
import { type CertificateSight, readCertificate } from './certificate-sight.ts';
import { type ConnectionPhase, connectionOutcome } from './connection-fault.ts';

/** Where to connect, and whom to believe. */
export type ConnectionTarget = {
  readonly transport: 'tcp' | 'tls';
  /** IP literals without brackets. */
  readonly address: string;
  readonly port: number;
  readonly sourceAddress: string;
  /** Sent as SNI and held against the certificate; without it the certificate must name the address. */
  readonly serverName?: string | undefined;
  /** PEM of the authorities to believe instead of the system's. */
  readonly ca?: string | undefined;
};

/** An open connection, or why there is none, with what setting it up took and showed. */
export type ConnectionResult = {
  readonly phases: Phases;
  readonly certificate?: CertificateSight;
} & ({ readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly outcome: Outcome });

/** The limits of one attempt to connect. */
export type ConnectOptions = {
  readonly clock: { readonly nowMs: () => number };
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Opens one TCP or TLS connection, once. Never rejects for what the network does.
 *
 * The TLS library is told to go on with any certificate, so that its expiry is seen even of one that is not accepted; a
 * fault of path, time or name is then judged here and the connection is destroyed before a byte of SIP is sent.
 *
 * @see RFC 3261 §26.3.1; RFC 5922 §7.
 */
export function openConnection(target: ConnectionTarget, options: ConnectOptions): Promise<ConnectionResult> {
  const { clock, signal, timeoutMs } = options;
  const startedAtMs = clock.nowMs();
  const elapsedMs = () => Math.max(0, clock.nowMs() - startedAtMs);
  return new Promise((resolve) => {
    let phase: ConnectionPhase = 'connect';
    let phases: Phases = {};
    let current = connect({
      host: target.address,
      port: target.port,
      localAddress: target.sourceAddress,
      family: isIP(target.address),
      noDelay: true,
    });
    const finish = (result: ConnectionResult) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(result);
    };
    const fail = (outcome: Outcome, certificate?: CertificateSight) => {
      current.on('error', () => undefined);
      current.destroy();
      finish({ ok: false, outcome, phases, ...(certificate && { certificate }) });
    };
    const onAbort = () => fail({ kind: 'not-measured', reason: 'cancelled' });
    const onError = (error: NodeJS.ErrnoException) => fail(connectionOutcome(error.code, phase, elapsedMs()));
    const timer = setTimeout(() => fail({ kind: 'timed-out', waitedMs: elapsedMs(), phase }), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    current.once('error', onError);
    current.once('connect', () => {
      phases = { connectMs: elapsedMs() };
      if (target.transport === 'tcp') {
        current.off('error', onError);
        finish({ ok: true, socket: current, phases });
        return;
      }
      phase = 'tls';
      const secureAtMs = clock.nowMs();
      const plain = current;
      plain.off('error', onError);
      const secure = connectTls({
        socket: plain,
        host: target.address,
        rejectUnauthorized: false,
        ...(target.serverName !== undefined && { servername: target.serverName }),
        ...(target.ca !== undefined && { ca: target.ca }),
      });
      current = secure;
      secure.once('error', onError);
      secure.once('secureConnect', () => {
        secure.off('error', onError);
        phases = { ...phases, tlsMs: Math.max(0, clock.nowMs() - secureAtMs) };
        const fault = secure.authorized ? undefined : faultCode(secure.authorizationError);
        const certificate = readCertificate(Date.parse(secure.getPeerCertificate().valid_to), fault);
        if (fault !== undefined) fail({ kind: 'refused', reason: 'tls-certificate' }, certificate);
        else finish({ ok: true, socket: secure, phases, ...(certificate && { certificate }) });
      });
    });
  });
}

/** Node's types say Error; what is there is the code, or the message where there is no code. */
function faultCode(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
