/** RTP clock rates of Asterisk's audio formats, in Hz. G.722 samples at 16 kHz and counts at 8 kHz in RTP. */
const CLOCK_RATES_HZ: Readonly<Record<string, number>> = {
  ulaw: 8000,
  alaw: 8000,
  gsm: 8000,
  g722: 8000,
  g723: 8000,
  g726: 8000,
  g726aal2: 8000,
  g729: 8000,
  ilbc: 8000,
  lpc10: 8000,
  adpcm: 8000,
  speex: 8000,
  speex16: 16_000,
  speex32: 32_000,
  siren7: 16_000,
  siren14: 32_000,
  g719: 48_000,
  slin: 8000,
  slin16: 16_000,
  slin24: 24_000,
  slin32: 32_000,
  slin44: 44_100,
  slin48: 48_000,
  silk8: 8000,
  silk12: 12_000,
  silk16: 16_000,
  silk24: 24_000,
  codec2: 8000,
  opus: 48_000,
};

/**
 * Clock that RTP timestamps and jitter of a format count in, Hz.
 *
 * @returns undefined for a format whose clock is not known: its jitter stays untold.
 * @see RFC 3551 §4.5.2 (G.722), table 4; RFC 7587 §4.1 (Opus)
 */
export function clockRateHz(codec: string): number | undefined {
  return Object.hasOwn(CLOCK_RATES_HZ, codec) ? CLOCK_RATES_HZ[codec] : undefined;
}

/**
 * The audio format out of a channel's native formats as AMI prints them: `(ulaw)`, `(ulaw|h264)`.
 *
 * @returns undefined where none, or more than one of audio, stands there.
 */
export function audioCodec(nativeFormats: string): string | undefined {
  const names = nativeFormats
    .replaceAll(/[()\s]/g, '')
    .toLowerCase()
    .split('|');
  const audio = names.filter((name) => Object.hasOwn(CLOCK_RATES_HZ, name));
  return audio.length === 1 ? audio[0] : undefined;
}
