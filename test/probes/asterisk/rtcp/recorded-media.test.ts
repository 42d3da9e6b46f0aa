import { Check } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { type AmiPacket, firstValue } from '../../../../probes/asterisk/ami/ami-packet.ts';
import { CallTracker } from '../../../../probes/asterisk/calls/call-tracker.ts';
import { MediaWatch } from '../../../../probes/asterisk-media-runner.ts';
import { Measurement } from '../../../../wire/measurement.ts';
import type { RtpCallBlindMeasurement, RtpCallMeasurement } from '../../../../wire/rtp-measurement.ts';
import { readCapturedPackets } from '../../../support/ami-capture.ts';

type Told = RtpCallMeasurement | RtpCallBlindMeasurement;

/** Replays a recording at the times of its stamps; `status` answers what is asked about a leg. */
async function replay(names: readonly string[], status?: string): Promise<readonly Told[]> {
  const trunk = { trunk: 'telco', endpoint: 'telco', edges: [{ edge: 'e1', hostPort: '10.77.1.2:5060' }] };
  const calls = new CallTracker([trunk], ['national']);
  const told: Told[] = [];
  const faults: unknown[] = [];
  let nowMs = 0;
  const media = new MediaWatch({
    ami: {
      listAction: async () => ({
        isSuccess: true,
        packet: { headers: [], wireBytes: 0 },
        message: '',
        items: status === undefined ? [] : readCapturedPackets(status),
      }),
    },
    calls,
    nowMs: () => nowMs,
    onMedia: (measurement) => told.push(measurement),
    onUnreadable: (field) => faults.push(field),
    onFault: (place, cause) => faults.push([place, cause]),
  });
  for (const packet of names.flatMap((name) => readCapturedPackets(name))) {
    nowMs = Math.max(nowMs, stampMs(packet));
    if (media.takeEvent(packet)) {
      await Promise.resolve();
      continue;
    }
    const leg = calls.leg(firstValue(packet, 'Uniqueid') ?? '');
    calls.take(packet, { nowMs, epochMs: Math.round(nowMs) });
    if (leg !== undefined && calls.leg(leg.uniqueId) === undefined) media.end(leg);
  }
  expect(faults).toEqual([]);
  for (const measurement of told) expect(Check(Measurement, measurement)).toBe(true);
  return told;
}

function stampMs(packet: AmiPacket): number {
  return Number(firstValue(packet, 'Timestamp') ?? 0) * 1000 - 1_795_500_000_000;
}

function totals(told: readonly Told[], direction: RtpCallMeasurement['direction']) {
  const figures = told.filter((entry) => entry.kind === 'rtp-call').filter((entry) => entry.direction === direction);
  const sum = (pick: (entry: RtpCallMeasurement) => number) => figures.reduce((total, entry) => total + pick(entry), 0);
  return { intervals: figures.length, expected: sum((entry) => entry.expected), lost: sum((entry) => entry.lost) };
}

describe('media of calls recorded from a real Asterisk 22', () => {
  test('a clean call to an echo loses nothing either way', async () => {
    const told = await replay(['media-echo']);
    expect(totals(told, 'received')).toEqual({ intervals: 4, expected: 400, lost: 0 });
    expect(totals(told, 'sent')).toEqual({ intervals: 4, expected: 401, lost: 0 });
  });

  test('one packet in ten dropped on the way here is lost in that direction alone', async () => {
    const told = await replay(['media-loss']);
    expect(totals(told, 'received')).toEqual({ intervals: 3, expected: 300, lost: 28 });
    expect(totals(told, 'sent')).toEqual({ intervals: 3, expected: 300, lost: 0 });
  });

  test('a far end that stops hearing us is told as a silent receiver, and only from then on', async () => {
    const told = await replay(['media-silent-mid']);
    const sent = told.flatMap((entry) => (entry.kind === 'rtp-call' && entry.direction === 'sent' ? [entry] : []));
    expect(sent.map(({ lost, isSilentReceiver }) => [lost, isSilentReceiver ?? false])).toEqual([
      [0, false],
      [0, false],
      [100, true],
      [100, true],
      [100, true],
    ]);
    expect(totals(told, 'received').lost).toBe(0);
  });

  test('a far end that never reports is no silent receiver until its trunk has once reported (rule 2)', async () => {
    expect(totals(await replay(['media-silent-start']), 'sent').intervals).toBe(0);
    const told = await replay(['media-echo', 'media-silent-start']);
    const sent = told.flatMap((entry) => (entry.kind === 'rtp-call' && entry.direction === 'sent' ? [entry] : []));
    expect(sent.filter(({ isSilentReceiver }) => isSilentReceiver)).not.toEqual([]);
  });

  test('ringing with early media is not counted', async () => {
    const told = await replay(['media-early']);
    expect(totals(told, 'received')).toEqual({ intervals: 1, expected: 100, lost: 0 });
    // Our own count began before the answer as well: its pace is known only from the second report on.
    expect(totals(told, 'sent').intervals).toBe(0);
  });

  test('direct media gives no figures and says so, once', async () => {
    const told = await replay(['media-direct']);
    expect(told.map(({ kind }) => kind)).toEqual(['rtp-call-blind']);
  });

  test('a call that came in counts too', async () => {
    const told = await replay(['media-inbound']);
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ trunk }) => trunk === 'telco')).toBe(true);
  });
});
