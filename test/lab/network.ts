import { run } from './command.ts';
import { LineLimits } from './line-limit.ts';
import { LossRules } from './loss-rules.ts';
import type { RunRecorder } from './run-record.ts';

/** One machine of the lab: a network namespace with `eth0` and a default route through the core. */
export type Host = {
  readonly name: string;
  readonly namespace: string;
  /** Addresses on `eth0`, the first one being the source of what the host sends. */
  readonly addresses: readonly [string, ...string[]];
};

/**
 * A star of network namespaces: every host has a veth pair to the `core` namespace, which forwards and nothing else, so
 * all traffic between two hosts passes the core's forward chain, where loss is made and counted. Nothing leaves the machine.
 *
 * Namespaces are deleted through the run's record, never one by one.
 *
 * @see ip-netns(8), veth(4)
 */
export class Network {
  readonly core: string;
  readonly loss: LossRules;
  /** Slow lines to and from hosts. */
  readonly line: LineLimits;
  readonly #prefix: string;
  readonly #recorder: RunRecorder;
  #hostCount = 0;

  private constructor(prefix: string, recorder: RunRecorder) {
    this.#prefix = prefix;
    this.#recorder = recorder;
    this.core = `${prefix}-core`;
    this.loss = new LossRules(this.core);
    this.line = new LineLimits(this.core);
  }

  /** Makes the core. `prefix` must be unique among the namespaces of this machine. */
  static async create(prefix: string, recorder: RunRecorder): Promise<Network> {
    const network = new Network(prefix, recorder);
    await network.#addNamespace(network.core);
    await run(['ip', 'netns', 'exec', network.core, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
    await network.loss.start();
    return network;
  }

  /**
   * Makes a host at `10.77.N.2` with N counting from 1.
   *
   * @param addressCount - how many addresses, from .2 upwards (1 to 200), e.g. one for each edge of a provider.
   */
  async addHost(name: string, addressCount = 1): Promise<Host> {
    this.#hostCount += 1;
    const subnet = this.#hostCount;
    const namespace = `${this.#prefix}-${name}`;
    const addresses: [string, ...string[]] = [`10.77.${subnet}.2`];
    for (let index = 1; index < addressCount; index += 1) addresses.push(`10.77.${subnet}.${2 + index}`);
    await this.#addNamespace(namespace);
    const coreSide = `h${subnet}`;
    const commands = [
      ['-n', this.core, 'link', 'add', coreSide, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace],
      ['-n', this.core, 'address', 'add', `10.77.${subnet}.1/24`, 'dev', coreSide],
      ['-n', this.core, 'link', 'set', coreSide, 'up'],
      ...addresses.map((address) => ['-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0']),
      ['-n', namespace, 'link', 'set', 'eth0', 'up'],
      ['-n', namespace, 'route', 'add', 'default', 'via', `10.77.${subnet}.1`],
    ];
    for (const args of commands) await run(['ip', ...args]);
    return { name, namespace, addresses };
  }

  async #addNamespace(name: string): Promise<void> {
    this.#recorder.addNamespace(name);
    await run(['ip', 'netns', 'add', name]);
    await run(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  }
}
