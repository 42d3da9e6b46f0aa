import { createSocket } from 'node:dgram';
import { performance } from 'node:perf_hooks';

/** Traffic that fills a line, as JSON in the first argument. */
export type Background = {
  readonly address: string;
  readonly port: number;
  /** On the wire of the line, Ethernet's header counted in, while it sends. */
  readonly kbps: number;
  /** So long sending, so long silent, milliseconds. */
  readonly onMs: number;
  readonly offMs: number;
};

const PAYLOAD_BYTES = 1000;
/** Ethernet, IPv4 and UDP. */
const HEADER_BYTES = 14 + 20 + 8;
const TICK_MS = 5;

/** UDP at a constant rate in bursts; whoever it is meant for need not listen. Prints `sending` once; SIGTERM ends it. */
function main(): void {
  const { address, kbps, offMs, onMs, port } = JSON.parse(process.argv[2] ?? '') as Background;
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  const payload = Buffer.alloc(PAYLOAD_BYTES);
  const packetsPerMs = kbps / 8 / (PAYLOAD_BYTES + HEADER_BYTES);
  const startedAtMs = performance.now();
  let sent = 0;
  setInterval(() => {
    const elapsedMs = performance.now() - startedAtMs;
    const cycles = Math.floor(elapsedMs / (onMs + offMs));
    const sendingMs = cycles * onMs + Math.min(onMs, elapsedMs - cycles * (onMs + offMs));
    for (; sent < Math.floor(sendingMs * packetsPerMs); sent += 1) socket.send(payload, port, address);
  }, TICK_MS);
  console.log('sending');
}

main();
