import type { Figure, FigureKind } from '../../../../wire/figures.ts';
import { wilsonInterval } from '../../wilson.ts';
import type { CallPool, Share } from '../call-window.ts';

const MEANING = {
  asr: 'answered calls of all calls (ITU-T E.425 ASR)',
  ner: 'calls that the network brought to their end: answered, busy, not answered, turned down (ITU-T E.425 NER)',
  seer: 'sessions answered or turned down by the called party, of all but redirected ones (RFC 6076 §4.7 SEER)',
  isa: 'calls that met 408, 500, 503 or 504 (RFC 6076 §4.8 ISA)',
  'short-calls': 'answered calls under 6 s of all answered ones',
} as const;

/** Figures of the calls of one trunk; a share without a call is not there. */
export function callFigures(pool: CallPool, windowMs: number): readonly Figure[] {
  const hidden = pool.unknown > 0 ? [`${pool.unknown} calls hidden by a gap in the events are in no share`] : [];
  const early = pool.abandoned > 0 ? [`${pool.abandoned} given up by the caller before it rang are left out`] : [];
  const forked =
    pool.elsewhere > 0 ? [`${pool.elsewhere} branches of forked dials that another one won are no attempts`] : [];
  const left = [...forked, ...hidden];
  const shared = { direction: 'none', windowMs, newestAtEpochMs: pool.newestAtMs } as const;
  const share = (kind: keyof typeof MEANING, { hits, of }: Share, notes: readonly string[]): readonly Figure[] => {
    if (of === 0) return [];
    const { highRatio, lowRatio } = wilsonInterval({ sent: of, lost: hits });
    const source = `${MEANING[kind]}, from the manager events of Asterisk`;
    return [
      {
        ...shared,
        kind,
        value: hits / of,
        unit: 'ratio',
        low: lowRatio,
        high: highRatio,
        n: of,
        sample: 'call',
        source,
        notes,
      },
    ];
  };
  return [
    ...share('asr', pool.asr, left),
    ...share('ner', pool.ner, [...early, ...left]),
    ...share('seer', pool.seer, left),
    ...share('isa', pool.isa, left),
    ...share('short-calls', pool.shortCalls, hidden),
    ...talk(pool, shared),
    ...postDial(pool, shared),
  ];
}

type Shared = Pick<Figure, 'direction' | 'windowMs' | 'newestAtEpochMs'>;

function talk({ acd }: CallPool, shared: Shared): readonly Figure[] {
  if (!acd) return [];
  const bounds =
    acd.n > 1 ? { low: Math.max(0, acd.meanS - 1.96 * acd.errorS), high: acd.meanS + 1.96 * acd.errorS } : {};
  const kind: FigureKind = 'acd';
  const source = 'mean talk of answered calls, answer to end, from the manager events of Asterisk';
  const notes = acd.n > 1 ? ['interval of the mean, two standard errors'] : ['one call: no interval'];
  return [
    { ...shared, kind, value: acd.meanS, unit: 'seconds', ...bounds, n: acd.n, sample: 'answered call', source, notes },
  ];
}

function postDial({ pdd }: CallPool, shared: Shared): readonly Figure[] {
  if (!pdd) return [];
  const source = 'median from the provider channel to its first ringing, progress or answer';
  const notes = [`95 of 100 under ${Math.round(pdd.p95Ms)} ms`, 'the last 128 calls at most'];
  return [{ ...shared, kind: 'pdd', value: pdd.p50Ms, unit: 'milliseconds', n: pdd.n, sample: 'call', source, notes }];
}
