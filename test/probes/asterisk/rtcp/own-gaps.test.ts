import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OwnGaps, settleBase, withoutOwnGaps } from '../../../../probes/asterisk/rtcp/own-gaps.ts';
import { foldSenderCount, momentHeardUnits } from '../../../../probes/asterisk/rtcp/sender-count.ts';
import type { StreamState } from '../../../../probes/asterisk/rtcp/stream-deltas.ts';

function stream(extendedHighest: number, senderPackets: number | undefined, sourceSsrc = 7): StreamState {
  return { sourceSsrc, extendedHighest, cumulativeLost: 0, reportedAtMs: 0, senderPackets, toldLost: 0 };
}

const figures = (expected: number, lost: number) => ({ intervalMs: 5000, expected, lost, isSilent: false });

function begun(): OwnGaps | undefined {
  return withoutOwnGaps(undefined, stream(1000, 400), undefined).gaps;
}

describe('withoutOwnGaps', () => {
  it('leaves the figures of a stream without holes alone', () => {
    expect(withoutOwnGaps(begun(), stream(1250, 650), figures(250, 25)).figures).toEqual(figures(250, 25));
  });

  it('takes holes of our own off expected and lost, five packets of slack apart', () => {
    expect(withoutOwnGaps(begun(), stream(1250, 610), figures(250, 50)).figures).toEqual(figures(215, 15));
  });

  it('takes off no more than was ever lost, and the rest of it later', () => {
    const first = withoutOwnGaps(begun(), stream(1250, 610), figures(250, 10));
    expect(first.figures).toEqual(figures(240, 0));
    expect(withoutOwnGaps(first.gaps, stream(1500, 860), figures(250, 30)).figures).toEqual(figures(225, 5));
  });

  it('says nothing where our count is not known, or of another source: a base comes first', () => {
    expect(withoutOwnGaps(begun(), stream(1250, undefined), figures(250, 50))).toEqual({});
    const other = withoutOwnGaps(begun(), stream(9000, 650, 8), figures(250, 50));
    expect(other.figures).toBeUndefined();
    expect(other.gaps).toMatchObject({
      sourceSsrc: 8,
      highest: 9000,
      advanced: 0,
      basePackets: 650,
      forgiven: 0,
      told: 0,
    });
  });

  it('leaves a silence alone: it is told by our own count already', () => {
    const silent = { ...figures(250, 250), isSilent: true };
    expect(withoutOwnGaps(begun(), stream(1000, 650), silent).figures).toEqual(silent);
  });

  it('a hole that shows an interval late makes that interval negative, not the sum', () => {
    const early = withoutOwnGaps(begun(), stream(1250, 645), figures(250, 40));
    expect(early.figures).toEqual(figures(250, 40));
    expect(withoutOwnGaps(early.gaps, stream(1500, 860), figures(250, 0)).figures).toEqual(figures(215, -35));
  });

  it('gives back what was taken off when our count turns out to have been late', () => {
    const late = withoutOwnGaps(begun(), stream(1250, 620), figures(250, 40));
    expect(late.figures).toEqual(figures(225, 15));
    expect(withoutOwnGaps(late.gaps, stream(1500, 900), figures(250, 0)).figures).toEqual(figures(275, 25));
  });

  it('counts from where our reports say the base was, not from where a guess put it', () => {
    const units = (ms: number): number => Math.round(ms * 65.536);
    const report = (packets: number, ms: number) => ({ senderPackets: packets, senderNtpUnits: units(ms) });
    const early = foldSenderCount(undefined, report(50, 5000), 5000, 0);
    // The media began late: 50 packets in 5 s said 10 a second, while they are 50 a second.
    const guessed = withoutOwnGaps(
      undefined,
      stream(1000, 90),
      undefined,
      momentHeardUnits({ ntpUnits: units(5000), delayMs: 4000 }),
    ).gaps;
    expect(settleBase(guessed, early)?.basePackets).toBe(90);
    const settled = settleBase(guessed, foldSenderCount(early, report(300, 10_000), 10_000, 0));
    expect(settled).toMatchObject({ basePackets: 250, baseMomentUnits: undefined });
    expect(withoutOwnGaps(settled, stream(1250, 450), figures(250, 50)).figures).toEqual(figures(205, 5));
  });

  it('goes on over a wrap whose cycle the far end did not count, and begins anew after a leap or a fall', () => {
    const late = withoutOwnGaps(undefined, stream(65_500, 400), undefined).gaps;
    const wrapped = withoutOwnGaps(late, stream(214, 610), figures(250, 50));
    expect(wrapped.figures).toEqual(figures(215, 15));
    for (const highest of [200_000, 10]) {
      const anew = withoutOwnGaps(wrapped.gaps, stream(highest, 860), undefined);
      expect(anew.gaps).toMatchObject({ highest, advanced: 0, basePackets: 860, forgiven: 0, told: 0 });
      expect(withoutOwnGaps(anew.gaps, stream(highest + 250, 1110), figures(250, 25)).figures).toEqual(
        figures(250, 25),
      );
    }
  });

  it('over a whole call all holes but the slack are taken off, whatever the intervals', () => {
    const interval = fc.record({ sent: fc.integer({ min: 0, max: 300 }), holes: fc.integer({ min: 0, max: 300 }) });
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 20 }), (intervals) => {
        let gaps = begun();
        let [highest, packets, told, all] = [1000, 400, 0, 0];
        for (const { sent, holes } of intervals) {
          highest += sent + holes;
          packets += sent;
          all += holes;
          const step = withoutOwnGaps(gaps, stream(highest, packets), figures(sent + holes, holes));
          gaps = step.gaps;
          told += step.figures?.lost ?? 0;
        }
        expect(told).toBe(Math.min(5, all));
      }),
    );
  });
});
