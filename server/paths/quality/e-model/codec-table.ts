/** Where the impairment values of a codec come from. `none`: nobody has published any, so there is no MOS. */
export type IeSource = 'g113' | 'none';

/** What is known of a codec. `sayHow` is shown beside every MOS. */
export type CodecGround =
  | {
      readonly scale: 'narrow-band' | 'wide-band';
      readonly ieSource: 'g113';
      readonly ie: number;
      readonly bpl: number;
      readonly sayHow: string;
    }
  | { readonly scale: 'none'; readonly ieSource: 'none'; readonly sayHow: string };

const G711: CodecGround = {
  scale: 'narrow-band',
  ieSource: 'g113',
  ie: 0,
  bpl: 25.1,
  sayHow: 'G.711 with loss concealment after its appendix I: Ie 0, Bpl 25.1 (ITU-T G.113 appendix I)',
};

const AMR_WB: CodecGround = {
  scale: 'wide-band',
  ieSource: 'g113',
  ie: 20,
  bpl: 4.3,
  sayHow:
    'AMR-WB, its mode not told and taken as 12.65 kbit/s; heard with both ears: Ie,wb 20, Bpl 4.3 (ITU-T G.113; none is published for one ear)',
};

const GROUNDS: ReadonlyMap<string, CodecGround> = new Map<string, CodecGround>([
  ['ulaw', G711],
  ['alaw', G711],
  ['pcmu', G711],
  ['pcma', G711],
  [
    'g729',
    {
      scale: 'narrow-band',
      ieSource: 'g113',
      ie: 11,
      bpl: 19,
      sayHow: 'G.729A with VAD, two frames a packet: Ie 11, Bpl 19 (ITU-T G.113 appendix I)',
    },
  ],
  [
    'g723',
    {
      scale: 'narrow-band',
      ieSource: 'g113',
      ie: 15,
      bpl: 16.1,
      sayHow: 'G.723.1 at 6.3 kbit/s with VAD: Ie 15, Bpl 16.1 (ITU-T G.113 appendix I)',
    },
  ],
  [
    'gsm-efr',
    {
      scale: 'narrow-band',
      ieSource: 'g113',
      ie: 5,
      bpl: 10,
      sayHow: 'GSM enhanced full rate: Ie 5, Bpl 10 (ITU-T G.113 appendix I)',
    },
  ],
  ['amr-wb', AMR_WB],
  ['amrwb', AMR_WB],
]);

const UNGROUNDED: ReadonlyMap<string, string> = new Map([
  ['g722', 'G.722 has a wide-band Ie of 13 but no verified Bpl: no MOS under loss'],
  ['opus', 'ITU-T has published no Ie for Opus: no MOS'],
  ['gsm', 'GSM full rate is not in the table that was checked: no MOS'],
]);

/**
 * The ground for a MOS of this codec, or why there is none.
 *
 * @param codec - Asterisk's name, lower case; `undefined` where it is unknown.
 * @see ITU-T G.113 appendix I (09/2024).
 */
export function codecGround(codec: string | undefined): CodecGround {
  if (codec === undefined) return { scale: 'none', ieSource: 'none', sayHow: 'the codec is unknown: no MOS' };
  const known = GROUNDS.get(codec);
  if (known) return known;
  const sayHow = UNGROUNDED.get(codec) ?? `no published Ie and Bpl are known for ${codec}: no MOS`;
  return { scale: 'none', ieSource: 'none', sayHow };
}
