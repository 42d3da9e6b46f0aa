import { fieldValue, type SipRequest } from './message.ts';
import { buildResponse, responseDestination, type Source } from './response.ts';

/** What is known of the dialog that a request may belong to. */
export type KnownDialog = {
  readonly callId: string;
  readonly ownTag: string;
  readonly remoteTag: string;
  /** Highest CSeq number that the far end has used; `undefined` before its first request. */
  readonly remoteSequence: number | undefined;
  /** Line `o=` of the session that it has described; `undefined`: none is known. */
  readonly remoteOrigin: string | undefined;
};

/** How a request of the far end is answered. */
export type RequestAnswer = {
  readonly statusCode: number;
  readonly reasonPhrase: string;
  /** The far end ends the call. */
  readonly isBye: boolean;
  /** The dialog goes on as it was, with a fresh target and session timer. */
  readonly isRefresh: boolean;
  /** The answer has to describe our session. */
  readonly hasSession: boolean;
};

const ALLOW = 'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE';

/** The request names this dialog. @see RFC 3261 §12.2.2 */
export function isWithin(
  request: SipRequest,
  { callId, ownTag, remoteTag }: Omit<KnownDialog, 'remoteSequence' | 'remoteOrigin'>,
): boolean {
  return (
    request.callId === callId &&
    request.to.parameters.get('tag') === ownTag &&
    (request.from.parameters.get('tag') ?? '') === remoteTag
  );
}

/**
 * Decides the answer to a request from the network. A re-INVITE or UPDATE with the session of before, or without one, is a
 * refresh; a changed session is refused with 488 and the call goes on as it was. The far end sends its INVITE again until it
 * has the answer, so none is repeated here.
 *
 * @param dialog - `undefined`: of no dialog that is up.
 * @returns `undefined` for ACK, which has no answer.
 * @see RFC 3261 §12.2.2, §14.2, §15.1.2; RFC 3264 §8 (the version in `o=`); RFC 3311 §5.2; RFC 4028 §7.4, §9
 */
export function answerTo(request: SipRequest, dialog: KnownDialog | undefined): RequestAnswer | undefined {
  if (request.method === 'ACK') return undefined;
  if (!dialog) return say(481, 'Call/Transaction Does Not Exist');
  const { sequenceNumber } = request.cseq;
  if (dialog.remoteSequence !== undefined && sequenceNumber < dialog.remoteSequence) {
    return say(500, 'Server Internal Error');
  }
  switch (request.method) {
    case 'BYE':
      return { ...say(200, 'OK'), isBye: true };
    case 'OPTIONS':
      return say(200, 'OK');
    case 'UPDATE':
    case 'INVITE': {
      const hasOffer = request.body.length > 0;
      const isSame = !hasOffer || (dialog.remoteOrigin !== undefined && originOf(request.body) === dialog.remoteOrigin);
      if (!isSame) return say(488, 'Not Acceptable Here');
      return { ...say(200, 'OK'), isRefresh: true, hasSession: hasOffer || request.method === 'INVITE' };
    }
    case 'CANCEL':
      return say(481, 'Call/Transaction Does Not Exist');
    default:
      return say(405, 'Method Not Allowed');
  }
}

/**
 * Writes the answer.
 *
 * @param contact - header line of ours; a session refresh has its timer confirmed as it was asked for.
 * @param session - our description, the same as at the beginning.
 */
export function encodeAnswer(
  request: SipRequest,
  source: Source,
  answer: RequestAnswer,
  { contact, ownTag, session }: { readonly contact: string; readonly ownTag: string; readonly session: string },
): { readonly bytes: Uint8Array; readonly destination: Source } {
  const { hasSession, isRefresh, reasonPhrase, statusCode } = answer;
  const expires = /^(\d{1,7})/.exec(fieldValue(request, 'session-expires') ?? '')?.[1];
  const timer =
    isRefresh && expires !== undefined ? ['Require: timer', `Session-Expires: ${expires};refresher=uac`] : [];
  const type = hasSession ? ['Content-Type: application/sdp'] : [];
  const headers = [...(isRefresh ? [contact] : []), ...timer, ALLOW, ...type];
  const body = hasSession ? session : '';
  const bytes = buildResponse(request, source, { statusCode, reasonPhrase, toTag: ownTag, headers, body });
  return { bytes, destination: responseDestination(request, source) };
}

/** Line `o=` of a session description: it names the session and its version. @see RFC 8866 §5.2 */
export function originOf(body: Uint8Array): string | undefined {
  return /^o=.*$/m.exec(Buffer.from(body).toString('latin1'))?.[0];
}

function say(statusCode: number, reasonPhrase: string): RequestAnswer {
  return { statusCode, reasonPhrase, isBye: false, isRefresh: false, hasSession: false };
}
