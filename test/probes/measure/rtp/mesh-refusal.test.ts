import { expect, test } from 'vitest';
import { type MeshPacket, packetBytes } from '../../../../probes/measure/rtp/mesh-packet.ts';
import { refusalOf } from '../../../../probes/measure/rtp/mesh-refusal.ts';

const request: MeshPacket = {
  kind: 'request',
  ssrc: 1,
  rtpTimestamp: 0,
  tag: '0011223344556677',
  extended: 0,
  sentAtUs: 0,
  lateUs: 0,
};
const reflecting = { address: '192.0.2.1', payloadBytes: 160, role: 'reflector' } as const;
const whole = { lengthBytes: packetBytes(160), address: '192.0.2.1' };

test.each([
  ['a request of a session that we reflect goes on to the MAC', whole, request, reflecting, undefined],
  ['what is no packet of the mesh', whole, undefined, undefined, 'malformed'],
  ['a session that nobody assigned', whole, request, undefined, 'unknown-session'],
  ['a session from another address', { ...whole, address: '192.0.2.2' }, request, reflecting, 'wrong-address'],
  [
    'a packet that would be answered by a longer one',
    { ...whole, lengthBytes: 150 },
    request,
    reflecting,
    'wrong-size',
  ],
  ['a request where we send', whole, request, { ...reflecting, role: 'sender' }, 'wrong-role'],
] as const)('%s', (_title, datagram, packet, task, refusal) => {
  expect(refusalOf(datagram, packet, task)).toBe(refusal);
});
