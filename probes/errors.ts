/**
 * Every code that an error class of the probe may carry, one closed list. `docs/errors.md` says what each means and
 * what to do; a test holds the two together. Branch on the code, never on the message.
 */
export const PROBE_ERROR_CODES = [
  'AMI_CONNECT_FAILED',
  'AMI_BAD_GREETING',
  'AMI_LOGIN_REFUSED',
  'AMI_LOGIN_TIMEOUT',
  'AMI_NOT_CONNECTED',
  'AMI_DISCONNECTED',
  'AMI_UNRESPONSIVE',
  'AMI_STREAM_FAULT',
  'AMI_ACTION_TIMEOUT',
  'AMI_CANCELLED',
  'AMI_BAD_ACTION',
  'AMI_TOO_MANY_ACTIONS',
  'AMI_LIST_TOO_LONG',
  'AMI_LIST_CANCELLED',
  'AMI_CLOSED',
  'OUTBOX_OPEN_FAILED',
  'OUTBOX_IN_USE',
  'OUTBOX_FULL',
  'OUTBOX_BAD_EVENT',
  'OUTBOX_WRITE_FAILED',
  'OUTBOX_READ_FAILED',
  'OUTBOX_CLOSED',
] as const;

/** One code of {@link PROBE_ERROR_CODES}. */
export type ProbeErrorCode = (typeof PROBE_ERROR_CODES)[number];
