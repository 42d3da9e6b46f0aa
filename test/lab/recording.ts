import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fleet } from './fleet.ts';

const FOLDER = join(import.meta.dirname, '../../dist/lab-recordings');
/** Longer than any scenario; it ends with the hub. */
const FOR_S = 7200;

/** Records what the hub takes in from now on in `dist/lab-recordings`, for `trunkward replay`; one of the same name is replaced. */
export async function recordFleet(fleet: Fleet, name: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await fleet.sites.reader.recordTo(join(FOLDER, `${name}.ndjson`), FOR_S);
}
