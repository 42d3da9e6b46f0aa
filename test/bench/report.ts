/** What is wrong with a bench's outcome; nothing when it is empty. */
export type BenchReport = { readonly name: string; readonly faults: readonly string[] };

/**
 * Reads the one line of JSON that ends a bench's output: `bench`, `metrics`, `peers` and `targets`. Pure.
 *
 * A target that does not hold is a fault, as is a peer that is named but has no figure.
 */
export function readReport(name: string, output: string): BenchReport {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  let line: unknown;
  try {
    line = JSON.parse(last);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return { name, faults: ['its last line is not JSON'] };
  }
  if (!isObject(line) || line['bench'] !== name) return { name, faults: [`its last line does not say bench ${name}`] };
  const { metrics, peers, targets } = line;
  if (!isObject(metrics) || !isObject(peers) || !Array.isArray(targets)) {
    return { name, faults: ['its last line lacks metrics, peers or targets'] };
  }
  const missed = targets.flatMap((target: unknown) =>
    isObject(target) && target['holds'] === true ? [] : [`target does not hold: ${JSON.stringify(target)}`],
  );
  const absent = Object.entries(peers).flatMap(([peer, value]) =>
    value === null || value === undefined ? [`peer ${peer} was not run`] : [],
  );
  return { name, faults: [...missed, ...absent] };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
