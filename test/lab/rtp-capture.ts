import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from './command.ts';
import type { HostProcess } from './host-process.ts';
import type { Lab } from './lab.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';

/** What a capture says of the RTP from one address, all streams together. */
export type CapturedRtp = {
  /** Different packets. */
  readonly distinct: number;
  /** Copies beyond the first. */
  readonly duplicates: number;
  /** After one with a higher number (RFC 4737 §3), copies left out. */
  readonly reordered: number;
  /** `SSRC NUMBER` of each packet in the order in which they passed, copies too; numbers of 16 bits. */
  readonly passed: readonly string[];
};

/**
 * Packets that passed one interface and not another behind it. Only those between the first and the last that both saw count, so the
 * two captures need not begin and end at once; fewer than 65,536 of a stream.
 */
export function lostBetween({ passed: left }: CapturedRtp, { passed: came }: CapturedRtp): number {
  const arrived = new Set(came);
  const from = left.findIndex((packet) => arrived.has(packet));
  const to = left.findLastIndex((packet) => arrived.has(packet));
  return from < 0 ? 0 : left.slice(from, to).filter((packet) => !arrived.has(packet)).length;
}

/** The kernel hands a part-filled block of packets over within a second. */
const HAND_OVER_MS = 1500;

/** RTP of one UDP port as it passes a host's interface, by tcpdump; tshark reads the sequence numbers. */
export class RtpCapture {
  readonly #process: HostProcess;
  readonly #file: string;
  readonly #port: number;

  private constructor(process: HostProcess, file: string, port: number) {
    this.#process = process;
    this.#file = file;
    this.#port = port;
  }

  /** Starts and waits until packets are taken. */
  static async start(lab: Lab, host: Host, port: number): Promise<RtpCapture> {
    const folder = await lab.subfolder('captures');
    const file = join(folder, `${host.name}.pcap`);
    const own = lab.start(host, {
      name: `tcpdump on ${host.name}`,
      argv: ['tcpdump', '-Z', 'root', '-i', 'eth0', '-B', '8192', '-s', '100', '-w', file, `udp port ${port}`],
      logPath: join(folder, `${host.name}.log`),
    });
    await pollUntil('tcpdump listens', () => own.log.includes('listening on'), { timeoutMs: 10_000 });
    return new RtpCapture(own, file, port);
  }

  /** Ends it, and counts by the address that sent. @throws Error when the kernel dropped a packet on its way to it. */
  async finish(): Promise<(from: string) => CapturedRtp> {
    await delay(HAND_OVER_MS);
    await this.#process.stop();
    if (!/^0 packets dropped by kernel/m.test(this.#process.log)) throw new Error(this.#process.log);
    const fields = ['-T', 'fields', '-e', 'ip.src', '-e', 'rtp.ssrc', '-e', 'rtp.seq'];
    const text = await run(['tshark', '-n', '-r', this.#file, '-d', `udp.port==${this.#port},rtp`, ...fields], {
      timeoutMs: 120_000,
    });
    const lines = text.split('\n').map((line) => line.split('\t'));
    return (from) => countRtp(lines.filter(([source, ssrc]) => source === from && ssrc !== undefined && ssrc !== ''));
  }
}

/** Counts packets given as `[source, ssrc, sequence number of 16 bits]` in the order in which they passed. */
export function countRtp(packets: readonly (readonly string[])[]): CapturedRtp {
  const streams = Map.groupBy(packets, ([, ssrc]) => ssrc);
  let [distinct, duplicates, reordered] = [0, 0, 0];
  for (const own of streams.values()) {
    const seen = new Set<number>();
    let highest = Number.NEGATIVE_INFINITY;
    for (const [, , text] of own) {
      const number = unwrap(Number(text), highest);
      if (seen.has(number)) duplicates += 1;
      else if (number < highest) reordered += 1;
      seen.add(number);
      highest = Math.max(highest, number);
    }
    distinct += seen.size;
  }
  const passed = packets.map(([, ssrc, number]) => `${ssrc} ${number}`);
  return { distinct, duplicates, reordered, passed };
}

/** The number next to `near` that has these 16 bits; itself at the beginning. */
function unwrap(sequenceNumber: number, near: number): number {
  if (near === Number.NEGATIVE_INFINITY) return sequenceNumber;
  return sequenceNumber + Math.round((near - sequenceNumber) / 65_536) * 65_536;
}
