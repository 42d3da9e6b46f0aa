import { bracketed } from './host.ts';
import type { SipRequest } from './message.ts';
import { encodeVia, type Via } from './via.ts';

/** Where a datagram came from; IPv6 without brackets. */
export type Source = { readonly address: string; readonly port: number };

/** What the response says beyond what it copies from the request. */
export type ResponseContent = {
  /** 100 to 699. */
  readonly statusCode: number;
  readonly reasonPhrase: string;
  /** Added to To unless the request's To has a tag already or the status is 100. */
  readonly toTag: string;
  /** Whole header lines without CRLF, such as `Allow: OPTIONS`. */
  readonly headers?: readonly string[];
  /** ASCII; its type belongs into `headers`. */
  readonly body?: string;
};

/**
 * Builds a response for UDP: Via values with `received` and `rport` filled in on top, From, To, Call-ID and CSeq as they
 * came.
 *
 * @param source - of the request's datagram.
 * @see RFC 3261 §8.2.6, §18.2.1; RFC 3581 §4.
 */
export function buildResponse(request: SipRequest, source: Source, content: ResponseContent): Uint8Array {
  const { statusCode, reasonPhrase, toTag, headers = [], body = '' } = content;
  const [top, ...others] = request.vias;
  const copied = request.fields.flatMap(({ name, value }) => {
    if (name === 'from') return [`From: ${value}`];
    if (name === 'call-id') return [`Call-ID: ${value}`];
    if (name === 'cseq') return [`CSeq: ${value}`];
    if (name !== 'to') return [];
    return [request.to.parameters.has('tag') || statusCode === 100 ? `To: ${value}` : `To: ${value};tag=${toTag}`];
  });
  const lines = [
    `SIP/2.0 ${statusCode} ${reasonPhrase}`,
    ...[stamped(top, source), ...others].map((via) => `Via: ${encodeVia(via)}`),
    ...copied,
    ...headers,
    `Content-Length: ${body.length}`,
    '',
    body,
  ];
  return Buffer.from(lines.join('\r\n'), 'latin1');
}

/**
 * Where a response to this request goes: back to the source port when the top Via asks for it (`rport`), to the port of
 * sent-by otherwise. The source address is always used, `maddr` never: nobody may aim our answers elsewhere.
 *
 * @see RFC 3261 §18.2.2; RFC 3581 §4.
 */
export function responseDestination(request: SipRequest, source: Source): Source {
  const [top] = request.vias;
  return { address: source.address, port: top.parameters.has('rport') ? source.port : (top.port ?? 5060) };
}

function stamped(via: Via, source: Source): Via {
  const isNamed = bracketed(source.address) === via.host;
  const parameters = new Map(via.parameters);
  if (!isNamed || parameters.has('rport')) parameters.set('received', source.address);
  if (parameters.has('rport')) parameters.set('rport', String(source.port));
  return { ...via, parameters };
}
