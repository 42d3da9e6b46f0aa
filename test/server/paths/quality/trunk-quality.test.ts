import { describe, expect, it } from 'vitest';
import { TrunkQuality } from '../../../../server/paths/quality/trunk-quality.ts';
import type { RtpCallMeasurement } from '../../../../wire/rtp-measurement.ts';

const NOW = 10 * 3_600_000;
const WINDOW_MS = 300_000;
const MEDIA: RtpCallMeasurement = {
  kind: 'rtp-call',
  trunk: 'a',
  leg: 1,
  direction: 'received',
  observedAtMs: 0,
  intervalMs: 5000,
  expected: 250,
  lost: 0,
  isFinal: false,
  source: 'rtcp',
};

function lossOf(trunk: TrunkQuality) {
  return trunk.figures(WINDOW_MS, NOW).filter(({ kind }) => kind === 'call-loss');
}

describe('TrunkQuality', () => {
  it('keeps directions and codecs apart', () => {
    const trunk = new TrunkQuality();
    trunk.addMedia({ ...MEDIA, codec: 'ulaw', lost: 25 }, NOW);
    trunk.addMedia({ ...MEDIA, codec: 'opus' }, NOW);
    trunk.addMedia({ ...MEDIA, codec: 'ulaw', direction: 'sent', lost: 50 }, NOW);
    expect(lossOf(trunk).map(({ direction, value }) => [direction, value])).toEqual([
      ['reverse', 0.1],
      ['reverse', 0],
      ['forward', 0.2],
    ]);
  });

  it('sums losses that the far end reports with their sign: duplicates make up for losses', () => {
    const trunk = new TrunkQuality();
    for (const lost of [10, -4, 4]) trunk.addMedia({ ...MEDIA, direction: 'sent', lost }, NOW);
    expect(lossOf(trunk)).toMatchObject([{ value: 10 / 750, n: 750 }]);
  });

  it('a silent receiver is all lost, and is said', () => {
    const trunk = new TrunkQuality();
    trunk.addMedia({ ...MEDIA, direction: 'sent', lost: 250, isSilentReceiver: true }, NOW);
    const [loss] = lossOf(trunk);
    expect(loss?.value).toBe(1);
    expect(loss?.notes).toContain('1 intervals in which the far end heard nothing');
  });

  it('calls whose media gave no figures are said beside the others, and are no loss (rule 2)', () => {
    const trunk = new TrunkQuality();
    const blind = { kind: 'rtp-call-blind', trunk: 'a', leg: 2, observedAtMs: 0 } as const;
    trunk.addBlind({ ...blind, because: 'direct-media' }, NOW);
    expect(trunk.figures(WINDOW_MS, NOW)).toEqual([]);
    trunk.addMedia(MEDIA, NOW);
    expect(lossOf(trunk)[0]).toMatchObject({ value: 0, n: 250 });
    expect(lossOf(trunk)[0]?.notes).toContain('1 calls gave no figures (direct-media)');
  });

  it('names a bounded number of codecs; of further ones packets count without a name', () => {
    const trunk = new TrunkQuality();
    for (let index = 0; index < 100; index += 1) trunk.addMedia({ ...MEDIA, codec: `codec-${index}` }, NOW);
    const loss = lossOf(trunk);
    expect(loss).toHaveLength(17);
    expect(loss.reduce((sum, { n }) => sum + n, 0)).toBe(25_000);
  });

  it('shows what Asterisk says only beside media, and as no MOS', () => {
    const trunk = new TrunkQuality();
    trunk.addMedia({ ...MEDIA, asteriskMes: 84 }, NOW);
    const says = trunk.figures(WINDOW_MS, NOW).find(({ kind }) => kind === 'asterisk-says');
    expect(says).toMatchObject({ value: 84, unit: 'score' });
    expect(says?.notes.join()).toContain('not used for anything');
  });

  it('estimates loss from the tail of qualify, and says nothing under ten samples', () => {
    const trunk = new TrunkQuality();
    const told = {
      kind: 'qualify',
      trunk: 'a',
      observedAtMs: 0,
      status: 'reachable',
      frequencyS: 15,
      timeoutS: 3,
    } as const;
    for (let index = 0; index < 9; index += 1) trunk.addQualify({ ...told, rttMs: 20 }, NOW - 100_000 + index);
    expect(trunk.figures(WINDOW_MS, NOW)).toEqual([]);
    trunk.addQualify({ ...told, rttMs: 520 }, NOW);
    expect(trunk.figures(WINDOW_MS, NOW)).toMatchObject([{ kind: 'qualify-loss', value: 1 / 11, n: 11 }]);
  });

  it('shows a registration that does not stand as 0 with its state', () => {
    const trunk = new TrunkQuality();
    trunk.addRegistration({ kind: 'registration', trunk: 'a', observedAtMs: 0, state: 'rejected' }, NOW);
    expect(trunk.figures(WINDOW_MS, NOW)).toMatchObject([{ kind: 'registration', value: 0, notes: ['rejected'] }]);
  });
});
