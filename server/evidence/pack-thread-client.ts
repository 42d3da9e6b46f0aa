import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { FromPackThread, ToPackThread } from './pack.worker.ts';
import type { PackForm } from './pack-form.ts';
import type { PackInput } from './pack-input.ts';

const THREAD = new URL('./pack.worker.ts', import.meta.url);

/** Items of each list that are handed over in one go: some tenths of a millisecond. A context has up to 200 paths. */
const PIECE_ITEMS = { contexts: 2, snapshots: 2, rollups: 500, media: 500, journal: 200 } as const;
/** A pack of the largest input takes less than half of it. */
const MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 };

/** The four forms of a pack are often taken one after another: the thread waits so long for the next. */
const IDLE_MS = 30_000;
/** A pack of the largest input takes some seconds on a slow host; a thread that gives nothing for so long gives nothing. */
const MAKE_MS = 60_000;

/** Has packs made and written in a thread of their own, which is there only while there is something to make, and a little longer. */
export class PackThread {
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Fails what is being made. */
  #fail: (cause: Error) => void = () => undefined;
  readonly #deadlineMs: number;

  /** @param deadlineMs - a pack that takes longer fails, with its thread. */
  constructor(deadlineMs = MAKE_MS) {
    this.#deadlineMs = deadlineMs;
  }

  /**
   * Makes one; not to be called before the last is done.
   *
   * @returns the file, and the place that its verdict names.
   * @throws what the thread failed with, or that it took too long; the next pack has another. Also once closed.
   */
  async make(input: PackInput, form: PackForm): Promise<FromPackThread> {
    if (this.#isClosed) throw closed();
    clearTimeout(this.#idle);
    const made = Promise.withResolvers<FromPackThread>();
    made.promise.catch(() => undefined);
    this.#fail = made.reject;
    const worker = this.#worker ?? this.#start();
    this.#worker = worker;
    worker.on('message', made.resolve);
    const deadline = setTimeout(
      () => made.reject(new Error(`a pack took longer than ${this.#deadlineMs / 1000} s`)),
      this.#deadlineMs,
    );
    try {
      await tell(worker, input, form);
      const answer = await made.promise;
      this.#idle = setTimeout(() => void this.#end(), IDLE_MS).unref();
      return answer;
    } catch (cause) {
      await this.#end();
      throw cause;
    } finally {
      clearTimeout(deadline);
      worker.off('message', made.resolve);
      this.#fail = () => undefined;
    }
  }

  /** Ends the thread at once and for good; what is being made fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#fail(closed());
    await this.#end();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  /** What befalls it between two packs is no pack's fault: the next one has another. */
  #start(): Worker {
    const worker = startThread();
    const fail = (cause: Error): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#fail(cause);
      void worker.terminate();
    };
    worker
      .on('error', fail)
      .on('messageerror', fail)
      .on('exit', (code) => fail(new Error(`the thread of a pack ended with exit code ${code}`)));
    return worker;
  }
}

function closed(): Error {
  return new Error('no pack is made while the hub stops');
}

function startThread(): Worker {
  const execArgv = process.execArgv.filter((flag) => flag.startsWith('--import='));
  const worker = new Worker(THREAD, { execArgv, resourceLimits: MEMORY });
  worker.unref();
  return worker;
}

async function tell(worker: Worker, input: PackInput, form: PackForm): Promise<void> {
  const send = (message: ToPackThread): void => worker.postMessage(message);
  const { contexts, snapshots, rollups, media, journal, ...rest } = input;
  const lists = { contexts, snapshots, rollups, media, journal };
  for (const [name, items] of Object.entries(lists)) {
    const list = name as keyof typeof lists;
    for (let at = 0; at < items.length; at += PIECE_ITEMS[list]) {
      send({ kind: 'piece', list, items: items.slice(at, at + PIECE_ITEMS[list]) });
      await setImmediate();
    }
  }
  send({ kind: 'make', rest, form });
}
