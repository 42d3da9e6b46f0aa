import type { CallReader, LedgerCall } from './call-ledger.ts';
import type { MosLook } from './call-standing.ts';

/** The calls of one PBX as one planning asks for them; what several classes ask alike is worked out once. */
export type PbxCalls = {
  readonly recent: (trunk: string, className: string) => readonly LedgerCall[];
  readonly latestAtMs: (className: string) => number | undefined;
  /** MOS since that time; undefined where too little was told. */
  readonly mosSince: (trunk: string, sinceMs: number) => MosLook | undefined;
};

/** Reads the calls of one PBX at one time. */
export function pbxCalls(calls: CallReader, pbx: string, nowMs: number): PbxCalls {
  const latest = new Map<string, { readonly sinceMs: number; readonly look: MosLook | undefined }>();
  const mosSince = (trunk: string, sinceMs: number): MosLook | undefined => {
    if (!calls.mosSince) return undefined;
    const known = latest.get(trunk);
    if (known?.sinceMs === sinceMs) return known.look;
    const look = calls.mosSince(pbx, trunk, sinceMs, nowMs);
    latest.set(trunk, { sinceMs, look });
    return look;
  };
  return {
    recent: (trunk, className) => calls.recent(pbx, trunk, className),
    latestAtMs: (className) => calls.latestAtMs(pbx, className),
    mosSince,
  };
}
