import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AmiPacket, eventName, firstValue } from '../../../../probes/asterisk/ami/ami-packet.ts';
import { readRtcpReport } from '../../../../probes/asterisk/rtcp/rtcp-report.ts';
import { readCapturedPackets } from '../../../support/ami-capture.ts';

function recorded(event: string): AmiPacket {
  const found = readCapturedPackets('media-loss').find((packet) => eventName(packet) === event);
  if (found === undefined) throw new Error(`no ${event} in the recording`);
  return found;
}

function changed(packet: AmiPacket, field: string, value: string): AmiPacket {
  return { ...packet, headers: packet.headers.map(([name, text]) => [name, name === field ? value : text] as const) };
}

describe('readRtcpReport', () => {
  it('reads what Asterisk sent: what it met itself', () => {
    expect(readRtcpReport(recorded('RTCPSent'))).toEqual({
      ok: true,
      report: {
        uniqueId: 'lab-1795512418.17',
        channel: 'PJSIP/telco-00000005',
        direction: 'received',
        block: {
          sourceSsrc: 0x342a3713,
          cumulativeLostRaw: 8,
          highestSequence: 41_766,
          sequenceCycles: 0,
          interarrivalJitterTicks: 0,
          heard: undefined,
        },
        senderPackets: 100,
        // (1,795,512,420.826465 + 2,208,988,800) × 65,536, of it the low 32 bits
        senderNtpUnits: 3_605_320_595,
        rttMs: undefined,
        asteriskMes: 78.1,
      },
    });
  });

  it.each([
    ['Report0CumulativeLost', '16777216', 'bad-number'],
    ['Report0CumulativeLost', '-1', 'bad-number'],
    ['Report0SourceSSRC', 'telco', 'bad-number'],
    ['SentPackets', '1e3', 'bad-number'],
  ])('names the field at fault: %s of %s', (field, value, fault) => {
    expect(readRtcpReport(changed(recorded('RTCPSent'), field, value))).toEqual({ ok: false, fault, field });
  });

  it('never throws, whatever an event holds', () => {
    const names = recorded('RTCPReceived').headers.map(([name]) => name);
    const header = fc.tuple(fc.constantFrom(...names), fc.string());
    fc.assert(
      fc.property(fc.array(header), (headers) => {
        readRtcpReport({ headers: [['Event', 'RTCPReceived'], ...headers], wireBytes: 0 });
      }),
    );
  });

  it('does not believe the source that Asterisk prints for the sender of a report: it is NTP seconds', () => {
    const packets = readCapturedPackets('media-loss').filter((packet) => eventName(packet) === 'RTCPReceived');
    const sources = packets.map((packet) => {
      const result = readRtcpReport(packet);
      return result?.ok ? result.report.block?.sourceSsrc : undefined;
    });
    expect(sources).toEqual(packets.map(() => 0x6ce3_98eb));
  });

  it('reads what the far end has heard of our clock: it is the time that we sent, to the unit', () => {
    const sent = readRtcpReport(recorded('RTCPSent'));
    const echo = readCapturedPackets('media-loss').find(
      (packet) => eventName(packet) === 'RTCPReceived' && firstValue(packet, 'Report0LSR') !== '0',
    );
    const received = echo && readRtcpReport(echo);
    expect(received?.ok && received.report.block?.heard).toEqual({
      ntpUnits: sent?.ok ? sent.report.senderNtpUnits : undefined,
      delayMs: 2000,
    });
  });

  it('a report without a block, and any other event, are no fault', () => {
    const [silent] = readCapturedPackets('media-silent-start').filter((packet) => eventName(packet) === 'RTCPReceived');
    expect(silent && readRtcpReport(silent)).toMatchObject({
      ok: true,
      report: { direction: 'sent', block: undefined },
    });
    expect(readRtcpReport({ headers: [['Event', 'Hangup']], wireBytes: 0 })).toBeUndefined();
  });
});
