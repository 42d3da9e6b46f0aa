import type { CallReader, LedgerCall } from '../../../server/routing/call-ledger.ts';

/** One call that ended then; effective and answered unless told otherwise. */
export function call(atMs: number, parts: Partial<LedgerCall> = {}): LedgerCall {
  return { atMs, isEffective: true, isAnswered: true, pddMs: 1500, ...parts };
}

/** A call that failed in the network. */
export function failed(atMs: number): LedgerCall {
  return call(atMs, { isEffective: false, isAnswered: false, pddMs: undefined });
}

/** So many calls, one each second, the last at `endMs`: each a failure where `isFailed` says so of its number from 0. */
export function series(count: number, endMs: number, isFailed: (at: number) => boolean = () => false): LedgerCall[] {
  return Array.from({ length: count }, (_, at) => {
    const atMs = endMs - (count - 1 - at) * 1000;
    return isFailed(at) ? failed(atMs) : call(atMs);
  });
}

/** A reader of calls by trunk, the same for every PBX and class. */
export function reader(byTrunk: Readonly<Record<string, readonly LedgerCall[]>>): CallReader {
  const all = Object.values(byTrunk).flat();
  return {
    recent: (_pbx, trunk) => byTrunk[trunk] ?? [],
    latestAtMs: () => (all.length === 0 ? undefined : Math.max(...all.map(({ atMs }) => atMs))),
  };
}
