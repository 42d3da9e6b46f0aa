import { open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { PlanFrame } from '../../wire/hub-frames.ts';
import { Counter, Identifier } from '../../wire/identifiers.ts';
import { PbxModes } from '../../wire/plan.ts';

/** What control must remember over a restart of the probe while the hub is away. */
export type ControlMemory = {
  readonly fence: number;
  readonly modes: PbxModes | undefined;
  readonly plan: PlanFrame | undefined;
  /** Classes of the plan that AstDB was read back to hold; undefined where that was not noted, and all may have been. */
  readonly applied?: readonly string[] | undefined;
  /** Addresses of targets that have answered: their silence means something even to a probe that has just started. */
  readonly answered: readonly string[];
};

/** Nothing is known yet: observe, and take any plan. */
export const NO_MEMORY: ControlMemory = { fence: 0, modes: undefined, plan: undefined, answered: [] };

const FORMAT = 'trunkward-control-1';

const stored = Compile(
  Type.Object(
    {
      format: Type.Literal(FORMAT),
      fence: Counter,
      modes: Type.Optional(PbxModes),
      plan: Type.Optional(PlanFrame),
      applied: Type.Optional(Type.Array(Identifier, { maxItems: 64 })),
      answered: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 256 })),
    },
    { additionalProperties: false },
  ),
);

/** Keeps {@link ControlMemory} in one file, replaced as a whole; saves follow one another in order. */
export class ControlStore {
  readonly #file: string;
  #tail: Promise<void> = Promise.resolve();

  /** @param dataDir - existing folder of the probe. */
  constructor(dataDir: string) {
    this.#file = join(dataDir, 'control.json');
  }

  /** Reads the file. @returns {@link NO_MEMORY} with a reason where it is there but cannot be understood as a whole. */
  async load(): Promise<{ readonly memory: ControlMemory; readonly fault: string | undefined }> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
        return { memory: NO_MEMORY, fault: undefined };
      }
      return { memory: NO_MEMORY, fault: cause instanceof Error ? cause.message : String(cause) };
    }
    try {
      const parsed: unknown = JSON.parse(text);
      if (!stored.Check(parsed)) {
        const [first] = stored.Errors(parsed);
        return { memory: NO_MEMORY, fault: `${this.#file}${first?.instancePath ?? ''} is not as it was written` };
      }
      const { answered = [], applied, fence, modes, plan } = parsed;
      return { memory: { fence, modes, plan, applied, answered }, fault: undefined };
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      return { memory: NO_MEMORY, fault: `${this.#file}: ${cause.message}` };
    }
  }

  /** Writes the memory; resolves when it is on disk. A failure rejects and leaves the file as it was. */
  save(memory: ControlMemory): Promise<void> {
    const saved = this.#tail.then(() => this.#replace(JSON.stringify({ format: FORMAT, ...memory })));
    this.#tail = saved.catch(() => undefined);
    return saved;
  }

  async #replace(text: string): Promise<void> {
    const next = `${this.#file}.next`;
    const handle = await open(next, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, this.#file);
    const folder = await open(dirname(this.#file), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
