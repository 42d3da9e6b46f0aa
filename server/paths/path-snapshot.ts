import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Counter, EpochMs } from '../../wire/identifiers.ts';

const closed = { additionalProperties: false } as const;
const Score = Type.Number({ minimum: 0, maximum: 1e6 });

/** What is worth keeping of one path over a restart of the hub (safety rule 9); its windows are not. */
export const PathRemembrance = Type.Object(
  {
    key: Type.String({ maxLength: 120 }),
    hasAnswered: Type.Boolean(),
    /** Answered by a status that says the service is there; absent in what an older hub wrote: as `hasAnswered`. */
    hasBeenAlive: Type.Optional(Type.Boolean()),
    asked: Counter,
    lossTest: Type.Object({ isRaised: Type.Boolean(), raising: Score, clearing: Score }, closed),
    lastAnsweredAtMs: Type.Optional(EpochMs),
    lastStatusCode: Type.Optional(Type.Integer({ minimum: 200, maximum: 699 })),
    /** Unbiased samples outside outages, the older faded: the loss that a run of misses is measured against. */
    sent: Counter,
    lost: Counter,
    takenAtMs: EpochMs,
  },
  closed,
);
/** Static type of {@link PathRemembrance}. */
export type PathRemembrance = Static<typeof PathRemembrance>;

/** Memory of the path table as JSON. */
export const PathSnapshot = Type.Object(
  { format: Type.Literal('trunkward-paths-1'), paths: Type.Array(PathRemembrance, { maxItems: 1_000_000 }) },
  closed,
);
/** Static type of {@link PathSnapshot}. */
export type PathSnapshot = Static<typeof PathSnapshot>;

/** A snapshot, or the first thing wrong with it. */
export type PathSnapshotResult =
  | { readonly ok: true; readonly snapshot: PathSnapshot }
  | { readonly ok: false; readonly fault: 'bad-snapshot'; readonly place: string };

const validator = Compile(PathSnapshot);

/** Reads a snapshot that was parsed from JSON; never throws. A hub that finds it bad starts with an empty memory. */
export function readPathSnapshot(value: unknown): PathSnapshotResult {
  if (validator.Check(value)) return { ok: true, snapshot: value };
  const [first] = validator.Errors(value);
  return { ok: false, fault: 'bad-snapshot', place: first?.instancePath ?? '' };
}
