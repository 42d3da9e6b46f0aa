import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { HubView } from './hub-view.ts';
import type { Expectation, Scene } from './scene.ts';
import { SimFleet } from './sim-fleet.ts';
import { FAULTS, type Fault, STORY } from './story.ts';

const POLL_MS = 200;
const PAUSE_BETWEEN_STEPS_MS = 3000;
const WHOLE_STORY_MS = 90_000;

type Seen = { readonly name: string; readonly isMet: boolean; readonly tookMs: number; readonly saw: string };
type Arguments = {
  readonly isOnce: boolean;
  readonly isJson: boolean;
  readonly without: Fault | undefined;
  readonly port: number;
};

const USAGE = `usage: npm run demo -- [--once] [--json] [--without FAULT] [--port PORT]
  --once     end when the story is told: exit code 0 if all came out as it should within ${WHOLE_STORY_MS / 1000} s, else 1
  --json     one JSON object on standard output at the end, the story on standard error
  --without  leave one fault out (${FAULTS.join(', ')}); the story must then fail
  --port     of the live view, 8480 unless told
`;

const OPTIONS = {
  once: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  without: { type: 'string' },
  port: { type: 'string', default: '8480' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function optionsGiven() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    return cause.message.split('. ')[0] ?? cause.message;
  }
}

function readArguments(): Arguments | string {
  const values = optionsGiven();
  if (typeof values === 'string') return values;
  if (values.help) return '';
  const { without } = values;
  if (without !== undefined && !FAULTS.some((fault) => fault === without)) {
    return `--without takes one of ${FAULTS.join(', ')}, not ${without}`;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return `--port takes a port, not ${values.port}`;
  return { isOnce: values.once, isJson: values.json, without: without as Fault | undefined, port };
}

async function meet(expectation: Expectation, scene: Scene, stop: AbortSignal): Promise<Seen> {
  const began = performance.now();
  for (;;) {
    const saw = await expectation.look(scene);
    const tookMs = Math.round(performance.now() - began);
    if (saw !== undefined) return { name: expectation.name, isMet: true, tookMs, saw };
    if (stop.aborted || tookMs > expectation.withinMs) return { name: expectation.name, isMet: false, tookMs, saw: '' };
    await delay(POLL_MS);
  }
}

/** Tells the story once. Stops at the first expectation that is not met, for what follows would build on it, and when told to. */
async function tell(
  scene: Scene,
  without: Fault | undefined,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<readonly Seen[]> {
  const all: Seen[] = [];
  for (const step of STORY) {
    say(`\n${step.title}${step.fault === without && without ? ' (left out)' : ''}`);
    if (step.fault === undefined || step.fault !== without) await step.act?.(scene);
    for (const expectation of step.expectations) {
      const seen = await meet(expectation, scene, stop);
      if (stop.aborted) return all;
      all.push(seen);
      say(`  ${seen.isMet ? '✓' : '✗'} ${seen.name} (${(seen.tookMs / 1000).toFixed(1)} s)`);
      if (seen.saw !== '') say(`      ${seen.saw}`);
      if (!seen.isMet) return all;
    }
  }
  return all;
}

/** Why a story may have gone wrong that is none of the program's: probes that lack a processor abstain. */
async function busyMachine({ view }: Scene): Promise<string> {
  const sick = (await view.pbxes())?.filter(({ isSick }) => isSick) ?? [];
  if (sick.length === 0) return '';
  const names = sick.map(({ pbx }) => pbx).join(', ');
  return ` (the probes of ${names} abstain: this machine is too busy for them to measure; try again when it is not)`;
}

async function main(): Promise<void> {
  const given = readArguments();
  if (typeof given === 'string') {
    if (given === '') process.stdout.write(USAGE);
    else process.stderr.write(`${given}\n${USAGE}`);
    process.exitCode = given === '' ? 0 : 2;
    return;
  }
  const say = (line: string) => (given.isJson ? process.stderr : process.stdout).write(`${line}\n`);
  const began = performance.now();
  const fleet = await SimFleet.start(given.port);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  try {
    const scene = { fleet, view: new HubView(fleet.url), routesAtKill: new Map<string, string>() };
    while (!(await scene.view.isAlive()) && performance.now() - began < 20_000) await delay(POLL_MS);
    say(`Live view: ${fleet.url}/   (logs in ${fleet.dir})`);
    const seen = await tell(scene, given.without, say, stop.signal);
    if (stop.signal.aborted) {
      say('\nEnded before the story was told.');
      if (given.isOnce) process.exitCode = 1;
      return;
    }
    const tookMs = Math.round(performance.now() - began);
    const unmet = seen.filter(({ isMet }) => !isMet).map(({ name }) => name);
    const isGood = unmet.length === 0 && tookMs <= WHOLE_STORY_MS;
    const limitMs = WHOLE_STORY_MS;
    const summary = { ok: isGood, tookMs, limitMs, expectations: seen, unmet, without: given.without ?? null };
    if (given.isJson) process.stdout.write(`${JSON.stringify(summary)}\n`);
    const late = `all came out, but it took ${tookMs} ms, more than ${limitMs}`;
    say(isGood ? '\nThe story is told.' : `\nNot as expected: ${unmet.join('; ') || late}${await busyMachine(scene)}`);
    if (given.isOnce) process.exitCode = isGood ? 0 : 1;
    else {
      say(`The fleet goes on; look around at ${fleet.url}/ and end with Ctrl+C.`);
      while (!stop.signal.aborted)
        await delay(PAUSE_BETWEEN_STEPS_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } finally {
    await fleet.close();
  }
}

await main();
