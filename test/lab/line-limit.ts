import { run } from './command.ts';
import type { Host } from './network.ts';

/** How fast a line is. */
export type LineSpeed = {
  readonly kbps: number;
  /** What its queue holds at most, as time: a packet that would wait longer is dropped. Milliseconds. */
  readonly queueMs: number;
};

/** A limit in force. */
export type ActiveLimit = {
  /** The kernel's own count since it was set. */
  readonly counter: () => Promise<{ readonly sentPackets: number; readonly droppedPackets: number }>;
  readonly remove: () => Promise<void>;
};

/** A token bucket lets this much time's worth of bytes go at once, and never less than a packet of Ethernet's size. */
const BURST_MS = 10;
const LEAST_BURST_BYTES = 1600;

/**
 * Slow lines: a token bucket with a queue behind it, in the one direction or the other of a host. It takes the place of any
 * other queueing of that interface, that of {@link LineDisorder} too.
 *
 * @see tc-tbf(8)
 */
export class LineLimits {
  readonly #core: string;

  /** @param core - namespace of the core. */
  constructor(core: string) {
    this.#core = core;
  }

  /** Bounds what a host is sent. */
  async limitDown(host: Host, speed: LineSpeed): Promise<ActiveLimit> {
    return await limit(this.#core, coreDevice(host), speed);
  }

  /** Bounds what a host sends. */
  async limitUp(host: Host, speed: LineSpeed): Promise<ActiveLimit> {
    return await limit(host.namespace, 'eth0', speed);
  }
}

/** The core's end of a host's veth pair. */
export function coreDevice({ addresses: [address] }: Host): string {
  return `h${address.split('.')[2]}`;
}

async function limit(namespace: string, device: string, { kbps, queueMs }: LineSpeed): Promise<ActiveLimit> {
  const tc = async (...args: readonly string[]) => await run(['ip', 'netns', 'exec', namespace, 'tc', ...args]);
  const burst = Math.max(LEAST_BURST_BYTES, Math.ceil((kbps / 8) * BURST_MS));
  const shape = ['tbf', 'rate', `${kbps}kbit`, 'burst', `${burst}`, 'latency', `${queueMs}ms`];
  await tc('qdisc', 'replace', 'dev', device, 'root', ...shape);
  return {
    counter: async () => {
      const text = await tc('-s', 'qdisc', 'show', 'dev', device);
      const found = /Sent \d+ bytes (\d+) pkt \(dropped (\d+),/.exec(text);
      if (!found) throw new Error(`tc ${device}: no figures in ${text}`);
      return { sentPackets: Number(found[1]), droppedPackets: Number(found[2]) };
    },
    remove: async () => {
      await tc('qdisc', 'del', 'dev', device, 'root');
    },
  };
}
