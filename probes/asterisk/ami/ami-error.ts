import type { ProbeErrorCode } from '../../errors.ts';

/** The part of the probe's error codes that speaks of the manager interface. */
export type AmiErrorCode = Extract<ProbeErrorCode, `AMI_${string}`>;

/**
 * Whether the same request may succeed later with nobody changing a configuration. It never means that repeating is
 * harmless: after `AMI_ACTION_TIMEOUT` and `AMI_DISCONNECTED` Asterisk may have carried the action out.
 */
export const AMI_RETRYABLE: Readonly<Record<AmiErrorCode, boolean>> = {
  AMI_CONNECT_FAILED: true,
  AMI_BAD_GREETING: false,
  AMI_LOGIN_REFUSED: false,
  AMI_LOGIN_TIMEOUT: true,
  AMI_NOT_CONNECTED: true,
  AMI_DISCONNECTED: true,
  AMI_UNRESPONSIVE: true,
  AMI_STREAM_FAULT: true,
  AMI_ACTION_TIMEOUT: true,
  AMI_CANCELLED: false,
  AMI_BAD_ACTION: false,
  AMI_TOO_MANY_ACTIONS: true,
  AMI_LIST_TOO_LONG: false,
  AMI_LIST_CANCELLED: true,
  AMI_CLOSED: false,
};

/**
 * An operational fault of the manager connection or of one action on it. An answer `Response: Error` is no fault: it
 * comes back as data.
 */
export class AmiError extends Error {
  /** From the closed list; the only thing to branch on. */
  readonly code: AmiErrorCode;
  /** As {@link AMI_RETRYABLE} has it for the code. */
  readonly retryable: boolean;

  constructor(code: AmiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AmiError';
    this.code = code;
    this.retryable = AMI_RETRYABLE[code];
  }
}
