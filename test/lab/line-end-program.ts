import { LineRunner } from '../../probes/line-runner.ts';
import type { CommandFrame } from '../../wire/hub-frames.ts';

/** What one end of a line is started with, as JSON in its first argument. */
export type LineEnd = {
  readonly role: 'sender' | 'receiver';
  readonly address: string;
  readonly peerAddress: string;
  readonly port: number;
  /** Base64url of 32 bytes, the same at both ends. */
  readonly key: string;
  readonly maxBytes: number;
  readonly maxMs: number;
  readonly maxKbps: number;
  /** Live calls from the start. */
  readonly liveCalls: number;
};

/**
 * The transfer of the product in a process of its own, with one order. Prints `{"listening":…}`, each measurement and each
 * refusal as a line of JSON. At SIGUSR2 a call begins.
 */
function main(): void {
  const end = JSON.parse(process.argv[2] ?? '') as LineEnd;
  const { maxBytes, maxKbps, maxMs } = end;
  let { liveCalls } = end;
  const print = (line: object): void => console.log(JSON.stringify(line));
  const runner = new LineRunner({
    isEnabled: true,
    peers: [{ pbx: 'peer', target: 'peer.peer', address: end.peerAddress, port: end.port }],
    sourceAddress: end.address,
    port: end.port,
    bounds: { maxBytes, maxKbps, maxMs },
    yieldAtCalls: 1,
    limits: { leastEveryMs: 0, maxBytesPerDay: Number.MAX_SAFE_INTEGER },
    liveCalls: () => liveCalls,
    heldFence: () => 0,
    onMeasurement: (measurement) => print({ measurement }),
    onRefused: (reason) => print({ refused: reason }),
    onListening: (port) => print({ listening: port }),
    onFault: (place, cause) => print({ fault: place, text: String(cause) }),
  });
  process.on('SIGUSR2', () => {
    liveCalls = 1;
  });
  process.on('SIGTERM', () => process.exit(0));
  setInterval(() => undefined, 60_000);
  const command: CommandFrame['command'] = {
    kind: 'line-test',
    peer: 'peer',
    role: end.role,
    session: 'lab-session',
    key: end.key,
    maxBytes,
    maxMs,
  };
  runner.take({ v: 1, type: 'command', commandId: 'lab-command', fence: 0, command });
}

main();
