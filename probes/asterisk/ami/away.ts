import type { AsteriskAway } from '../../../wire/probe-frames.ts';
import type { AmiErrorCode } from './ami-error.ts';

const AWAY_BY: Readonly<Partial<Record<AmiErrorCode, AsteriskAway>>> = {
  AMI_CONNECT_FAILED: 'connect-failed',
  AMI_BAD_GREETING: 'no-manager',
  AMI_LOGIN_REFUSED: 'login-refused',
  AMI_LOGIN_TIMEOUT: 'login-timed-out',
  AMI_UNRESPONSIVE: 'unresponsive',
};

/** Why there is no Asterisk, by the code that a connection or an attempt ended with. */
export function awayBy(code: AmiErrorCode): AsteriskAway {
  return AWAY_BY[code] ?? 'disconnected';
}
