import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from './command.ts';
import { type HostProcess, startProcess } from './host-process.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';
import type { RunRecorder } from './run-record.ts';

/** One request as the wire saw it, its last sending if it was sent again, and the first reply to it. */
export type CapturedTrip = {
  /** `Call-ID/CSeq` of a SIP request, `echo/sequence` of an ICMP echo. */
  readonly key: string;
  /** User part of the request URI, empty without one. */
  readonly user: string;
  /** How often it was sent. */
  readonly sendings: number;
  /** From its last sending before the reply, milliseconds; undefined when none came. */
  readonly rttMs: number | undefined;
};

/** What a capture at one interface holds. */
export type CapturedTrips = {
  /** In the order of the first sending. */
  readonly trips: readonly CapturedTrip[];
  /** Those that were answered, in the order of their replies. */
  readonly answered: readonly (CapturedTrip & { readonly rttMs: number })[];
  readonly requests: number;
  /** From the first request to the last, seconds. */
  readonly forS: number;
};

const FIELDS = [
  'frame.time_epoch',
  'sip.Call-ID',
  'sip.CSeq.seq',
  'sip.Status-Code',
  'sip.r-uri.user',
  'icmp.type',
  'icmp.seq',
] as const;
const ECHO_REPLY = '0';
/** The kernel hands a part-filled block of packets over within a second. */
const HAND_OVER_MS = 1500;

/**
 * tcpdump at a host's interface, stamped by the kernel in nanoseconds when a packet is handed to the interface or taken from it.
 * tshark reads it afterwards, so that taking the packets costs little.
 */
export class RoundTripCapture {
  readonly #process: HostProcess;
  readonly #file: string;

  private constructor(process: HostProcess, file: string) {
    this.#process = process;
    this.#file = file;
  }

  /** Starts and waits until packets are taken. @param cpu - the processor to run on, so that it takes none from the measured one. */
  static async start(
    host: Host,
    options: { readonly folder: string; readonly name: string; readonly filter: string; readonly cpu: number },
    recorder: RunRecorder,
  ): Promise<RoundTripCapture> {
    const file = join(options.folder, `${options.name}.pcap`);
    const argv = ['taskset', '-c', `${options.cpu}`, 'tcpdump', '-Z', 'root', '-i', 'eth0', '-B', '65536', '-s', '600'];
    const own = startProcess(
      host,
      {
        name: `tcpdump ${options.name}`,
        argv: [...argv, '--time-stamp-precision=nano', '-w', file, options.filter],
        logPath: join(options.folder, `${options.name}-tcpdump.log`),
      },
      recorder,
    );
    await pollUntil('tcpdump listens', () => own.log.includes('listening on'), { timeoutMs: 10_000 });
    return new RoundTripCapture(own, file);
  }

  /**
   * Ends it and reads all it took.
   *
   * @throws Error when it did not get every packet: the truth would have holes.
   */
  async finish(): Promise<CapturedTrips> {
    await delay(HAND_OVER_MS);
    await this.#process.stop(10_000);
    const { log, name } = this.#process;
    const [captured, seen, missed] = ['captured', 'received by filter', 'dropped by kernel'].map(
      (what) => new RegExp(`(\\d+) packets ${what}`).exec(log)?.[1],
    );
    if (captured === undefined || captured !== seen || missed !== '0')
      throw new Error(`${name} missed packets: ${log}`);
    const argv = ['tshark', '-r', this.#file, '-T', 'fields', '-E', 'separator=|', '-E', 'occurrence=f'];
    return pairTrips(await run([...argv, ...FIELDS.flatMap((field) => ['-e', field])], { timeoutMs: 180_000 }));
  }
}

type Open = { readonly user: string; sentAtMs: number; sendings: number; rttMs: number | undefined };

function pairTrips(text: string): CapturedTrips {
  const open = new Map<string, Open>();
  const answeredKeys: string[] = [];
  let requests = 0;
  let [firstAtMs, lastAtMs]: [number | undefined, number] = [undefined, 0];
  let baseS: number | undefined;
  for (const row of text.split('\n')) {
    const [time = '', callId = '', cseq = '', status = '', user = '', icmpType = '', icmpSequence = ''] =
      row.split('|');
    if (callId === '' && icmpSequence === '') continue;
    const [wholeS = '0', fraction = '0'] = time.split('.');
    baseS ??= Number(wholeS);
    const atMs = (Number(wholeS) - baseS) * 1000 + Number(`0.${fraction}`) * 1000;
    const key = callId === '' ? `echo/${icmpSequence}` : `${callId}/${cseq}`;
    const known = open.get(key);
    if (status !== '' || icmpType === ECHO_REPLY) {
      if (!known || known.rttMs !== undefined) continue;
      known.rttMs = atMs - known.sentAtMs;
      answeredKeys.push(key);
      continue;
    }
    requests += 1;
    firstAtMs ??= atMs;
    lastAtMs = atMs;
    if (!known) open.set(key, { user, sentAtMs: atMs, sendings: 1, rttMs: undefined });
    else if (known.rttMs === undefined) {
      known.sentAtMs = atMs;
      known.sendings += 1;
    }
  }
  const trips = [...open].map(([key, { user, sendings, rttMs }]): CapturedTrip => ({ key, user, sendings, rttMs }));
  const byKey = new Map(trips.map((trip) => [trip.key, trip]));
  const answered = answeredKeys.flatMap((key) => {
    const trip = byKey.get(key);
    return trip?.rttMs === undefined ? [] : [{ ...trip, rttMs: trip.rttMs }];
  });
  return { trips, answered, requests, forS: (lastAtMs - (firstAtMs ?? lastAtMs)) / 1000 };
}
