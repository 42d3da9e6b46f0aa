import type { Lab } from '../../lab/lab.ts';

/** What one part of the bench came to. */
export type PartResult = {
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly peers?: Readonly<Record<string, unknown>>;
  /** What is held against targets, by their names in docs/targets.json; null where too few runs were made. */
  readonly values?: Readonly<Record<string, number | null>>;
};

/** One part, run in a lab of its own. */
export type Part = {
  readonly name: string;
  /** Names in docs/targets.json that the part speaks for. */
  readonly targets: readonly string[];
  readonly run: (lab: Lab, runs: number) => Promise<PartResult>;
};

/** Runs that a target asks for. */
export const RUNS = 10;

/** Greatest of the times, where there are enough runs. */
export function maxOf(runs: number, values: readonly number[]): number | null {
  return runs >= RUNS && values.length >= RUNS ? Math.max(...values) : null;
}
