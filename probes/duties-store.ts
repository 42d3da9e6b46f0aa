import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssignmentFrame } from '../wire/assignment.ts';
import { encodeFrame, parseHubFrame } from '../wire/codec.ts';

/**
 * Keeps the last assignment in one file, so that a probe that starts while no hub is there asks at the fair share and not at the
 * pace of its own file. Keys of the mesh are not kept, nor are test calls: they cost money, and before a hub is there nobody is
 * told of them. It is no loss when the file is: the hub assigns anew.
 */
export class DutiesStore {
  readonly #file: string;
  #tail: Promise<void> = Promise.resolve();

  /** @param dataDir - existing folder of the probe. */
  constructor(dataDir: string) {
    this.#file = join(dataDir, 'assignment.json');
  }

  /** Reads the file; undefined, with the reason where there is one, if it is missing or not as it was written. */
  async load(): Promise<{ readonly frame: AssignmentFrame | undefined; readonly fault: string | undefined }> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (cause) {
      const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
      return { frame: undefined, fault: isMissing ? undefined : String(cause) };
    }
    const parsed = parseHubFrame(text);
    if (parsed.ok && parsed.frame.type === 'assignment') return { frame: parsed.frame, fault: undefined };
    return { frame: undefined, fault: `${this.#file} is not as it was written` };
  }

  /** Writes an assignment; saves follow one another in order. A failure rejects and leaves the file as it was. */
  save(frame: AssignmentFrame): Promise<void> {
    const text = encodeFrame({ ...frame, mesh: [], testCalls: [] });
    const saved = this.#tail.then(() => this.#replace(text));
    this.#tail = saved.catch(() => undefined);
    return saved;
  }

  async #replace(text: string): Promise<void> {
    await writeFile(`${this.#file}.next`, text, { mode: 0o600 });
    await rename(`${this.#file}.next`, this.#file);
  }
}
