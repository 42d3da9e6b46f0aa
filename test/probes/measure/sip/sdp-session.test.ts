import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agree, encodeOffer } from '../../../../probes/measure/sip/sdp-offer.ts';
import { parseSdp } from '../../../../probes/measure/sip/sdp-session.ts';

const HEAD = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'];

function media(...lines: string[]) {
  const parsed = parseSdp([...HEAD, ...lines, ''].join('\r\n'));
  if (!parsed.ok) throw new Error(`${parsed.fault} ${parsed.line}`);
  return agree(parsed.audio);
}

test('the answer of Asterisk gives address, codec and ptime', () => {
  const lines = [
    'm=audio 18452 RTP/AVP 8 101',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=ptime:30',
  ];
  expect(media(...lines, 'a=maxptime:150', 'a=sendrecv')).toMatchObject({
    ok: true,
    media: { address: '192.0.2.1', port: 18_452, rtcpPort: 18_453, codec: 'alaw', packetMs: 30, canSend: true },
  });
});

test('a connection of the medium and an rtcp attribute win', () => {
  expect(media('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::7', 'a=rtcp:4100 IN IP6 2001:db8::8')).toMatchObject({
    media: { address: '2001:db8::7', rtcpAddress: '2001:db8::8', rtcpPort: 4100 },
  });
});

test.each([
  ['rejected', ['m=audio 0 RTP/AVP 0']],
  ['no-audio', ['m=video 4000 RTP/AVP 0']],
  ['no-common-codec', ['m=audio 4000 RTP/AVP 18']],
  ['no-common-codec', ['m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 L16/44100']],
  ['unknown-protocol', ['m=audio 4000 RTP/SAVP 0']],
  ['no-literal-address', ['m=audio 4000 RTP/AVP 0', 'c=IN IP4 media.example.com']],
])('media are not agreed: %s', (fault, lines) => {
  expect(media(...lines)).toEqual({ ok: false, fault });
});

test('a medium on hold can be sent to or not, as it says', () => {
  expect(media('m=audio 4000 RTP/AVP 0', 'a=sendonly')).toMatchObject({ media: { canSend: false, canReceive: true } });
});

test.each([
  ['bad-version', 1, 'v=1\r\n'],
  ['bad-line', 2, 'v=0\r\nnonsense\r\n'],
  ['bad-media', 2, 'v=0\r\nm=audio 70000 RTP/AVP 0\r\n'],
  ['bad-connection', 2, 'v=0\r\nc=IN IP4\r\n'],
  ['bad-attribute', 3, 'v=0\r\nm=audio 4000 RTP/AVP 0\r\na=rtpmap:0\r\n'],
])('a fault names its line: %s', (fault, line, text) => {
  expect(parseSdp(text)).toEqual({ ok: false, fault, line });
});

test('our offer is read as it was meant', () => {
  const text = encodeOffer({ address: '2001:db8::1', port: 4000, rtcpPort: 4001, sessionId: 7, version: 1 });
  expect(text).toContain('c=IN IP6 2001:db8::1\r\n');
  expect(parseSdp(text)).toMatchObject({ ok: true, mediaCount: 1, audio: { payloadTypes: [0, 8], packetMs: 20 } });
});

test('nothing makes the parser throw', () => {
  const line = fc.oneof(fc.string(), fc.constantFrom('v=0', 'm=audio 1 RTP/AVP 0', 'a=rtcp:1', 'c=IN IP4 1.2.3.4'));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const parsed = parseSdp(lines.join('\r\n'));
      if (parsed.ok) agree(parsed.audio);
    }),
  );
});
