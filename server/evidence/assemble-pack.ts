import { counted } from './counted.ts';
import { PACK_FORMAT, type PackCall, type PackTrace, type UnsealedPack } from './evidence-pack.ts';
import { packVerdict } from './kept-verdict.ts';
import { maskCallName, maskNumbers } from './number-mask.ts';
import { mediaRoles, packDirections } from './pack-directions.ts';
import { type CallInput, listedPaths, type PackInput, type TraceInput } from './pack-input.ts';
import { packLooks } from './pack-looks.ts';
import { PACK_METHOD } from './pack-method.ts';
import { packMissing } from './pack-missing.ts';
import { firstLossMs, packSeries, pooledSpans } from './pack-series.ts';
import { packSummary } from './pack-summary.ts';
import { OWN_WORDS, packTimeline } from './pack-timeline.ts';

/** Makes the evidence of a verdict out of what the store holds of it; says itself what is not there. */
export function assemblePack(input: PackInput): UnsealedPack {
  const { contexts, madeAtEpochMs, numbers, rollups, softwareVersion, timeZone, verdict: kept } = input;
  const hide = numbers === 'masked' ? maskNumbers : (text: string) => text;
  const paths = listedPaths(contexts);
  const roles = new Map([...paths.values()].map(({ pathKey, role }) => [pathKey, role]));
  const time = { openedAtEpochMs: kept.openedAtMs, endEpochMs: kept.clearedAtMs ?? madeAtEpochMs };
  const looks = packLooks(contexts);
  const series = packSeries(rollups, { roles, fromMs: input.followedFrom }, time);
  const firstLossAtEpochMs = kept.symptom === 'loss' ? firstLossMs(series, kept.openedAtMs) : undefined;
  const verdict = packVerdict(kept, firstLossAtEpochMs);
  const directions = packDirections(input.media, mediaRoles(paths.values()), time);
  const unlisted = Math.max(
    0,
    ...looks.map(({ inside, outside, paths: listed }) => inside.paths + outside.paths - listed.length),
  );
  const hasControl = looks.some(({ outside }) => outside.sent > 0);
  const timeline = packTimeline(kept, input.snapshots, paths, input.journal, firstLossAtEpochMs);
  return {
    format: PACK_FORMAT,
    softwareVersion,
    madeAtEpochMs,
    numbers,
    ...(timeZone !== undefined && { timeZone }),
    verdict,
    summary: packSummary({ kept, verdict, looks, timeZone }),
    timeline: timeline.map((event) =>
      OWN_WORDS.has(event.kind) ? event : { ...event, sentence: hide(event.sentence) },
    ),
    looks: [...looks],
    pooled: {
      inside: [...pooledSpans(series, 'inside')],
      control: [...pooledSpans(series, 'control')],
    },
    series: [...series],
    directions: [...directions],
    traces: input.traces.map((trace) => packTrace(trace, hide)),
    calls: input.calls.map((call) => packCall(call, numbers === 'masked')),
    method: PACK_METHOD.map((part) => ({ ...part })),
    missing: [...packMissing(input, { series, directions, time, hasControl, unlisted })],
  };
}

function packTrace({ body, judgement, pbx, receivedAtEpochMs }: TraceInput, hide: (text: string) => string): PackTrace {
  return {
    atEpochMs: receivedAtEpochMs,
    pbx,
    target: body.target,
    judgement: judgement.kind,
    sentence: hide(judgement.sentence),
    hops: body.hops.map(({ address, averageMs, bestMs, hop, lost, sent, worstMs }) => ({
      hop,
      ...(address !== undefined && { address }),
      ...counted({ sent, lost }),
      ...(bestMs !== undefined && { bestMs }),
      ...(averageMs !== undefined && { averageMs }),
      ...(worstMs !== undefined && { worstMs }),
    })),
  };
}

function packCall(call: CallInput, isMasked: boolean): PackCall {
  const { linkedId, uniqueId, ...rest } = call;
  const name = isMasked ? maskCallName : (text: string) => text;
  return { ...rest, linkedId: name(linkedId), uniqueId: name(uniqueId) };
}
