import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { AgreedMedia } from '../../probes/measure/sip/sdp-offer.ts';
import { mediaFigures, readStamp, writeStamp } from '../../probes/test-call-media.ts';
import { TestCallMedia } from '../../probes/test-call-media-client.ts';

/** An echo that numbers its packets anew, as a PBX does, and loses every tenth after the fifth. */
async function throughEcho(change: (bytes: Buffer) => Buffer = (bytes) => bytes) {
  const echo = createSocket('udp4');
  await new Promise<void>((resolve) => echo.bind(0, '127.0.0.1', resolve));
  let arrived = 0;
  let dropped = 0;
  let sent = 0;
  echo.on('message', (bytes, { port }) => {
    arrived += 1;
    if (arrived > 5 && arrived % 10 === 0) {
      dropped += 1;
      return;
    }
    bytes.writeUInt16BE(sent, 2);
    bytes.writeUInt32BE(77, 8);
    sent += 1;
    echo.send(change(bytes), port, '127.0.0.1');
  });
  const media = await TestCallMedia.open('127.0.0.1', () => performance.now());
  const agreed: AgreedMedia = {
    address: '127.0.0.1',
    port: echo.address().port,
    rtcpAddress: '127.0.0.1',
    rtcpPort: 0,
    payloadType: 0,
    codec: 'ulaw',
    clockRateHz: 8000,
    packetMs: 20,
    canSend: true,
    canReceive: true,
  };
  media.start(agreed);
  await expect.poll(() => arrived, { timeout: 10_000 }).toBeGreaterThan(55);
  media.stopSending();
  await sleep(100);
  const record = media.record();
  media.close();
  echo.close();
  if (!record) throw new Error('not started');
  return { record, arrived, dropped };
}

test('losses of an echo show also where the far end numbers its packets anew', async () => {
  const { arrived, dropped, record } = await throughEcho();
  const { received, receivedCovers, rttMs } = mediaFigures('echo', record);
  expect(dropped).toBeGreaterThan(4);
  expect(receivedCovers).toBe('round-trip');
  expect([received?.expected, received?.lost]).toEqual([arrived, dropped]);
  expect(received?.lossRuns[0]).toBe(dropped);
  expect(rttMs).toBeGreaterThan(0);
});

test('an echo whose payload was changed on the way covers the reverse direction alone', async () => {
  const { record } = await throughEcho((bytes) => {
    bytes.fill(0x55, 12);
    return bytes;
  });
  const { received, receivedCovers } = mediaFigures('echo', record);
  expect([receivedCovers, received?.lost]).toEqual(['reverse', 0]);
});

test('a report block of the far end tells the forward direction, below 0 too', async () => {
  const { record } = await throughEcho();
  const report = {
    ssrc: 1,
    fractionLost: 0,
    cumulativeLost: -3,
    extendedSequence: record.firstSequence + 49,
    interarrivalJitter: 80,
    lastSr: 0,
    delaySinceLastSr: 0,
  };
  expect(mediaFigures('tone', { ...record, report }).forward).toEqual({ expected: 50, lost: -3, jitterMs: 10 });
});

test('a stamp is read for its own call alone', () => {
  const payload = new Uint8Array(160);
  writeStamp(payload, 7, 1234);
  expect([readStamp(payload, 7), readStamp(payload, 8), readStamp(payload.subarray(0, 11), 7)]).toEqual([
    1234,
    undefined,
    undefined,
  ]);
});
