import type { ProbeErrorCode } from '../errors.ts';

/** Codes of the outbox. */
export type OutboxErrorCode = Extract<ProbeErrorCode, `OUTBOX_${string}`>;

/** Whether the same call may succeed later without anybody touching the host. */
export const OUTBOX_RETRYABLE: Readonly<Record<OutboxErrorCode, boolean>> = {
  OUTBOX_OPEN_FAILED: false,
  OUTBOX_IN_USE: true,
  OUTBOX_FULL: true,
  OUTBOX_BAD_EVENT: false,
  OUTBOX_WRITE_FAILED: true,
  OUTBOX_READ_FAILED: true,
  OUTBOX_CLOSED: false,
};

/** The outbox could not do what was asked. After an append that rejects, the event is not on disk: the caller counts it. */
export class OutboxError extends Error {
  /** From the closed list; the only thing to branch on. */
  readonly code: OutboxErrorCode;
  /** As {@link OUTBOX_RETRYABLE} has it for the code. */
  readonly retryable: boolean;

  constructor(code: OutboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OutboxError';
    this.code = code;
    this.retryable = OUTBOX_RETRYABLE[code];
  }
}
