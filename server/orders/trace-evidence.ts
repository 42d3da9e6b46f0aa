import type { Verdict } from '../correlate/verdict.ts';
import { pathKey } from '../paths/path-key.ts';
import { judgeTrace, type TraceBody, type TraceJudgement } from './trace-judgement.ts';

/** A trace as it lies in the store. */
export type StoredTrace = { readonly pbx: string; readonly receivedAtEpochMs: number; readonly body: TraceBody };

/** A trace beside the verdict it was made for, judged. */
export type VerdictTrace = StoredTrace & { readonly judgement: TraceJudgement };

/** A trace takes half a minute and may wait in the probe's outbox: so long after a verdict's end it still belongs. */
export const TRACE_TAIL_MS = 120_000;

/**
 * The traces that belong to a verdict: those ordered for it and, where the order is not remembered (the hub has restarted
 * since), those over a path of its evidence.
 *
 * @param verdictOf - verdict of each remembered command.
 */
export function verdictTraces(
  { evidence, verdictId }: Verdict,
  stored: readonly StoredTrace[],
  verdictOf: ReadonlyMap<string, string>,
): readonly VerdictTrace[] {
  const paths = new Set(evidence.map((path) => path.pathKey));
  return stored.flatMap((trace) => {
    const { body, pbx } = trace;
    const ordered = body.commandId === undefined ? undefined : verdictOf.get(body.commandId);
    const isOfIt = ordered === undefined ? paths.has(pathKey(pbx, body.target)) : ordered === verdictId;
    return isOfIt ? [{ ...trace, judgement: judgeTrace(`${pbx} to ${body.target}`, body) }] : [];
  });
}
