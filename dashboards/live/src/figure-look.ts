import type { Figure, FigureKind, NoData } from '../../../wire/figures.ts';
import { formatCount, formatMs, formatPercent, formatWindow } from './format.ts';

const NAMES: Readonly<Record<FigureKind, string>> = {
  'sip-loss': 'SIP OPTIONS loss',
  'sip-rtt': 'SIP round trip',
  'icmp-loss': 'ICMP loss',
  'icmp-rtt': 'ICMP round trip',
  'mesh-loss': 'RTP mesh loss',
  'mesh-jitter': 'RTP mesh jitter',
  'mesh-delay-variation': 'RTP mesh delay variation',
  'mesh-rtt': 'RTP mesh round trip',
  'mesh-one-way-delay': 'One-way delay',
  'mesh-reordered': 'RTP mesh, out of order',
  'mesh-duplicates': 'RTP mesh, come twice',
  'name-addresses': 'Addresses of its name',
  'call-loss': 'Loss of calls',
  'call-jitter': 'Jitter of calls',
  'test-call-answered': 'Test calls answered',
  'test-call-media': 'Test calls with media',
  'test-call-copies': 'Test calls, requests sent again',
  'test-call-loss': 'Loss of test calls',
  'test-call-jitter': 'Jitter of test calls',
  'test-call-reordered': 'Test calls, out of order',
  'test-call-duplicates': 'Test calls, come twice',
  'test-call-pdd': 'Post-dial delay of test calls',
  'qualify-loss': 'Loss by qualify tail',
  'mos-nb': 'MOS, narrow band',
  'mos-wb': 'MOS, wide band',
  asr: 'Answered (ASR)',
  ner: 'Network effective (NER)',
  seer: 'Session effective (SEER)',
  isa: 'Ineffective (ISA)',
  pdd: 'Post-dial delay',
  acd: 'Mean talk (ACD)',
  'short-calls': 'Short calls',
  'line-rate': 'Line rate',
  'certificate-days': 'Certificate valid for',
  registration: 'Registration',
  'clock-offset': 'Clock offset',
  'interface-drops': 'Interface drops',
  'asterisk-says': 'Asterisk says (MES)',
};

const DIRECTIONS: Readonly<Record<Figure['direction'], string>> = {
  forward: 'to there',
  reverse: 'to here',
  'round-trip': 'there and back',
  none: '',
};

const MISSING: Readonly<Record<NoData['what'], string>> = {
  mesh: 'RTP mesh',
  line: 'Line rate',
  name: 'Addresses of its name',
};

/** What is missing and why, in one sentence without its full stop. */
export function noDataText({ because, direction, what }: NoData): string {
  const known: string | undefined = MISSING[what];
  const way = DIRECTIONS[direction];
  return `${known ?? what}${way ? `, ${way}` : ''}: no data because ${because}`;
}

/** Name of a figure with its direction; a kind that this page does not know (a newer hub) keeps its own. */
export function figureName({ direction, kind }: Figure): string {
  const known: string | undefined = NAMES[kind];
  const way = DIRECTIONS[direction];
  return way ? `${known ?? kind}, ${way}` : (known ?? kind);
}

/** A value in the unit of its figure. */
export function figureValue(value: number, unit: Figure['unit']): string {
  if (!Number.isFinite(value)) return '?';
  switch (unit) {
    case 'ratio':
      return formatPercent(value);
    case 'milliseconds':
      return formatMs(value);
    case 'seconds':
      return formatMs(value * 1000);
    case 'mos':
      return value.toFixed(2);
    case 'days':
      return `${value.toFixed(1)} days`;
    case 'bits-per-second':
      return value >= 1e6 ? `${(value / 1e6).toFixed(1)} Mbit/s` : `${Math.round(value / 1e3)} kbit/s`;
    case 'state':
      return value === 1 ? 'yes' : 'no';
    case 'score':
    case 'count':
      return formatCount(Math.round(value * 10) / 10);
    default:
      return unit satisfies never;
  }
}

/** What a figure stands on, line by line: n, window, interval, source, notes. */
export function figureGround(figure: Figure): readonly string[] {
  const { high, low, n, notes, sample, source, unit, windowMs } = figure;
  const window = windowMs > 0 ? ` in ${formatWindow(windowMs)}` : '';
  const interval =
    low === undefined || high === undefined
      ? 'No interval can be stated.'
      : `Interval ${figureValue(low, unit)} to ${figureValue(high, unit)}.`;
  return [
    `n = ${formatCount(n)} (${sample})${window}.`,
    interval,
    `Source: ${source}.`,
    ...notes.map((note) => `${note}.`),
  ];
}
