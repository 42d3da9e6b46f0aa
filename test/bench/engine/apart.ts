import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FleetCost, FleetRow } from './fleet-rows.ts';
import type { HubLoad, HubLoop } from './hub-loop.ts';

/** What one process of the bench plays. */
export type BenchPart =
  | { readonly kind: 'row'; readonly row: FleetRow }
  | { readonly kind: 'hub'; readonly load: HubLoad };

const PROGRAM = join(import.meta.dirname, 'part-program.ts');

/** Plays one row in a process of its own: its memory and its garbage are nobody else's. */
export async function playRowApart(row: FleetRow): Promise<FleetCost> {
  return (await apart({ kind: 'row', row })) as FleetCost;
}

/** Starts a hub in a process of its own and its probes in another. */
export async function playHubApart(load: HubLoad): Promise<HubLoop> {
  return (await apart({ kind: 'hub', load })) as HubLoop;
}

async function apart(part: BenchPart): Promise<unknown> {
  const child = fork(PROGRAM, [JSON.stringify(part)], { stdio: 'inherit' });
  const told = once(child, 'message');
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a process of the bench ended with exit code ${code} and told nothing`);
  });
  const [figures] = await Promise.race([told, ended]);
  ended.catch(() => undefined);
  return figures;
}
