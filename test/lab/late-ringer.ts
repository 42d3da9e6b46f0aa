import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostProcess } from './host-process.ts';
import type { Lab } from './lab.ts';
import type { Host } from './network.ts';

/** UDP port it listens on. */
export const LATE_RINGER_PORT = 5071;

const answer = (line: string, rest = 'Content-Length: 0\n'): string => `<![CDATA[

SIP/2.0 ${line}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
${rest}
]]>`;

const SDP = `Content-Type: application/sdp
Content-Length: [len]

v=0
o=lab 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000`;

/**
 * A trunk that is slow but sound: it answers 100 at once, 180 after `ringsAfterMs` and 200 two seconds later. Runs until the lab ends.
 *
 * @see SIPp documentation, "Create your own XML scenarios"
 */
export async function startLateRinger(lab: Lab, host: Host, ringsAfterMs: number): Promise<HostProcess> {
  const folder = await lab.subfolder(`late-${host.name}`);
  await writeFile(
    join(folder, 'late.xml'),
    `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="late">
<recv request="INVITE"/>
<send>${answer('100 Trying')}</send>
<pause milliseconds="${ringsAfterMs}"/>
<send>${answer('180 Ringing')}</send>
<pause milliseconds="2000"/>
<send retrans="500">${answer('200 OK', SDP)}</send>
<recv request="ACK"/>
<recv request="BYE"/>
<send>${answer('200 OK')}</send>
</scenario>
`,
  );
  const [address] = host.addresses;
  const place = ['-i', address, '-p', `${LATE_RINGER_PORT}`, '-mp', '31000', '-nostdin'];
  return lab.start(host, {
    name: `late ringer on ${host.name}`,
    argv: ['sipp', '-sf', 'late.xml', ...place],
    logPath: join(folder, 'sipp.log'),
    cwd: folder,
  });
}
