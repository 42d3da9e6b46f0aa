import { Compile } from 'typebox/compile';
import { type SchemaFault, shownPath } from '../../wire/schema-faults.ts';
import { counted, spreadCounted, spreadSum, summed } from './counted.ts';
import { type Counted, EvidencePack, type PackDirection } from './evidence-pack.ts';
import { pooledSpans, wholeSpans } from './pack-series.ts';
import { manifestOf, type Sha256 } from './seal-pack.ts';
import { costFaults } from './verify-cost.ts';

/** What a verification looked at. */
export type Verification = {
  readonly faults: readonly SchemaFault[];
  /** Intervals and sums that were worked out anew, and digests that were. */
  readonly figures: number;
  readonly digests: number;
};

const validator = Compile(EvidencePack);
/** Rounding of the last places when the same formula runs on another machine. */
const TOLERANCE = 1e-9;
const MINUTE_MS = 60_000;
/** Stands for a span that one side does not have. */
const NOTHING: Counted = { sent: 0, lost: 0, lowRatio: 0, highRatio: 0 };

/**
 * Works every interval, sum and digest of a pack out anew. It proves that the figures belong together and are those that were
 * signed for; not that they were measured: only the hub's store can tell that.
 *
 * @param document - the parsed JSON file.
 */
export function verifyPack(document: unknown, sha256: Sha256): Verification {
  if (!validator.Check(document)) {
    const [first] = validator.Errors(document);
    return {
      faults: [{ path: shownPath(first?.instancePath ?? ''), message: `no pack: ${first?.message ?? ''}` }],
      figures: 0,
      digests: 0,
    };
  }
  const checked = [
    ...lookFigures(document),
    ...seriesFigures(document),
    ...directionFigures(document),
    ...hopFigures(document),
  ];
  const digests = manifestOf(document, sha256);
  return {
    faults: [...checked.flatMap(figureFaults), ...costFaults(document), ...digestFaults(document, digests)],
    figures: checked.length,
    digests: digests.length,
  };
}

type Checked = { readonly place: string; readonly stated: Counted; readonly right: Counted };

function lookFigures({ looks }: EvidencePack): readonly Checked[] {
  return looks.flatMap(({ inside, outside, paths }, at): Checked[] => [
    ...paths.flatMap((path, order): Checked[] => [
      plain(`looks[${at}].paths[${order}]`, path),
      ...(path.icmp ? [plain(`looks[${at}].paths[${order}].icmp`, path.icmp)] : []),
    ]),
    plain(`looks[${at}].inside`, inside),
    plain(`looks[${at}].outside`, outside),
  ]);
}

function seriesFigures({ madeAtEpochMs, pooled, series, verdict }: EvidencePack): readonly Checked[] {
  const { clearedAtEpochMs, openedAtEpochMs } = verdict;
  const time = { openedAtEpochMs, endEpochMs: clearedAtEpochMs ?? madeAtEpochMs };
  return [
    ...series.flatMap(({ followedFromEpochMs, spans, whole }, at): Checked[] => [
      ...spans.map((span, order) => plain(`series[${at}].spans[${order}]`, span)),
      {
        place: `series[${at}].whole`,
        stated: whole,
        right: counted(summed(wholeSpans(spans, followedFromEpochMs, time))),
      },
    ]),
    ...(['inside', 'control'] as const).flatMap((role) => {
      const right = pooledSpans(series, role);
      return Array.from(
        { length: Math.max(right.length, pooled[role].length) },
        (_, at): Checked => ({
          place: `pooled.${role}[${at}]`,
          stated: pooled[role][at] ?? NOTHING,
          right: right[at] ?? NOTHING,
        }),
      );
    }),
  ];
}

function directionFigures({ directions, madeAtEpochMs, verdict }: EvidencePack): readonly Checked[] {
  const endMs = verdict.clearedAtEpochMs ?? madeAtEpochMs;
  const within = ({ minutes }: PackDirection) =>
    minutes.filter(({ startEpochMs }) => startEpochMs + MINUTE_MS > verdict.openedAtEpochMs && startEpochMs < endMs);
  return directions.flatMap((each, at): Checked[] => [
    { place: `directions[${at}]`, stated: each, right: spreadCounted(spreadSum(within(each))) },
    ...each.minutes.map((minute, order) => ({
      place: `directions[${at}].minutes[${order}]`,
      stated: minute,
      right: spreadCounted(minute),
    })),
  ]);
}

function hopFigures({ traces }: EvidencePack): readonly Checked[] {
  return traces.flatMap(({ hops }, at) => hops.map((hop, order) => plain(`traces[${at}].hops[${order}]`, hop)));
}

function plain(place: string, stated: Counted): Checked {
  return { place, stated, right: counted(stated) };
}

function figureFaults({ place, right, stated }: Checked): readonly SchemaFault[] {
  return (['sent', 'lost', 'lossRatio', 'lowRatio', 'highRatio'] as const).flatMap((name) =>
    isAlike(stated[name], right[name])
      ? []
      : [{ path: `${place}.${name}`, message: `says ${stated[name]}, worked out ${right[name]}` }],
  );
}

function isAlike(one: number | undefined, other: number | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Math.abs(one - other) <= TOLERANCE;
}

function digestFaults({ manifest }: EvidencePack, right: EvidencePack['manifest']): readonly SchemaFault[] {
  const stated = new Map(manifest.map((entry) => [entry.part, entry]));
  const wrong = right.flatMap(({ bytes, part, sha256 }): SchemaFault[] => {
    const entry = stated.get(part);
    if (entry === undefined) return [{ path: `manifest.${part}`, message: 'is not there' }];
    if (entry.sha256 === sha256 && entry.bytes === bytes) return [];
    return [{ path: `manifest.${part}`, message: `says ${entry.sha256}, worked out ${sha256}` }];
  });
  const known = new Set(right.map(({ part }) => part));
  const more = manifest.filter(({ part }) => !known.has(part));
  return [...wrong, ...more.map(({ part }) => ({ path: `manifest.${part}`, message: 'is no part of a pack' }))];
}
