import { type CallRequest, encodeCallRequest } from './dialog-request.ts';
import { type Dialog, nextHop, ownUri, routeOf } from './dialog-state.ts';
import { type DigestCredentials, digestAuthorization } from './digest.ts';
import type { DigestChallenge } from './digest-challenge.ts';
import { fieldValue, type SipResponse } from './message.ts';
import type { Source } from './response.ts';
import { MAGIC_COOKIE } from './via.ts';

/** What one test call is made of; plain data, fixed before the INVITE leaves and enough to end the call after a crash. */
export type CallPlan = {
  /** Where requests outside a dialog leave to. */
  readonly destination: Source;
  readonly requestUri: string;
  /** User part of From and Contact. */
  readonly caller: string;
  /** Tokens, fresh for each call. */
  readonly callId: string;
  readonly fromTag: string;
  readonly branchToken: string;
  readonly localAddress: string;
  readonly localPort: number;
  readonly userAgent: string;
  /** How long it may ring, and how long it may talk, milliseconds: both are held without the caller's help. */
  readonly ringMs: number;
  readonly talkMs: number;
};

/** Who answers challenges, and with which nonce of the client. Never written to disk. */
export type CallAccount = {
  readonly credentials: DigestCredentials;
  /** Answer this realm alone; any when absent. */
  readonly realm?: string | undefined;
  readonly cnonce: string;
};

/** A challenge and the header that its answer goes into. */
export type Challenged = { readonly header: string; readonly challenge: DigestChallenge; readonly nonceCount: number };

/** A datagram and where it goes. */
export type CallSend = { readonly bytes: Uint8Array; readonly destination: Source };

/** Session timer that is offered: a call whose probe is dead ends by itself where the provider supports it. */
const SESSION_HEADERS = ['Supported: timer', 'Session-Expires: 90;refresher=uas', 'Min-SE: 90'];
const ALLOW = 'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE';

/** Branch of the INVITE with this CSeq number, and of its CANCEL. @see RFC 3261 §9.1, §17.1.3 */
export function inviteBranch({ branchToken }: CallPlan, sequenceNumber: number): string {
  return `${MAGIC_COOKIE}${branchToken}.${sequenceNumber}`;
}

/** The INVITE. @see RFC 3261 §13.2.1; RFC 4028 §7.1 (session timer: 90 s is the least that may be offered) */
export function encodeInvite(plan: CallPlan, sequenceNumber: number, offer: string, authorization: string[]): CallSend {
  const headers = [
    contactOf(plan),
    ...SESSION_HEADERS,
    ALLOW,
    'Accept: application/sdp',
    agentOf(plan),
    ...authorization,
  ];
  return outside(plan, { method: 'INVITE', to: `<${plan.requestUri}>`, sequenceNumber, headers, body: offer });
}

/** The CANCEL of the INVITE with this CSeq number. @see RFC 3261 §9.1 */
export function encodeCancel(plan: CallPlan, sequenceNumber: number): CallSend {
  const headers = [agentOf(plan)];
  return outside(plan, { method: 'CANCEL', to: `<${plan.requestUri}>`, sequenceNumber, headers });
}

/** The ACK of a final answer above 299, within the INVITE's transaction. @see RFC 3261 §17.1.1.3 */
export function encodeRefusalAck(plan: CallPlan, response: SipResponse): CallSend {
  const to = fieldValue(response, 'to') ?? `<${plan.requestUri}>`;
  const { sequenceNumber } = response.cseq;
  return outside(plan, { method: 'ACK', to, sequenceNumber, headers: [] });
}

/**
 * ACK of a 2xx, or BYE.
 *
 * @see RFC 3261 §13.2.2.4 (the ACK has the CSeq number of its INVITE), §15.1.1
 */
export function encodeWithin(
  plan: CallPlan,
  dialog: Dialog,
  what: { readonly method: 'ACK' | 'BYE'; readonly sequenceNumber: number; readonly authorization: readonly string[] },
): CallSend {
  const { requestUri, routes } = routeOf(dialog);
  const request = {
    method: what.method,
    requestUri,
    ...sender(plan),
    branch: `${MAGIC_COOKIE}${plan.branchToken}.${what.sequenceNumber}.${what.method.toLowerCase()}.${tokenOf(dialog)}`,
    to: dialog.remote,
    sequenceNumber: what.sequenceNumber,
    routes,
    headers: [contactOf(plan), agentOf(plan), ...what.authorization],
  };
  return { bytes: encodeCallRequest(request), destination: nextHop(dialog) ?? plan.destination };
}

/**
 * Header line that answers a challenge for this request.
 *
 * @returns nothing without an account or a challenge.
 * @see RFC 3261 §22.2, §22.3
 */
export function authorizationOf(
  account: CallAccount | undefined,
  challenged: Challenged | undefined,
  request: { readonly method: string; readonly uri: string },
): string[] {
  if (!account || !challenged) return [];
  const { challenge, header, nonceCount } = challenged;
  const answer = { ...request, cnonce: account.cnonce, nonceCount };
  return [`${header}: ${digestAuthorization(account.credentials, challenge, answer)}`];
}

/** `Contact` of ours: the address that requests within the dialog come to. */
export function contactOf({ caller, localAddress, localPort }: CallPlan): string {
  return `Contact: <${ownUri(caller, localAddress, localPort)}>`;
}

function outside(
  plan: CallPlan,
  request: Pick<CallRequest, 'method' | 'to' | 'sequenceNumber' | 'headers' | 'body'>,
): CallSend {
  const branch = inviteBranch(plan, request.sequenceNumber);
  const bytes = encodeCallRequest({ ...request, ...sender(plan), requestUri: plan.requestUri, branch, routes: [] });
  return { bytes, destination: plan.destination };
}

function sender({ callId, caller, fromTag, localAddress, localPort }: CallPlan) {
  return { callId, from: `<${ownUri(caller, localAddress)}>;tag=${fromTag}`, localAddress, localPort };
}

function agentOf({ userAgent }: CallPlan): string {
  return `User-Agent: ${userAgent}`;
}

/** What tells the branches of two dialogs of one INVITE apart; a tag may be longer than a branch should be. */
function tokenOf({ remoteTag }: Dialog): string {
  let sum = 0;
  for (const character of remoteTag) sum = (Math.imul(sum, 31) + character.charCodeAt(0)) >>> 0;
  return sum.toString(36);
}
