import type { AsteriskRoot } from './asterisk-root.ts';
import { type Check, Lab } from './lab.ts';
import type { Scenario } from './scenario.ts';

/** Counts and time of one scenario. `failure` holds what ended it early. */
export type ScenarioResult = {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly tookS: number;
  readonly failure?: string;
};

function line(scenario: string, { name, isGood, values }: Check): string {
  const shown = Object.keys(values).length === 0 ? '' : `  ${JSON.stringify(values)}`;
  return `${isGood ? 'ok  ' : 'FAIL'} ${scenario}: ${name}${shown}`;
}

/**
 * Runs one scenario in a lab of its own, prints a line for each check, and leaves nothing behind. A scenario that throws or
 * makes no check has failed.
 */
export async function runScenario(
  scenario: Scenario,
  options: {
    readonly root: AsteriskRoot;
    readonly signal: AbortSignal;
    readonly runId: string;
    readonly isFull: boolean;
  },
): Promise<ScenarioResult> {
  const startedAtMs = performance.now();
  let passed = 0;
  let failed = 0;
  let failure: string | undefined;
  const report = (check: Check): void => {
    if (check.isGood) passed += 1;
    else failed += 1;
    console.log(line(scenario.name, check));
  };
  let lab: Lab | undefined;
  try {
    lab = await Lab.open({ ...options, report });
    await scenario.run(lab, options.isFull);
    if (passed + failed === 0) throw new Error('the scenario checked nothing');
  } catch (error) {
    failed += 1;
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    console.log(`FAIL ${scenario.name}: ended early: ${failure}`);
  } finally {
    await lab?.close();
  }
  const tookS = Math.round((performance.now() - startedAtMs) / 100) / 10;
  console.log(`---- ${scenario.name}: ${passed} passed, ${failed} failed in ${tookS} s`);
  return { name: scenario.name, passed, failed, tookS, ...(failure === undefined ? {} : { failure }) };
}
