import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { asteriskFiles, type PbxConfig } from './asterisk-config.ts';
import type { AsteriskRoot } from './asterisk-root.ts';
import { run } from './command.ts';
import { type HostProcess, startProcess } from './host-process.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';
import type { RunRecorder } from './run-record.ts';

const FOLDERS = ['etc', 'var', 'db', 'spool', 'run', 'log'] as const;

/** Where and from what an instance runs. `folder` is its own and becomes `/srv` inside. */
export type AsteriskPlace = {
  readonly host: Host;
  readonly root: AsteriskRoot;
  readonly folder: string;
  readonly recorder: RunRecorder;
};

/** Folder of the loadable modules inside the root, which differs between processors. */
async function moduleFolder(root: AsteriskRoot): Promise<string> {
  for (const triplet of await readdir(join(root.path, 'usr/lib'))) {
    const inside = await stat(join(root.path, 'usr/lib', triplet, 'asterisk/modules')).catch(() => undefined);
    if (inside?.isDirectory() === true) return `/usr/lib/${triplet}/asterisk/modules`;
  }
  throw new Error(`${root.path}: no Asterisk modules`);
}

/**
 * A real Asterisk on one host, in a chroot of the shared root. Mounts are made in the private mount namespace that
 * `ip netns exec` opens, so they end with the process. It resolves its own host name and nothing else, so no DNS look-up stalls. Reads here go through Asterisk's own console, not through the product.
 */
export class AsteriskInstance {
  readonly host: Host;
  readonly folder: string;
  readonly #place: AsteriskPlace;
  #process: HostProcess | undefined;

  constructor(place: AsteriskPlace) {
    this.host = place.host;
    this.folder = place.folder;
    this.#place = place;
  }

  get process(): HostProcess {
    if (this.#process === undefined) throw new Error(`${this.host.name}: Asterisk was not started`);
    return this.#process;
  }

  /** Writes or replaces the configuration; takes effect at start or {@link reload}. */
  async configure(config: PbxConfig): Promise<void> {
    for (const name of FOLDERS) await mkdir(join(this.folder, name), { recursive: true });
    const [address] = this.host.addresses;
    await writeFile(join(this.folder, 'hosts'), `127.0.0.1 localhost\n${address} ${hostname()}\n`);
    await writeFile(join(this.folder, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
    const modules = await moduleFolder(this.#place.root);
    for (const [name, text] of Object.entries(asteriskFiles(config))) {
      await writeFile(join(this.folder, 'etc', name), text.replace('/usr/lib/MODULES', modules));
    }
  }

  /**
   * Starts it and waits until it is fully booted.
   *
   * @returns milliseconds from start to fully booted.
   * @throws Error with the end of its log when it is not ready within 60 s.
   */
  async start(): Promise<number> {
    const { root, folder, host, recorder } = this.#place;
    const script = [
      'set -e',
      'mount -t proc proc "$1/proc"',
      'mount --rbind /dev "$1/dev"',
      'mount --bind "$2" "$1/srv"',
      'mount --bind "$2/hosts" "$1/etc/hosts"',
      'mount --bind "$2/resolv.conf" "$1/etc/resolv.conf"',
      'exec chroot "$1" asterisk -C /srv/etc/asterisk.conf -f',
    ].join('; ');
    this.#process = startProcess(
      host,
      {
        name: `asterisk on ${host.name}`,
        argv: ['sh', '-c', script, 'sh', root.path, folder],
        logPath: join(folder, 'log', 'console'),
      },
      recorder,
    );
    return await pollUntil(`${host.name} fully booted`, async () => await this.#isBooted(), {
      timeoutMs: 60_000,
    }).catch((error: unknown) => {
      throw new Error(this.process.log.slice(-1500), { cause: error });
    });
  }

  async #isBooted(): Promise<boolean> {
    if (!this.process.isRunning) throw new Error(`${this.host.name}: Asterisk ended`);
    return (await this.console('core waitfullybooted').catch(() => '')).includes('fully booted');
  }

  /** Runs one console command inside and gives its output. */
  async console(command: string): Promise<string> {
    const pid = `${this.process.pid}`;
    return await run(
      ['nsenter', '-t', pid, '-m', '-n', '-r', '-w', 'asterisk', '-C', '/srv/etc/asterisk.conf', '-rx', command],
      { timeoutMs: 10_000 },
    );
  }

  /** Reads one AstDB value; `undefined` when the key is not there. */
  async databaseGet(family: string, key: string): Promise<string | undefined> {
    return /^Value: (.*)$/m.exec(await this.console(`database get ${family} ${key}`))?.[1];
  }

  /** Puts one AstDB value, as somebody other than the product would. The value must hold neither spaces nor quotes nor commas at its ends. */
  async databasePut(family: string, key: string, value: string): Promise<void> {
    await this.console(`database put ${family} ${key} "${value.replaceAll('"', '\\"')}"`);
  }

  /** Empties the family `trunkward`. */
  async databaseClear(): Promise<void> {
    await this.console('database deltree trunkward');
  }

  /** Loads the dialplan again after {@link configure}. */
  async reload(): Promise<void> {
    await this.console('dialplan reload');
  }

  /** Asterisk's own full log so far: notices, warnings, errors, every step of the dialplan. */
  async log(): Promise<string> {
    return await readFile(join(this.folder, 'log/full'), 'utf8');
  }

  /** Channels up now, by Asterisk's count. */
  async activeChannels(): Promise<number> {
    return Number(/^(\d+) active channels?/m.exec(await this.console('core show channels count'))?.[1] ?? Number.NaN);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}
