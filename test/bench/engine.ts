import { readFile } from 'node:fs/promises';
import { playHubApart, playRowApart } from './engine/apart.ts';
import type { FleetCost } from './engine/fleet-rows.ts';
import type { HubLoop } from './engine/hub-loop.ts';

const SIZES = [100, 1000, 5000];
const SMOKE_SIZES = [100];
/** Every path is read once in 30 s at least; so that the whole bench ends within five minutes on two cores, not much more. */
const SECONDS = 36;
const SMOKE_SECONDS = 12;
/** Without assignment the correlate stage is shown every path, which no hub does: fewer seconds tell. */
const ALONE_SECONDS = 12;
const HUB_PBXES = 5000;
const SMOKE_HUB_PBXES = 40;

type Target = { readonly name: string; readonly bound: number };

/** The last line of the bench. */
export type EngineReport = {
  readonly bench: 'engine';
  readonly metrics: Readonly<Record<string, FleetCost | HubLoop>>;
  readonly peers: Readonly<Record<string, number>>;
  readonly targets: readonly (Target & { readonly value: number | null; readonly holds: boolean })[];
};

/**
 * What a pass of the engine costs by the size of the fleet, beside one that looks at everything each second, and how long passes
 * keep a real hub from taking frames. Each row has a process of its own.
 */
export async function run({ isSmoke }: { readonly isSmoke: boolean } = { isSmoke: false }): Promise<void> {
  console.log(JSON.stringify(await engineReport(isSmoke, console.log)));
}

/**
 * The same, with each row told to `say`.
 *
 * @param isSmoke - a small fleet for a few seconds; targets of rows that were not played are left out.
 */
export async function engineReport(isSmoke: boolean, say: (line: string) => void): Promise<EngineReport> {
  const metrics: Record<string, FleetCost | HubLoop> = {};
  const peers: Record<string, number> = {};
  const values: Record<string, number> = {};
  for (const pbxCount of isSmoke ? SMOKE_SIZES : SIZES) {
    for (const duty of ['assigned', 'alone'] as const) {
      const fullSeconds = duty === 'alone' ? ALONE_SECONDS : SECONDS;
      const cost = await playRowApart({ pbxCount, duty, seconds: isSmoke ? SMOKE_SECONDS : fullSeconds });
      const name = `${pbxCount} PBX x 20 targets, ${duty === 'alone' ? 'each asked by every PBX' : 'as the hub assigns them'}`;
      metrics[name] = cost;
      peers[`a pass that looks at everything each second: ${name}`] = cost.wholePassMs;
      values[`${name}: whole pass`] = cost.wholePassMs;
      values[`${name}: worst pass after a second of batches`] = cost.worstPassMs;
      say(`${name}: ${shown(cost)}`);
    }
  }
  const pbxCount = isSmoke ? SMOKE_HUB_PBXES : HUB_PBXES;
  const loop = await playHubApart({ pbxCount, seconds: isSmoke ? 5 : SECONDS });
  const name = `hub with ${pbxCount} probes connected`;
  metrics[name] = loop;
  if (loop.probes === pbxCount) values[`${name}: slices of a pass over 50 ms`] = loop.longSlices;
  say(`${name}: ${shown(loop)}`);
  const text = await readFile(new URL('../../docs/targets.json', import.meta.url), 'utf8');
  const { engine } = JSON.parse(text) as { readonly engine: readonly Target[] };
  const targets = engine
    .filter((target) => !isSmoke || target.name in values)
    .map((target) => {
      const value = values[target.name] ?? null;
      return { name: target.name, bound: target.bound, value, holds: value !== null && value <= target.bound };
    });
  return { bench: 'engine', metrics, peers, targets };
}

function shown(figures: FleetCost | HubLoop): string {
  return Object.entries(figures)
    .map(([key, value]) => `${key} ${Math.round(value * 10) / 10}`)
    .join(', ');
}
