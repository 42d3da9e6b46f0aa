/** What one echo request of a run met, by the `icmp_seq` that ping gave it (from 1). */
export type PingPacket =
  | {
      readonly kind: 'answered';
      readonly echoSequence: number;
      readonly rttMs: number;
      /** TTL or hop limit of the reply; absent where ping did not print it. */
      readonly hopLimit: number | undefined;
      /** Wall time at which ping handled the reply. */
      readonly atEpochMs: number;
    }
  /** No reply within the wait. `atEpochMs` is when ping said so (when it sent the next request), if it did. */
  | { readonly kind: 'unanswered'; readonly echoSequence: number; readonly atEpochMs: number | undefined }
  /** An ICMP error came back instead, from the address named. */
  | { readonly kind: 'unreachable'; readonly echoSequence: number; readonly from: string; readonly atEpochMs: number };

/** Why a whole run measured nothing. */
export type PingFault = 'no-route' | 'not-permitted' | 'socket-error' | 'clock-stepped' | 'program-failed';

/** A run, or why it is none. */
export type PingRun =
  | {
      readonly ok: true;
      readonly packets: readonly PingPacket[];
      /** Requests that the kernel refused to send; ping does not say which, so none of the unanswered is known lost. */
      readonly unsent: number;
    }
  | { readonly ok: false; readonly fault: PingFault; readonly text: string };

const STAMP = String.raw`^\[(\d+\.\d+)\] `;
const ANSWER = new RegExp(
  String.raw`${STAMP}\d+ bytes from \S+: icmp_seq=(\d+)(?: ttl=(\d+)| hop_limit=(\d+))? time=([\d.]+) ms(.*)$`,
);
const WAITING = new RegExp(String.raw`${STAMP}no answer yet for icmp_seq=(\d+)$`);
const ERROR = new RegExp(String.raw`${STAMP}From (\S+?):? icmp_seq=(\d+) (?!Redirect|Source Quench)(.+)$`);
const SEND_ERROR = /^ping6?: send(?:msg|to)?: /;
const SUMMARY = /^(\d+) packets transmitted, /;
const CLOCK_STEPPED = /time of day goes back/;
const FATAL: readonly (readonly [RegExp, PingFault])[] = [
  [/cap_net_raw|not permitted|Permission denied/i, 'not-permitted'],
  [/unreachable|No route to host|ping broadcast/i, 'no-route'],
  [/bind: |Invalid argument|No buffer space|Address family/i, 'socket-error'],
];

/**
 * Reads what `ping -D -O -n` of Debian's iputils (20221126) printed for one run, standard error mixed in.
 *
 * Lines that are not understood are passed over. Of a sequence number the first reply counts; duplicates, replies with a
 * bad checksum and replies from another address do not. A reply after `no answer yet` is still a reply.
 *
 * @param output - the whole text.
 * @param isComplete - false where the run was cut off: a request that had not had its wait is then left out.
 * @returns packets in the order of their numbers; never throws. A wall clock stepped back falsifies ping's own round
 *   trips, so such a run is a fault.
 */
export function parsePingOutput(output: string, isComplete: boolean): PingRun {
  const lines = output.split('\n').map((line) => line.trimEnd());
  if (lines.some((line) => CLOCK_STEPPED.test(line))) return { ok: false, fault: 'clock-stepped', text: shown(lines) };
  if (!lines.some((line) => line.startsWith('PING '))) {
    if (!isComplete && lines.every((line) => line === '')) return { ok: true, packets: [], unsent: 0 };
    const fault = FATAL.find(([pattern]) => lines.some((line) => pattern.test(line)))?.[1] ?? 'program-failed';
    return { ok: false, fault, text: shown(lines) };
  }
  const packets = new Map<number, PingPacket>();
  for (const line of lines) {
    const packet = parseLine(line);
    if (!packet) continue;
    const known = packets.get(packet.echoSequence);
    if (!known || weight(packet) > weight(known)) packets.set(packet.echoSequence, packet);
  }
  const transmitted = isComplete ? Math.min(10_000, transmittedCount(lines)) : 0;
  for (let echoSequence = 1; echoSequence <= transmitted; echoSequence += 1) {
    if (!packets.has(echoSequence)) {
      packets.set(echoSequence, { kind: 'unanswered', echoSequence, atEpochMs: undefined });
    }
  }
  const unsent = lines.filter((line) => SEND_ERROR.test(line)).length;
  return { ok: true, packets: [...packets.values()].toSorted((a, b) => a.echoSequence - b.echoSequence), unsent };
}

function parseLine(line: string): PingPacket | undefined {
  const answer = ANSWER.exec(line);
  if (answer) {
    if (answer[6] !== '') return undefined;
    const hops = answer[3] ?? answer[4];
    return {
      kind: 'answered',
      echoSequence: Number(answer[2]),
      rttMs: Number(answer[5]),
      hopLimit: hops === undefined ? undefined : Number(hops),
      atEpochMs: Number(answer[1]) * 1000,
    };
  }
  const waiting = WAITING.exec(line);
  if (waiting) return { kind: 'unanswered', echoSequence: Number(waiting[2]), atEpochMs: Number(waiting[1]) * 1000 };
  const error = ERROR.exec(line);
  if (!error?.[2]) return undefined;
  return {
    kind: 'unreachable',
    echoSequence: Number(error[3]),
    from: error[2],
    atEpochMs: Number(error[1]) * 1000,
  };
}

function weight({ kind }: PingPacket): number {
  return { unanswered: 0, unreachable: 1, answered: 2 }[kind];
}

function transmittedCount(lines: readonly string[]): number {
  return lines.reduce((count, line) => Number(SUMMARY.exec(line)?.[1] ?? count), 0);
}

function shown(lines: readonly string[]): string {
  return lines
    .filter((line) => line !== '')
    .join(' | ')
    .slice(0, 300);
}
