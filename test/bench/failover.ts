import { readFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ensureAsteriskRoot } from '../lab/asterisk-root.ts';
import { ensureDebianPackages } from '../lab/debian-packages.ts';
import { Lab } from '../lab/lab.ts';
import { cleanCrashedRuns } from '../lab/run-record.ts';
import { holeParts } from './failover/black-hole.ts';
import { fallbackPart } from './failover/fallback.ts';
import { faultParts } from './failover/faults.ts';
import { type Part, type PartResult, RUNS } from './failover/part.ts';
import { peersPart } from './failover/peers.ts';

const PARTS: readonly Part[] = [...holeParts, fallbackPart, ...faultParts, peersPart];

type Target = { readonly name: string; readonly bound: number };

function chosen(flags: readonly string[]): { readonly parts: readonly Part[]; readonly runs: number } {
  const { values } = parseArgs({
    args: [...flags],
    options: { part: { type: 'string', multiple: true }, runs: { type: 'string' } },
  });
  const names = values.part ?? PARTS.map(({ name }) => name);
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) {
    throw new Error(`no such part: ${unknown.join(', ')}; there are ${PARTS.map(({ name }) => name).join(', ')}`);
  }
  const runs = Number(values.runs ?? RUNS);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs=${values.runs}: not a number of runs`);
  return { parts: PARTS.filter(({ name }) => names.includes(name)), runs };
}

async function runPart(part: Part, runs: number, index: number, signal: AbortSignal): Promise<PartResult> {
  console.log(
    `part ${part.name}: ${runs} runs; load ${loadavg()
      .map((each) => each.toFixed(1))
      .join(' ')}`,
  );
  const root = await ensureAsteriskRoot();
  const lab = await Lab.open({
    runId: `twb${process.pid}-${index}`,
    root,
    signal,
    report: ({ name, isGood, values }) => {
      console.log(`${isGood ? 'ok  ' : 'FAIL'} ${name} ${JSON.stringify(values)}`);
      if (!isGood) throw new Error(name);
    },
  });
  try {
    return await part.run(lab, runs);
  } finally {
    await lab.close();
  }
}

/**
 * Times faults at a provider to their detection, to AstDB read back by a connection of this bench's own, and to the first call
 * at another trunk, on real parts; peers beside it. Needs what the lab needs. `--part=NAME`, more than once if wanted, runs
 * some parts only and holds only their targets; `--runs=N` makes other than ten runs, which hold no target if they are fewer.
 */
export async function run({ flags }: { readonly flags: readonly string[] }): Promise<void> {
  const { parts, runs } = chosen(flags);
  await cleanCrashedRuns();
  await ensureDebianPackages();
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(new Error(`stopped by ${signal}`)));
  }
  const results: PartResult[] = [];
  for (const [index, part] of parts.entries()) {
    const result = await runPart(part, runs, index, controller.signal);
    console.log(`part ${part.name}: ${JSON.stringify(result)}`);
    results.push(result);
  }
  const text = await readFile(new URL('../../docs/targets.json', import.meta.url), 'utf8');
  const { failover } = JSON.parse(text) as { readonly failover: readonly Target[] };
  const values: Readonly<Record<string, number | null>> = Object.assign(
    {},
    ...results.map((each) => each.values ?? {}),
  );
  const spoken = new Set(parts.flatMap((part) => part.targets));
  const targets = failover
    .filter(({ name }) => spoken.has(name))
    .map(({ name, bound }) => {
      const value = values[name] ?? null;
      return { name, value, bound, holds: value !== null && value <= bound };
    });
  const machine = { processors: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
  const metrics = Object.assign({ machine, runs }, ...results.map((each) => each.metrics)) as unknown;
  const peers = Object.assign({}, ...results.map((each) => each.peers ?? {})) as unknown;
  console.log(JSON.stringify({ bench: 'failover', metrics, peers, targets }));
}
