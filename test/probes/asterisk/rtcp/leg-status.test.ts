import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legStatusAction, readLegStatus } from '../../../../probes/asterisk/rtcp/leg-status.ts';
import { readCapturedPackets } from '../../../support/ami-capture.ts';

describe('readLegStatus', () => {
  it('reads the counts, the sources and the codec of a real leg', () => {
    expect(readCapturedPackets('status-answered').flatMap((packet) => readLegStatus(packet) ?? [])).toEqual([
      {
        uniqueId: 'lab-1795512690.2',
        codec: 'ulaw',
        receivedPackets: 264,
        sentPackets: 264,
        theirSsrc: 1_391_484_867,
        ourSsrc: 1_794_360_063,
        isDirectMedia: false,
      },
    ]);
  });

  it('knows direct media by the address that media goes to', () => {
    const legs = readCapturedPackets('status-direct-media').flatMap((packet) => readLegStatus(packet) ?? []);
    expect(legs.map(({ isDirectMedia, receivedPackets }) => [isDirectMedia, receivedPackets])).toEqual([
      [true, 0],
      [true, 0],
    ]);
  });

  it('whatever stands in its fields, it never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (formats, variable) => {
        const headers = [
          ['Event', 'Status'],
          ['Uniqueid', '1.1'],
          ['Nativeformats', formats],
          ['Variable', `CHANNEL(rtcp,all)=${variable}`],
        ] as const;
        expect(readLegStatus({ headers, wireBytes: 0 })?.uniqueId).toBe('1.1');
      }),
    );
  });

  it('asks with one action for one channel', () => {
    expect(legStatusAction('PJSIP/a-00000001').fields).toEqual([
      ['Channel', 'PJSIP/a-00000001'],
      ['Variables', 'CHANNEL(rtcp,all),CHANNEL(rtp,direct)'],
    ]);
  });
});
