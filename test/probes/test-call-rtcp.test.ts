import { createSocket, type RemoteInfo } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { mediaFigures } from '../../probes/test-call-media.ts';
import { TestCallMedia } from '../../probes/test-call-media-client.ts';

/** One report block by RFC 3550 §6.4.1, written here octet by octet. */
function block(ssrc: number, lost: number, extendedSequence: number, lastSr = 0, delay = 0): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32BE(ssrc, 0);
  bytes.writeInt32BE((12 << 24) | (lost & 0xff_ff_ff), 4);
  bytes.writeUInt32BE(extendedSequence, 8);
  bytes.writeUInt32BE(160, 12);
  bytes.writeUInt32BE(lastSr, 16);
  bytes.writeUInt32BE(delay, 20);
  return bytes;
}

/** A receiver report (type 201) or a sender report (type 200) with these blocks, of the far end's source 99. */
function report(type: 200 | 201, ...blocks: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(type === 200 ? 28 : 8);
  const all = Buffer.concat([head, ...blocks]);
  all.writeUInt8(0x80 | blocks.length, 0);
  all.writeUInt8(type, 1);
  all.writeUInt16BE(all.length / 4 - 1, 2);
  all.writeUInt32BE(99, 4);
  return all;
}

async function bound() {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  return socket;
}

test('the far end tells the forward direction by its reports, its last one counts, and the round trip is without its delay', async () => {
  const [rtp, rtcp] = [await bound(), await bound()];
  const packets: Buffer[] = [];
  const reports: { readonly bytes: Buffer; readonly peer: RemoteInfo }[] = [];
  rtp.on('message', (bytes) => packets.push(bytes));
  rtcp.on('message', (bytes, peer) => reports.push({ bytes, peer }));
  const media = await TestCallMedia.open('127.0.0.1', () => performance.now());
  onTestFinished(() => media.close());
  media.start({
    address: '127.0.0.1',
    port: rtp.address().port,
    rtcpAddress: '127.0.0.1',
    rtcpPort: rtcp.address().port,
    payloadType: 0,
    codec: 'ulaw',
    clockRateHz: 8000,
    packetMs: 20,
    canSend: true,
    canReceive: true,
  });
  await expect.poll(() => packets.length, { timeout: 10_000 }).toBeGreaterThan(50);
  const ssrc = packets[0]?.readUInt32BE(8) ?? 0;
  const first = packets[0]?.readUInt16BE(2) ?? 0;
  const send = (bytes: Buffer): void => rtcp.send(bytes, media.ports.rtcpPort, '127.0.0.1');
  send(report(201, block((ssrc ^ 1) >>> 0, 40, first + 49), block(ssrc, 7, first + 49)));
  await expect
    .poll(() => {
      const record = media.record();
      return record && mediaFigures('echo', record).forward;
    })
    .toEqual({ expected: 50, lost: 7, jitterMs: 20 });

  await expect.poll(() => reports.length, { timeout: 10_000 }).toBeGreaterThan(0);
  const own = reports[0]?.bytes ?? Buffer.alloc(28);
  expect([own.readUInt8(1), own.readUInt32BE(4)]).toEqual([200, ssrc]);
  const arrivedAtMs = performance.now();
  await sleep(1000);
  const heldMs = performance.now() - arrivedAtMs;
  send(report(200, block(ssrc, -2, first + 99, own.readUInt32BE(10), Math.round((heldMs * 65_536) / 1000))));
  await expect.poll(() => media.record()?.reportRttsMs.length).toBe(1);
  send(Buffer.from([0x81, 201, 0, 7, 1, 2]));
  media.stopSending();
  await expect.poll(() => reports.length).toBe(2);
  const record = media.record();
  const figures = record && mediaFigures('echo', record);
  expect(figures?.forward).toEqual({ expected: 100, lost: -2, jitterMs: 20 });
  expect(figures?.rttMs).toBeLessThan(900);
}, 30_000);
