import { RttWindow } from '../rtt-quantiles.ts';
import { callOutcome, type EndedCall } from './call-outcome.ts';
import { MinuteSums } from './minute-sums.ts';

/** One call that has ended; times in milliseconds. */
export type CountedCall = EndedCall & { readonly pddMs: number | undefined; readonly talkMs: number | undefined };

/** A share of calls: `hits` of `of`. */
export type Share = { readonly hits: number; readonly of: number };

/** Figures of the calls of a window. */
export type CallPool = {
  readonly asr: Share;
  readonly ner: Share;
  readonly seer: Share;
  readonly isa: Share;
  readonly shortCalls: Share;
  /** Mean talk of answered calls with its standard error. */
  readonly acd: { readonly n: number; readonly meanS: number; readonly errorS: number } | undefined;
  readonly pdd: { readonly n: number; readonly p50Ms: number; readonly p95Ms: number } | undefined;
  /** Calls that a gap hides: in none of the shares. */
  readonly unknown: number;
  readonly abandoned: number;
  /** Branches of a forked dial that another one won: in none of the shares. */
  readonly elsewhere: number;
  /** Calls by the Q.850 cause of their end, most frequent first; those of which no cause was told are not in it. */
  readonly causes: readonly CauseCount[];
  readonly newestAtMs: number;
};

/** Calls that ended by one Q.850 cause. */
export type CauseCount = { readonly causeCode: number; readonly calls: number };

type Lane =
  | 'known'
  | 'answered'
  | 'effectiveSession'
  | 'redirected'
  | 'ineffective'
  | 'networkEffective'
  | 'abandoned'
  | 'unknown'
  | 'elsewhere'
  | 'talked'
  | 'talkS'
  | 'talkSquares'
  | 'short';

/** An answered call under this is short: an answering machine of the network, a wrong announcement, or fraud. */
export const SHORT_CALL_MS = 6000;

/** Calls of one (PBX, trunk, edge, class), one hour back. */
export class CallWindow {
  readonly #sums = new MinuteSums<Lane>();
  readonly #causes = new MinuteSums<string>();
  readonly #pdd = new RttWindow();

  /** Adds a call that ended at `atMs`, hub time. */
  add(atMs: number, call: CountedCall): void {
    const outcome = callOutcome(call);
    if (call.causeCode !== undefined) this.#causes.add(atMs, { [call.causeCode]: 1 });
    if (!outcome.isKnown) {
      this.#sums.add(atMs, { unknown: 1 });
      return;
    }
    if (outcome.isElsewhere) {
      this.#sums.add(atMs, { elsewhere: 1 });
      return;
    }
    const talkS = (call.talkMs ?? 0) / 1000;
    const hasTalk = outcome.isAnswered && call.talkMs !== undefined;
    this.#sums.add(atMs, {
      known: 1,
      ...(outcome.isAnswered && { answered: 1 }),
      ...(outcome.isEffectiveSession && { effectiveSession: 1 }),
      ...(outcome.isRedirected && { redirected: 1 }),
      ...(outcome.isIneffective && { ineffective: 1 }),
      ...(outcome.isNetworkEffective && { networkEffective: 1 }),
      ...(outcome.isAbandonedEarly && { abandoned: 1 }),
      ...(hasTalk && { talked: 1, talkS, talkSquares: talkS ** 2, short: talkS * 1000 < SHORT_CALL_MS ? 1 : 0 }),
    });
    if (call.pddMs !== undefined) this.#pdd.add(atMs, call.pddMs);
  }

  /** What ended since `sinceMs`; undefined where nothing did. */
  pool(sinceMs: number, nowMs: number): CallPool | undefined {
    const sum = (lane: Lane) => this.#sums.sum(lane, sinceMs);
    const known = sum('known');
    const unknown = sum('unknown');
    const elsewhere = sum('elsewhere');
    if (known + unknown + elsewhere === 0) return undefined;
    const notRedirected = known - sum('redirected');
    const talked = sum('talked');
    return {
      asr: { hits: sum('answered'), of: known },
      ner: { hits: sum('networkEffective'), of: known - sum('abandoned') },
      seer: { hits: sum('effectiveSession'), of: notRedirected },
      isa: { hits: sum('ineffective'), of: known },
      shortCalls: { hits: sum('short'), of: talked },
      acd: talked > 0 ? mean(talked, sum('talkS'), sum('talkSquares')) : undefined,
      pdd: this.#pdd.estimate(nowMs - sinceMs, nowMs),
      unknown,
      abandoned: sum('abandoned'),
      elsewhere,
      causes: [...this.#causes.sums(sinceMs)]
        .map(([code, calls]) => ({ causeCode: Number(code), calls }))
        .toSorted((a, b) => b.calls - a.calls || a.causeCode - b.causeCode),
      newestAtMs: this.#sums.newestAtMs,
    };
  }
}

function mean(n: number, sum: number, squares: number) {
  const meanS = sum / n;
  const variance = n > 1 ? Math.max(0, (squares - n * meanS ** 2) / (n - 1)) : 0;
  return { n, meanS, errorS: Math.sqrt(variance / n) };
}
