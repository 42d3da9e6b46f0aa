import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsteriskInstance } from './asterisk-instance.ts';
import type { AsteriskRoot } from './asterisk-root.ts';
import { type HostProcess, type ProcessSpec, startProcess } from './host-process.ts';
import { type Host, Network } from './network.ts';
import { Phone } from './phone.ts';
import { Provider } from './provider.ts';
import { RunRecorder } from './run-record.ts';

/** One assertion of a scenario with everything it measured. */
export type Check = {
  readonly name: string;
  readonly isGood: boolean;
  readonly values: Readonly<Record<string, unknown>>;
};

/**
 * What a scenario works with: its own network, folder and processes, all gone when it is closed. One lab serves one scenario.
 */
export class Lab {
  readonly network: Network;
  /** A folder of this run, removed at the end. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly #root: AsteriskRoot;
  readonly #recorder: RunRecorder;
  readonly #report: (check: Check) => void;
  readonly #stoppers: (() => Promise<void>)[] = [];

  private constructor(parts: {
    readonly network: Network;
    readonly folder: string;
    readonly signal: AbortSignal;
    readonly root: AsteriskRoot;
    readonly recorder: RunRecorder;
    readonly report: (check: Check) => void;
  }) {
    this.network = parts.network;
    this.folder = parts.folder;
    this.signal = parts.signal;
    this.#root = parts.root;
    this.#recorder = parts.recorder;
    this.#report = parts.report;
  }

  /** Opens a lab. `runId` must be unique on this machine and at most 20 characters of a-z, 0-9 and -. */
  static async open(options: {
    readonly runId: string;
    readonly root: AsteriskRoot;
    readonly signal: AbortSignal;
    readonly report: (check: Check) => void;
  }): Promise<Lab> {
    const recorder = new RunRecorder(options.runId);
    const folder = await mkdtemp(join(tmpdir(), 'trunkward-lab-'));
    recorder.addFolder(folder);
    const network = await Network.create(options.runId, recorder);
    return new Lab({ ...options, network, folder, recorder });
  }

  /** Adds a bare host, e.g. for a hub. */
  async addHost(name: string, addressCount = 1): Promise<Host> {
    this.signal.throwIfAborted();
    return await this.network.addHost(name, addressCount);
  }

  /** Adds a host with an Asterisk, not yet configured or started. */
  async addPbx(name: string, addressCount = 1): Promise<AsteriskInstance> {
    const host = await this.addHost(name, addressCount);
    const folder = await this.subfolder(name);
    const pbx = new AsteriskInstance({ host, root: this.#root, folder, recorder: this.#recorder });
    this.#stoppers.push(async () => await pbx.stop());
    return pbx;
  }

  /** Adds a host with a running provider that listens on `edgeCount` addresses. */
  async addProvider(name: string, edgeCount = 1): Promise<Provider> {
    const host = await this.addHost(name, edgeCount);
    const provider = new Provider(host, await this.subfolder(name), this.#recorder);
    this.#stoppers.push(async () => await provider.stop());
    await provider.start();
    return provider;
  }

  /** Adds a host to place calls from. */
  async addPhone(name: string): Promise<Phone> {
    return new Phone(await this.addHost(name), await this.subfolder(name), this.#recorder);
  }

  /** Starts a program on a host; it is stopped at the end. */
  start(host: Host, spec: ProcessSpec): HostProcess {
    this.signal.throwIfAborted();
    const started = startProcess(host, spec, this.#recorder);
    this.#stoppers.push(async () => await started.stop());
    return started;
  }

  /** Makes a folder inside {@link folder}. */
  async subfolder(name: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Reports one assertion; the scenario goes on either way. */
  check(name: string, isGood: boolean, values: Readonly<Record<string, unknown>> = {}): void {
    this.signal.throwIfAborted();
    this.#report({ name, isGood, values });
  }

  /** Stops everything in reverse order and removes namespaces and folders. Safe to call again. */
  async close(): Promise<void> {
    for (const stop of this.#stoppers.splice(0).toReversed())
      await stop().catch((error: unknown) => console.error(error));
    await this.#recorder.cleanUp();
  }
}
