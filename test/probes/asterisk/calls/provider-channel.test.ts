import { expect, test } from 'vitest';
import {
  createdAtEpochMs,
  edgeOfDialString,
  trunkOfChannel,
} from '../../../../probes/asterisk/calls/provider-channel.ts';

const EDGES = [
  { edge: 'east', hostPort: '192.0.2.1:5060' },
  { edge: 'west', hostPort: '192.0.2.2:5080' },
  { edge: 'named', hostPort: 'sip.example.net' },
];
const TRUNKS = [
  { trunk: 'acme', endpoint: 'acme', edges: EDGES },
  { trunk: 'acme-eu', endpoint: 'acme-eu', edges: EDGES.slice(0, 1) },
];

test.each([
  ['PJSIP/acme-0000001f', 'acme'],
  ['PJSIP/acme-eu-0000001f', 'acme-eu'],
  ['PJSIP/acme-eu-west-0000001f', undefined],
  ['PJSIP/acme', undefined],
  ['PJSIP/acme-0000001f<ZOMBIE>', undefined],
  ['PJSIP/acme-0000001F', undefined],
  ['SIP/acme-0000001f', undefined],
  ['Local/5551234@acme-0000001f;1', undefined],
  ['Surrogate/PJSIP/acme-0000001f', undefined],
  ['', undefined],
])('channel %j belongs to trunk %s', (channel, trunk) => {
  expect(trunkOfChannel(channel, TRUNKS)?.trunk).toBe(trunk);
});

test.each([
  ['acme/sip:15551234@192.0.2.1:5060', 'east'],
  ['acme/sip:15551234@192.0.2.1', 'east'],
  ['acme/sip:+15551234@192.0.2.2:5080;transport=udp', 'west'],
  ['acme/sips:15551234@192.0.2.2:5080?Subject=x', 'west'],
  ['acme/sip:192.0.2.2:5080', 'west'],
  ['acme/sip:15551234@sip.example.net', 'named'],
  ['acme/sip:15551234@192.0.2.2', undefined],
  ['acme/sip:15551234@192.0.2.10:5060', undefined],
  ['15551234@acme', undefined],
  [undefined, undefined],
])('dial string %j goes to edge %s', (dialString, edge) => {
  expect(edgeOfDialString(dialString, { trunk: 'acme', endpoint: 'acme', edges: EDGES })).toBe(edge);
});

test('a trunk with one edge needs no dial string', () => {
  expect(edgeOfDialString('15551234@acme-eu', { trunk: 'x', endpoint: 'x', edges: EDGES.slice(1, 2) })).toBe('west');
});

test.each([
  ['1795500210.2', 1_795_500_210_000],
  ['pbx-7-1795500210.14', 1_795_500_210_000],
  ['pbx7', undefined],
  ['17955002109999.2', undefined],
])('Uniqueid %s says when the channel was made', (uniqueId, epochMs) => {
  expect(createdAtEpochMs(uniqueId)).toBe(epochMs);
});
