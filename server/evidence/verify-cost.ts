import type { SchemaFault } from '../../wire/schema-faults.ts';
import type { EvidencePack } from './evidence-pack.ts';

/** What of a cost does not hold together: parts that make up more than their whole, and a beginning outside its interval. */
export function costFaults({ verdict }: EvidencePack): readonly SchemaFault[] {
  const { cost, openedAtEpochMs, sinceEpochMs, sinceHighEpochMs, sinceLowEpochMs } = verdict;
  const checks: [string, string, boolean][] = [];
  const times = [sinceLowEpochMs, sinceEpochMs, sinceHighEpochMs, openedAtEpochMs].filter((at) => at !== undefined);
  checks.push(['sinceEpochMs', 'the beginning, its interval and the opening', isRising(times)]);
  const { calls, classes = [], media } = cost ?? {};
  if (calls) {
    const { answered, attempted, failed, failedBy, givenUp, short } = calls;
    checks.push(
      ['cost.calls.failedBy', 'failed calls and their causes', failed === total(failedBy.map((each) => each.calls))],
      ['cost.calls', 'calls and their outcomes', answered + failed + givenUp <= attempted && short <= answered],
      ['cost.classes', 'calls and their classes', total(classes.map((each) => each.attempted)) <= attempted],
      ['cost.classes', 'failed calls and their classes', total(classes.map((each) => each.failed)) <= failed],
    );
  }
  if (media) checks.push(['cost.media', 'calls and those with bad media', media.bad <= media.calls]);
  return checks.flatMap(([member, what, holds]) =>
    holds ? [] : [{ path: `verdict.${member}`, message: `${what} do not go together` }],
  );
}

function isRising(values: readonly number[]): boolean {
  return values.every((value, at) => at === 0 || (values[at - 1] ?? value) <= value);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
