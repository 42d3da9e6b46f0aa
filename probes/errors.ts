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
] as const;

/** One code of {@link PROBE_ERROR_CODES}. */
export type ProbeErrorCode = (typeof PROBE_ERROR_CODES)[number];
