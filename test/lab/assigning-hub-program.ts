import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import type { AssignmentFrame } from '../../wire/assignment.ts';
import { encodeFrame, parseProbeFrame } from '../../wire/codec.ts';
import type { HubFrame } from '../../wire/hub-frames.ts';

/** What a hub that only assigns is started with, as JSON in its first argument. */
export type AssigningHub = { readonly port: number; readonly mesh: AssignmentFrame['mesh'] };

const MODES = {
  stopped: false,
  routing: 'observe',
  spend: 'observe',
  security: 'observe',
  survival: 'observe',
  classes: [],
} as const;

/**
 * Welcomes a probe on this host's loopback, gives it streams of the mesh and acknowledges its events. Prints once a second what
 * the last 15 s brought: targets whose OPTIONS were answered, and directions of the mesh with a report; and why others had none, counted since the start.
 */
function main(): void {
  const { port, mesh } = JSON.parse(process.argv[2] ?? '') as AssigningHub;
  const answeredAtMs = new Map<string, number>();
  const reportedAtMs = new Map<string, number>();
  const notTold: Record<string, number> = {};
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    const send = (frame: HubFrame): void => socket.send(encodeFrame(frame));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data: Buffer) => {
      const parsed = parseProbeFrame(data.toString('utf8'));
      if (!parsed.ok) throw new Error(`a probe sent what is no frame: ${JSON.stringify(parsed)}`);
      const { frame } = parsed;
      const sentAtEpochMs = Date.now();
      if (frame.type === 'hello') {
        const modes = { ...MODES, classes: [] };
        send({ v: 1, type: 'welcome', hubInstanceId: 'assigning-hub-1', fence: 1, sentAtEpochMs, modes });
        const stamp = { fence: 1, version: 1, issuedAtEpochMs: sentAtEpochMs };
        send({ v: 1, type: 'assignment', ...stamp, options: [], mesh, testCalls: [] });
      }
      if (frame.type === 'event') {
        send({ v: 1, type: 'ack', outboxId: frame.outboxId, sequence: frame.sequence });
      }
      if (frame.type !== 'batch') return;
      for (const measurement of frame.measurements) {
        if (measurement.kind === 'rtp-mesh') {
          reportedAtMs.set(`${measurement.session} ${measurement.direction}`, performance.now());
        }
        if (measurement.kind === 'rtp-mesh-idle') {
          notTold[measurement.because] = (notTold[measurement.because] ?? 0) + 1;
        }
        if (measurement.kind === 'sip-options' && measurement.outcome.kind === 'answered') {
          answeredAtMs.set(measurement.target, performance.now());
        }
      }
    });
  });
  server.listen(port, '127.0.0.1', () => console.log('{"listens":true}'));
  setInterval(() => {
    const sinceMs = performance.now() - 15_000;
    const count = (times: ReadonlyMap<string, number>): number =>
      [...times.values()].filter((each) => each >= sinceMs).length;
    console.log(JSON.stringify({ targets: count(answeredAtMs), meshDirections: count(reportedAtMs), notTold }));
  }, 1000);
}

main();
