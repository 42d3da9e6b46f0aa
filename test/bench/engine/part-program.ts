import type { BenchPart } from './apart.ts';
import { playRow } from './fleet-rows.ts';
import { playHub } from './hub-loop.ts';

/** Plays one part of the bench and tells its figures to the process that asked for them. */
async function main(text: string): Promise<void> {
  const part = JSON.parse(text) as BenchPart;
  const figures = part.kind === 'row' ? playRow(part.row) : await playHub(part.load);
  process.send?.(figures);
  process.disconnect();
}

const [text] = process.argv.slice(2);
if (import.meta.main && text !== undefined) await main(text);
