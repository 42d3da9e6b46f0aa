import type { EventBody } from '../../wire/probe-frames.ts';
import { wilsonInterval } from '../paths/wilson.ts';

/** A trace as a probe reports it. */
export type TraceBody = Extract<EventBody, { readonly kind: 'trace' }>;

type Hop = TraceBody['hops'][number];
type AnsweringHop = Hop & { readonly address: string };

/** Packets of one or several hops. */
export type TraceCount = { readonly sent: number; readonly lost: number };

/**
 * What a trace says. `blamed`: loss begins between `afterHop` (absent: at this host) and `fromHop` and lasts to the target.
 * `unplaced`: the target loses, and the counts are too small to say from where. `not-reached`: the target never answered, so
 * nothing lasts to the end. `no-loss`: no loss at the target beyond chance. `failed`: no trace was made.
 */
export type TraceJudgement = {
  readonly kind: 'blamed' | 'unplaced' | 'no-loss' | 'not-reached' | 'failed';
  readonly afterHop: number | undefined;
  readonly fromHop: number | undefined;
  /** Hops that answer part of what they are asked and pass the rest on: they limit their replies and lose nothing. */
  readonly rateLimitedHops: readonly number[];
  /** One plain sentence with its numbers. */
  readonly sentence: string;
};

/** A hop loses when its interval lies above this: with 30 packets, four of them. */
const CHANCE_RATIO = 0.05;

/**
 * Judges one trace. Routers make their own replies slowly and by quota, so what a hop answers says little of what it
 * forwards: loss at a hop counts only when every later hop that answers, the target included, loses at least about as much
 * (no Wilson interval that lies below its own). Where it begins is said only when the hops before lose clearly less.
 *
 * @param way - `PBX to TARGET`, the head of the sentence.
 * @see {@link wilsonInterval} for the intervals (95 %).
 */
export function judgeTrace(way: string, { fault, hops, isReached }: TraceBody): TraceJudgement {
  const head = `trace from ${way}`;
  if (fault !== undefined) return plain('failed', `${head} was not made: ${fault}`);
  const answering = hops.filter((hop): hop is AnsweringHop => hop.address !== undefined && hop.sent > 0);
  const end = answering.at(-1);
  const limited = answering.filter((hop, at) => isLossy(hop) && answering.slice(at + 1).some(isClearlyBelow(hop)));
  const rateLimitedHops = limited.map(({ hop }) => hop);
  const aside = limited.length === 0 ? '' : `; ${limited.map(said).join(', ')}: limits its replies, not to blame`;
  if (!end || isReached !== true) {
    const last = end ? `${place(end)} is the last that did` : 'no hop did';
    const sentence = `${head}: the target did not answer, ${last}; no hop is blamed${aside}`;
    return { ...plain('not-reached', sentence), rateLimitedHops };
  }
  const whole = `${end.lost} of ${end.sent} lost at the target, hop ${end.hop}`;
  if (!isLossy(end)) {
    const verdict = end.lost === 0 ? '' : ', no more than chance';
    return { ...plain('no-loss', `${head}: ${whole}${verdict}${aside}`), rateLimitedHops };
  }
  const from = answering.findIndex((hop, at) => isLossy(hop) && answering.slice(at).every(lastsFrom(hop)));
  const first = answering[from] ?? end;
  const before = answering.slice(0, from).filter(({ hop }) => !rateLimitedHops.includes(hop));
  const inside = total(answering.slice(from));
  const outside = total(before);
  const isPlaced = before.length === 0 || isClearlyBelow(inside)(outside);
  if (!isPlaced) {
    const sentence = `${head}: ${whole}, too few to say where they are lost (${counts(outside)} before hop ${first.hop})${aside}`;
    return { ...plain('unplaced', sentence), rateLimitedHops };
  }
  const previous = before.at(-1);
  const where = previous ? `between ${place(previous)} and ${place(first)}` : `at or before ${place(first)}`;
  const compared = previous ? ` against ${counts(outside)} before` : '';
  const doubt = first === end ? '; the target itself may limit its replies' : '';
  const sentence = `${head}: loss begins ${where} and lasts to the target, ${counts(inside)} from there on${compared}${doubt}${aside}`;
  return { kind: 'blamed', afterHop: previous?.hop, fromHop: first.hop, rateLimitedHops, sentence };
}

function plain(kind: TraceJudgement['kind'], sentence: string): TraceJudgement {
  return { kind, afterHop: undefined, fromHop: undefined, rateLimitedHops: [], sentence };
}

function isLossy(count: TraceCount): boolean {
  return wilsonInterval(count).lowRatio > CHANCE_RATIO;
}

/** True of counts whose whole interval lies below that of `loss`. */
function isClearlyBelow(loss: TraceCount): (count: TraceCount) => boolean {
  const { lowRatio } = wilsonInterval(loss);
  return (count) => count.sent > 0 && wilsonInterval(count).highRatio < lowRatio;
}

function lastsFrom(loss: TraceCount): (count: TraceCount) => boolean {
  const isBelow = isClearlyBelow(loss);
  return (count) => isLossy(count) && !isBelow(count);
}

function total(hops: readonly TraceCount[]): TraceCount {
  return {
    sent: hops.reduce((sum, { sent }) => sum + sent, 0),
    lost: hops.reduce((sum, { lost }) => sum + lost, 0),
  };
}

function counts({ lost, sent }: TraceCount): string {
  return `${lost} of ${sent}`;
}

function place({ address, hop }: AnsweringHop): string {
  return `hop ${hop} (${address})`;
}

function said(hop: AnsweringHop): string {
  return `${place(hop)} left ${counts(hop)} unanswered`;
}
