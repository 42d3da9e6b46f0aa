import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FAULTS } from './story.ts';

const DEMO = fileURLToPath(new URL('main.ts', import.meta.url));
const FIRST_PORT = 18_600;
const LIMIT_MS = 150_000;

type Run = { readonly code: number; readonly lastLine: string };
type Summary = { readonly ok: boolean; readonly tookMs: number; readonly unmet: readonly string[] };

/** Which expectation must be missed when a fault is left out. */
const MISSED = {
  'black-hole': 'national calls leave trunk a on every PBX',
  'heavy-loss': 'the verdict names provider telco-b',
  'one-way-media': 'calls at trunk c lose on the way there alone',
  'site-uplink': 'the verdict names site lon, and no provider',
  'hub-kill': 'every PBX keeps its routes while the hub is away',
} as const satisfies Record<(typeof FAULTS)[number], string>;

function run(args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const options = { timeout: LIMIT_MS, maxBuffer: 10_000_000 };
    execFile(process.execPath, [DEMO, '--once', '--json', ...args], options, (fault, stdout, stderr) => {
      const code = fault && typeof fault.code === 'number' ? fault.code : fault ? -1 : 0;
      const lastLine = stdout.trimEnd().split('\n').at(-1) ?? '';
      if (code !== 0 && lastLine === '') process.stderr.write(stderr);
      resolve({ code, lastLine });
    });
  });
}

function summary(text: string): Summary | undefined {
  try {
    return JSON.parse(text) as Summary;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** The story with every fault must be told in full; without any one of them it must fail, and say where. */
async function main(): Promise<void> {
  let passed = 0;
  let failed = 0;
  const report = (name: string, isGood: boolean, said: string) => {
    if (isGood) passed += 1;
    else failed += 1;
    process.stdout.write(`${isGood ? 'ok  ' : 'FAIL'} ${name}: ${said}\n`);
  };
  const whole = await run(['--port', String(FIRST_PORT)]);
  const told = summary(whole.lastLine);
  report(
    'the whole story',
    whole.code === 0 && told?.ok === true,
    `exit ${whole.code} after ${told?.tookMs ?? '?'} ms`,
  );
  if (told?.ok === false) process.stdout.write(`     unmet: ${told.unmet.join('; ')}\n`);
  const pending = FAULTS.map((fault, at) => ({ fault, port: FIRST_PORT + 1 + at }));
  const work = async () => {
    for (let next = pending.shift(); next; next = pending.shift()) {
      const { fault, port } = next;
      const { code, lastLine } = await run(['--port', String(port), '--without', fault]);
      const unmet = summary(lastLine)?.unmet ?? [];
      report(
        `without ${fault}`,
        code === 1 && unmet.includes(MISSED[fault]),
        `exit ${code}, unmet: ${unmet.join('; ')}`,
      );
    }
  };
  await Promise.all([work(), work()]);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
