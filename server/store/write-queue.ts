import { StoreError } from '../errors.ts';
import type { Statement } from './sqlite-connection.ts';
import type { WriteLimits } from './write-limits.ts';

/** Statements that are written all or none. */
export type StatementGroup = readonly Statement[];

/** A group that waits to be written, with how to tell its caller. */
export type PendingWrite = {
  readonly statements: StatementGroup;
  readonly isMaintenance: boolean;
  readonly resolve: (rows: unknown) => void;
  readonly reject: (error: StoreError) => void;
};

/** Text that a group holds in memory, in UTF-16 units; a number counts as 8. */
export function charactersOf(group: StatementGroup): number {
  return group
    .flatMap(({ parameters }) => parameters)
    .reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
}

/** Writes in the order in which they came, bounded in number and in text. */
export class WriteQueue {
  readonly #limits: WriteLimits;
  #pending: PendingWrite[] = [];
  #characters = 0;

  constructor(limits: WriteLimits) {
    this.#limits = limits;
  }

  /** Groups waiting. */
  get length(): number {
    return this.#pending.length;
  }

  /** @throws StoreError `STORE_QUEUE_FULL`, with the two numbers, where the group would pass a bound. */
  push(write: PendingWrite): void {
    const { queueItems, queueCharacters } = this.#limits;
    const characters = charactersOf(write.statements);
    if (this.#pending.length >= queueItems) {
      throw new StoreError('STORE_QUEUE_FULL', `${this.#pending.length} writes wait already, at most ${queueItems}`);
    }
    if (this.#characters + characters > queueCharacters) {
      const message = `${this.#characters} + ${characters} characters waiting exceed ${queueCharacters}`;
      throw new StoreError('STORE_QUEUE_FULL', message);
    }
    this.#pending.push(write);
    this.#characters += characters;
  }

  /** Takes the oldest groups out, as many as one transaction holds. */
  takeBatch(): readonly PendingWrite[] {
    return this.#taken(this.#pending.splice(0, this.#limits.groupItems));
  }

  /** Takes every group out that is not maintenance. */
  takeOrdinary(): readonly PendingWrite[] {
    const ordinary = this.#pending.filter(({ isMaintenance }) => !isMaintenance);
    this.#pending = this.#pending.filter(({ isMaintenance }) => isMaintenance);
    return this.#taken(ordinary);
  }

  #taken(writes: readonly PendingWrite[]): readonly PendingWrite[] {
    for (const { statements } of writes) this.#characters -= charactersOf(statements);
    return writes;
  }
}
