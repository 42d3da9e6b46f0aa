import { type AmiAction, encodeAction } from './action-encoder.ts';
import { type AmiPacket, firstValue } from './ami-packet.ts';
import { endSession, type SessionConfig, type SessionState, type SessionStep } from './session-state.ts';

const LOGIN_ID = 'trunkward-login';
const CHALLENGE_ID = 'trunkward-challenge';

type Greeted = Extract<SessionState, { phase: 'greeted' }>;

/** Answers Asterisk's greeting: asks for a challenge, or logs in with the plain secret. */
export function answerGreeting(state: SessionState, amiVersion: string, config: SessionConfig): SessionStep {
  if (state.phase !== 'connecting') return endSession(state, 'AMI_BAD_GREETING', 'a second greeting came');
  const { login, eventMask } = config;
  const greeted = { phase: 'greeted', amiVersion, deadlineMs: state.deadlineMs } as const;
  if (login.kind === 'md5') {
    const challenge = { name: 'Challenge', fields: [['AuthType', 'MD5']] } as const;
    return send({ ...greeted, awaiting: 'challenge' }, challenge, CHALLENGE_ID);
  }
  const fields = [
    ['Username', login.username],
    ['Secret', login.secret],
    ['Events', eventMask],
  ] as const;
  return send({ ...greeted, awaiting: 'login' }, { name: 'Login', fields }, LOGIN_ID);
}

/**
 * Takes a packet before the login is accepted. A refusal ends the session with Asterisk's own words as the reason; the
 * secret is in no reason.
 */
export function takeLoginPacket(state: Greeted, packet: AmiPacket, config: SessionConfig): SessionStep {
  const expectedId = state.awaiting === 'challenge' ? CHALLENGE_ID : LOGIN_ID;
  const response = firstValue(packet, 'Response');
  if (response === undefined || firstValue(packet, 'ActionID') !== expectedId) {
    return { state, effects: [{ kind: 'stray', packet }] };
  }
  if (response.toLowerCase() !== 'success') {
    const message = firstValue(packet, 'Message') ?? 'no reason given';
    return endSession(state, 'AMI_LOGIN_REFUSED', `Asterisk refused the ${state.awaiting}: ${message.slice(0, 200)}`);
  }
  if (state.awaiting === 'challenge') return answerChallenge(state, packet, config);
  const { amiVersion } = state;
  return {
    state: { phase: 'logged-in', amiVersion, inFlight: new Map() },
    effects: [{ kind: 'logged-in', amiVersion }],
  };
}

function answerChallenge(state: Greeted, packet: AmiPacket, config: SessionConfig): SessionStep {
  const challenge = firstValue(packet, 'Challenge');
  if (challenge === undefined || config.login.kind !== 'md5') {
    return endSession(state, 'AMI_LOGIN_REFUSED', 'Asterisk sent no challenge');
  }
  const fields = [
    ['AuthType', 'MD5'],
    ['Username', config.login.username],
    ['Key', config.login.keyFor(challenge)],
    ['Events', config.eventMask],
  ] as const;
  return send({ ...state, awaiting: 'login' }, { name: 'Login', fields }, LOGIN_ID);
}

function send(state: Greeted, action: AmiAction, actionId: string): SessionStep {
  const encoded = encodeAction(action, actionId);
  if (!encoded.ok) return endSession(state, 'AMI_BAD_ACTION', `login cannot be sent: ${encoded.fault.message}`);
  return { state, effects: [{ kind: 'send', text: encoded.text }] };
}
