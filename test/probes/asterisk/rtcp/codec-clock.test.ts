import { describe, expect, it } from 'vitest';
import { audioCodec, clockRateHz } from '../../../../probes/asterisk/rtcp/codec-clock.ts';

describe('clockRateHz', () => {
  it.each([
    ['ulaw', 8000],
    ['g722', 8000],
    ['opus', 48_000],
    ['slin16', 16_000],
    ['wideband-of-tomorrow', undefined],
    ['constructor', undefined],
  ])('%s counts at %s Hz (RFC 3551 §4.5, RFC 7587 §4.1)', (codec, expected) => {
    expect(clockRateHz(codec)).toBe(expected);
  });
});

describe('audioCodec', () => {
  it.each([
    ['(ulaw)', 'ulaw'],
    ['(opus|h264)', 'opus'],
    ['(ulaw|alaw)', undefined],
    ['(nothing)', undefined],
    ['', undefined],
  ])('of native formats %j is %s', (formats, expected) => {
    expect(audioCodec(formats)).toBe(expected);
  });
});
