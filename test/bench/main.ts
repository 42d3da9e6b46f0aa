import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { type BenchReport, readReport } from './report.ts';

const FOLDER = import.meta.dirname;
/** Modules of this folder that are no benches. */
const OTHERS = new Set(['main', 'report']);

/** Asks for the small size, where a bench has one. */
const SMOKE = '--smoke';

/** A bench's module: `run` prints what it measures and ends with one line of JSON. `flags` are those after `--` that are not {@link SMOKE}. */
type Bench = {
  readonly run: (size: { readonly isSmoke: boolean; readonly flags: readonly string[] }) => Promise<void>;
};

async function benchNames(): Promise<readonly string[]> {
  const files = await readdir(FOLDER);
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
    .filter((name) => !OTHERS.has(name))
    .toSorted();
}

/** Runs one bench in a process of its own, shows what it prints, and reads its last line. */
async function runApart(name: string, flags: readonly string[]): Promise<BenchReport> {
  const child = spawn(process.execPath, [import.meta.filename, '--inside', name, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  let text = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (part: string) => {
    text += part;
    process.stdout.write(part);
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const report = readReport(name, text);
  return exitCode === 0 ? report : { ...report, faults: [...report.faults, `exit code ${exitCode}`] };
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const [first, ...rest] = args.filter((arg) => !arg.startsWith('--') || arg === '--inside');
  const isSmoke = args.includes(SMOKE);
  const flags = args.filter((arg) => arg.startsWith('--') && arg !== SMOKE && arg !== '--inside');
  const names = await benchNames();
  if (first === '--inside') {
    const bench = (await import(`./${rest[0]}.ts`)) as Bench;
    await bench.run({ isSmoke, flags });
    return 0;
  }
  const wanted = first === undefined ? names : [first, ...rest];
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`no such bench: ${unknown.join(', ')}; there are ${names.join(', ')}`);
    return 2;
  }
  let isGood = true;
  for (const name of wanted) {
    const { faults } = await runApart(name, [...(isSmoke ? [SMOKE] : []), ...flags]);
    for (const fault of faults) console.error(`bench ${name}: ${fault}`);
    isGood &&= faults.length === 0;
  }
  return isGood ? 0 : 1;
}

process.exitCode = await main();
