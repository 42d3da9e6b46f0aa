/** The certificate that an edge showed in a TLS handshake, and whether it was accepted. */
export type CertificateSight = {
  /** Its `notAfter`. */
  readonly validUntilEpochMs: number;
  readonly isAccepted: boolean;
  /** Code of the TLS library for what is wrong, such as `CERT_HAS_EXPIRED`; absent when accepted. */
  readonly fault?: string;
};

const MAX_FAULT_CHARACTERS = 100;

/**
 * Reads what the TLS library says of a peer's certificate.
 *
 * @param validUntilEpochMs - its `notAfter`; NaN where there is none that can be read.
 * @param fault - code of the check that failed; undefined when all passed.
 * @returns `undefined` when there was no certificate with a readable end.
 * @see RFC 5280 §4.1.2.5 (validity), §6 (path); RFC 5922 §7.2 (names in SIP).
 */
export function readCertificate(validUntilEpochMs: number, fault: string | undefined): CertificateSight | undefined {
  if (Number.isNaN(validUntilEpochMs)) return undefined;
  if (fault === undefined) return { validUntilEpochMs, isAccepted: true };
  return { validUntilEpochMs, isAccepted: false, fault: fault.slice(0, MAX_FAULT_CHARACTERS) };
}
