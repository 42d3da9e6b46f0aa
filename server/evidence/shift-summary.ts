import type { KeptVerdict } from './kept-verdict.ts';
import { symptomText } from './plain-words.ts';

/** What the other sentences of a summary say. */
export type ShiftWords = {
  readonly where: string;
  readonly opened: string;
  readonly ended: string;
  readonly sureness: readonly string[];
  readonly beginning: string;
  readonly cost: readonly string[];
  readonly request: readonly string[];
};

type KeptShift = NonNullable<KeptVerdict['shifts']>[number];

/** Figures that are told one by one; all are in the evidence of the verdict. */
const MAX_TOLD = 5;

const WHAT: Readonly<Record<string, string>> = {
  'options-rtt': 'a test message (SIP OPTIONS) and its answer took',
  'mesh-rtt': 'an RTP packet of our own and its answer took',
  'icmp-rtt': 'an ICMP echo and its answer took',
  jitter: 'jitter of the speech packets was',
  'delay-variation': 'delay of the speech packets varied by',
  mos: 'reckoned speech quality (MOS) was',
};

/** The summary of a verdict on latency or media: what is worse than usual, by how much, for somebody who knows no term of ours. */
export function shiftSummary(kept: KeptVerdict, words: ShiftWords): { headline: string; sentences: string[] } {
  const { cost, ended, opened, request, sureness, where } = words;
  const worse = (kept.shifts ?? []).filter(({ isShifted }) => isShifted);
  const ways = new Set(worse.map(({ pathKey }) => pathKey)).size;
  const told = worse.slice(0, MAX_TOLD).map(sayOne);
  const figures = [
    `Every way is compared with itself, as it usually is; ${ways} ${ways === 1 ? 'way is' : 'ways are'} worse than usual beyond what chance explains.`,
    ...told,
    ...(worse.length > MAX_TOLD ? [`${worse.length - MAX_TOLD} further figures show the same.`] : []),
  ];
  if (kept.place.kind === 'none') {
    const why =
      'Every way that is measured is worse at once. Then the measuring itself, or something that all sites share, comes first; no provider and no site is accused.';
    return {
      headline: `${symptomText(kept.symptom)} everywhere, since ${opened}: nobody is accused`,
      sentences: [why, ...figures, ended === '' ? 'It is going on.' : `It is over${ended}.`, ...cost],
    };
  }
  const word = kept.certainty === 'named' ? '' : kept.certainty === 'ambiguous' ? ' (one of these)' : ' (suspected)';
  const direction =
    kept.direction === 'unknown'
      ? 'Direction: unknown; a message and its answer are a round trip.'
      : `Direction: ${kept.direction === 'both' ? 'both ways' : `on the way ${kept.direction} ${where}`}, as told by what is measured one way.`;
  return {
    headline: `${symptomText(kept.symptom)} at ${where}${word}, since ${opened}`,
    sentences: [
      ...figures,
      ...sureness,
      words.beginning,
      direction,
      ...cost,
      'What this is not: it says nothing of the cause, and it is no statement on ways or times that were not measured.',
      ...request,
    ],
  };
}

function sayOne({ codec, direction, high, low, n, now, pathKey, unit, usual, what }: KeptShift): string {
  const digits = unit === 'mos' ? 2 : 1;
  const shown = (value: number) => `${value.toFixed(digits)}${unit === 'mos' ? '' : ' ms'}`;
  const [pbx = '', target = ''] = pathKey.split('>');
  const way =
    direction === 'forward'
      ? `From ${pbx} to ${target}`
      : direction === 'reverse'
        ? `From ${target} to ${pbx}`
        : `Between ${pbx} and ${target}`;
  const spoken = codec === undefined ? '' : ` (codec ${codec})`;
  return `${way}${spoken} ${WHAT[what] ?? `${what} was`} ${shown(now)} (median of ${n}, 95 % between ${shown(low)} and ${shown(high)}); usually ${shown(usual)}.`;
}
