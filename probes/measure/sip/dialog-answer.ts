import { fieldValue, type SipRequest } from './message.ts';
import { buildResponse, responseDestination, type Source } from './response.ts';

/** What is known of the dialog that a request may belong to. */
export type KnownDialog = {
  readonly callId: string;
  readonly ownTag: string;
  readonly remoteTag: string;
  /** Highest CSeq number that the far end has used; `undefined` before its first request. */
  readonly remoteSequence: number | undefined;
};

/** How a request of the far end is answered. */
export type RequestAnswer = {
  readonly statusCode: number;
  readonly reasonPhrase: string;
  /** The far end ends the call. */
  readonly isBye: boolean;
};

const ALLOW = 'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE';

/** The request names this dialog. @see RFC 3261 §12.2.2 */
export function isWithin(
  request: SipRequest,
  { callId, ownTag, remoteTag }: Omit<KnownDialog, 'remoteSequence'>,
): boolean {
  return (
    request.callId === callId &&
    request.to.parameters.get('tag') === ownTag &&
    (request.from.parameters.get('tag') ?? '') === remoteTag
  );
}

/**
 * Decides the answer to a request from the network. A changed session (re-INVITE, UPDATE with a body) is refused with 488 and
 * the call goes on as it was; the far end sends its INVITE again until it has the answer, so none is repeated here.
 *
 * @param dialog - `undefined`: of no dialog that is up.
 * @returns `undefined` for ACK, which has no answer.
 * @see RFC 3261 §12.2.2, §14.2, §15.1.2; RFC 3311 §5.2; RFC 4028 §9
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
      return say(200, 'OK', true);
    case 'OPTIONS':
      return say(200, 'OK');
    case 'UPDATE':
      return request.body.length === 0 ? say(200, 'OK') : say(488, 'Not Acceptable Here');
    case 'INVITE':
      return say(488, 'Not Acceptable Here');
    case 'CANCEL':
      return say(481, 'Call/Transaction Does Not Exist');
    default:
      return say(405, 'Method Not Allowed');
  }
}

/**
 * Writes the answer.
 *
 * @param contact - header line of ours; a session refresh by UPDATE has its timer confirmed as it was asked for.
 */
export function encodeAnswer(
  request: SipRequest,
  source: Source,
  answer: RequestAnswer,
  { contact, ownTag }: { readonly contact: string; readonly ownTag: string },
): { readonly bytes: Uint8Array; readonly destination: Source } {
  const { statusCode, reasonPhrase } = answer;
  const expires = /^(\d{1,7})/.exec(fieldValue(request, 'session-expires') ?? '')?.[1];
  const isRefresh = request.method === 'UPDATE' && statusCode === 200;
  const timer =
    isRefresh && expires !== undefined ? ['Require: timer', `Session-Expires: ${expires};refresher=uac`] : [];
  const headers = [...(isRefresh ? [contact] : []), ...timer, ALLOW];
  const bytes = buildResponse(request, source, { statusCode, reasonPhrase, toTag: ownTag, headers });
  return { bytes, destination: responseDestination(request, source) };
}

function say(statusCode: number, reasonPhrase: string, isBye = false): RequestAnswer {
  return { statusCode, reasonPhrase, isBye };
}
