import type { SipRequest } from '../../probes/measure/sip/message.ts';
import { buildResponse, type Source } from '../../probes/measure/sip/response.ts';

/** One INVITE server transaction with the dialog it makes. */
export type EdgeCall = {
  readonly request: SipRequest;
  readonly source: Source;
  readonly toTag: string;
  /** `ended` remembers a call so that a repeated BYE or ACK is understood. */
  phase: 'ringing' | 'answered' | 'confirmed' | 'rejected' | 'ended';
  /** Last response sent, repeated for a repeated INVITE; `undefined` before the first. */
  lastResponse: Uint8Array | undefined;
};

/** Calls by Call-ID and by top branch. */
export class EdgeCalls {
  readonly #byTransaction = new Map<string, EdgeCall>();
  readonly #byCallId = new Map<string, EdgeCall>();

  /** Opens the transaction of a new INVITE. */
  open(request: SipRequest, source: Source, toTag: string): EdgeCall {
    const call: EdgeCall = { request, source, toTag, phase: 'ringing', lastResponse: undefined };
    this.#byTransaction.set(transactionKey(request), call);
    this.#byCallId.set(request.callId, call);
    return call;
  }

  /** The call of an INVITE seen before, or of a CANCEL or non-2xx ACK with the same branch (RFC 3261 §17.2.3, §9.2). */
  byTransaction(request: SipRequest): EdgeCall | undefined {
    return this.#byTransaction.get(transactionKey(request));
  }

  /** The call whose dialog an ACK or BYE belongs to. */
  byDialog(request: SipRequest): EdgeCall | undefined {
    const call = this.#byCallId.get(request.callId);
    return request.to.parameters.get('tag') === call?.toTag ? call : undefined;
  }

  /** Forgets a call and its transaction. */
  forget(call: EdgeCall): void {
    this.#byTransaction.delete(transactionKey(call.request));
    if (this.#byCallId.get(call.request.callId) === call) this.#byCallId.delete(call.request.callId);
  }

  /** All calls remembered. */
  all(): EdgeCall[] {
    return [...this.#byTransaction.values()];
  }

  /** Calls that are up. */
  get active(): number {
    return this.all().filter(({ phase }) => phase === 'answered' || phase === 'confirmed').length;
  }
}

function transactionKey(request: SipRequest): string {
  const [top] = request.vias;
  return `${top.parameters.get('branch') ?? request.callId} ${top.host}:${top.port ?? 5060}`;
}

const REASON_PHRASES: ReadonlyMap<number, string> = new Map([
  [100, 'Trying'],
  [180, 'Ringing'],
  [200, 'OK'],
  [400, 'Bad Request'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [416, 'Unsupported URI Scheme'],
  [420, 'Bad Extension'],
  [481, 'Call/Transaction Does Not Exist'],
  [486, 'Busy Here'],
  [487, 'Request Terminated'],
  [500, 'Server Internal Error'],
  [501, 'Not Implemented'],
  [503, 'Service Unavailable'],
  [603, 'Decline'],
]);

/** Builds the edge's answer: Allow on all, Contact and an SDP answer (PCMU, nobody listening on its port) on 2xx to INVITE. */
export function edgeResponse(
  call: Pick<EdgeCall, 'request' | 'source' | 'toTag'>,
  statusCode: number,
  local: Source,
): Uint8Array {
  const { request, source, toTag } = call;
  const hasSession = request.method === 'INVITE' && statusCode >= 200 && statusCode < 300;
  const headers = ['Allow: INVITE, ACK, BYE, CANCEL, OPTIONS', 'Accept: application/sdp', 'Server: trunkward-sim'];
  if (statusCode === 420) headers.push(`Unsupported: ${requiredOptions(request).join(', ')}`);
  if (hasSession) headers.push(`Contact: <sip:${local.address}:${local.port}>`, 'Content-Type: application/sdp');
  return buildResponse(request, source, {
    statusCode,
    reasonPhrase: REASON_PHRASES.get(statusCode) ?? 'Answer',
    toTag,
    headers,
    body: hasSession ? sessionDescription(local.address) : '',
  });
}

/** Option tags that the request demands; this edge supports none. */
export function requiredOptions(request: SipRequest): string[] {
  return request.fields.filter(({ name }) => name === 'require').flatMap(({ value }) => value.split(/[ \t]*,[ \t]*/));
}

function sessionDescription(address: string): string {
  return [
    'v=0',
    `o=sim 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    'm=audio 40000 RTP/AVP 0',
    'a=rtpmap:0 PCMU/8000',
    '',
  ].join('\r\n');
}
