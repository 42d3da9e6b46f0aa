/**
 * Every code that an operational fault of the hub can carry. `docs/errors.md` explains each one under `## Hub`; a test
 * compares the two both ways.
 */
export const HUB_ERROR_CODES = [
  'STORE_OPEN_FAILED',
  'STORE_FOLDER_TAKEN',
  'STORE_DRIVER_MISSING',
  'STORE_SCHEMA_NEWER',
  'STORE_MIGRATION_ALTERED',
  'STORE_MIGRATION_FAILED',
  'STORE_CORRUPT',
  'STORE_BUSY',
  'STORE_QUEUE_FULL',
  'STORE_CONSTRAINT',
  'STORE_VALUE_REFUSED',
  'STORE_SQL_REFUSED',
  'STORE_WORKER_LOST',
  'STORE_INTAKE_BROKEN',
  'STORE_CLOSED',
  'JOURNAL_UNWRITABLE',
] as const;

/** One of {@link HUB_ERROR_CODES}. Branch on it, never on a message. */
export type HubErrorCode = (typeof HUB_ERROR_CODES)[number];

/** Codes of the store. */
export type StoreErrorCode = Extract<HubErrorCode, `STORE_${string}` | `JOURNAL_${string}`>;

/** Codes after which the same request may succeed later with nothing changed by hand. */
export const RETRYABLE_CODES: ReadonlySet<HubErrorCode> = new Set<HubErrorCode>([
  'STORE_BUSY',
  'STORE_QUEUE_FULL',
  'STORE_WORKER_LOST',
  'STORE_INTAKE_BROKEN',
  'JOURNAL_UNWRITABLE',
]);

/** An operational fault of the hub. Faults of this program's own logic are plain `Error`s and end the process. */
export class HubError<Code extends HubErrorCode = HubErrorCode> extends Error {
  readonly code: Code;
  /** The same request may be made again; see {@link RETRYABLE_CODES}. */
  readonly retryable: boolean;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.retryable = RETRYABLE_CODES.has(code);
  }
}

/**
 * A fault of the store. After `STORE_WORKER_LOST` on a write it is unknown whether the write is on disk; after every
 * other code it is not.
 */
export class StoreError extends HubError<StoreErrorCode> {}
