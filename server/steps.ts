/** Work in small steps, so that whoever drives it may do something else between two of them. */
export type Steps<Result> = Generator<undefined, Result>;

/** Takes all steps in one go. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Cuts a list into pieces of at most `size`; none for an empty list. */
export function* portions<Item>(items: readonly Item[], size: number): Iterable<readonly Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
