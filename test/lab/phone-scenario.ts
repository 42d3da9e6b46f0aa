import type { Call } from './phone.ts';

/** Final statuses other than 200 the phone takes without complaint; another one ends SIPp with an error, its log kept. */
const REFUSALS = [
  300, 301, 302, 400, 401, 403, 404, 405, 406, 407, 408, 410, 415, 420, 480, 481, 482, 483, 484, 485, 486, 487, 488,
  500, 501, 502, 503, 504, 505, 513, 580, 600, 603, 604, 606, 607,
] as const;

/**
 * The SIPp scenario of one call: INVITE, any provisional, then a refusal (ACK) or an answer (ACK, hold, BYE). Pure.
 *
 * @see SIPp documentation, "Create your own XML scenarios"
 */
export function phoneScenario(call: Call): string {
  const from = call.from ?? '200';
  const to = `sip:${call.number}@[remote_ip]:[remote_port]`;
  const name = call.fromName === undefined ? '' : `"${call.fromName}" `;
  const common = `From: ${name}<sip:${from}@[local_ip]:[local_port]>;tag=[call_number]
To: <${to}>[peer_tag_param]
Call-ID: [call_id]
Max-Forwards: 70
Contact: <sip:${from}@[local_ip]:[local_port]>`;
  const request = (method: string, cseq: number, rest: string, uri = to): string => `<![CDATA[

${method} ${uri} SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
${common}
CSeq: ${cseq} ${method}
${rest}
]]>`;
  const sdp = `Content-Type: application/sdp
Content-Length: [len]

v=0
o=lab 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000`;
  const provisional = [100, 180, 181, 182, 183].map((code) => `<recv response="${code}" optional="true"/>`).join('\n');
  const refusals = REFUSALS.map((code) => `<recv response="${code}" optional="true" next="refused"/>`).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="call">
<send retrans="500">${request('INVITE', 1, sdp).replace('[peer_tag_param]', '')}</send>
${provisional}
${refusals}
<recv response="200"/>
<send>${request('ACK', 1, 'Content-Length: 0', '[next_url]')}</send>
<pause milliseconds="${call.holdMs ?? 200}"/>
<send retrans="500">${request('BYE', 2, 'Content-Length: 0', '[next_url]')}</send>
<recv response="200" next="done"/>
<label id="refused"/>
<send>${request('ACK', 1, 'Content-Length: 0')}</send>
<label id="done"/>
</scenario>
`
    .replaceAll('next="refused"', 'next="1"')
    .replaceAll('next="done"', 'next="2"')
    .replace('id="refused"', 'id="1"')
    .replace('id="done"', 'id="2"')
    .replace('<recv response="200"/>', '<recv response="200" rrs="true"/>');
}
