import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SelfProbes } from './instrument-reading.ts';

/** About the size of an OPTIONS request. */
const PAYLOAD_BYTES = 400;
const TOKEN_BYTES = 16;
const LOST_AFTER_MS = 500;

/** Probes the probe itself over 127.0.0.1. */
export type LoopbackProbe = {
  /** Ports on 127.0.0.1 of the side that asks and the side that answers. */
  readonly askerPort: number;
  readonly responderPort: number;
  /** Sends one self-probe now. */
  readonly send: () => void;
  /** Takes out what was settled since the last call: round trips, and those without reply for 500 ms. */
  readonly collect: () => SelfProbes;
  /** Closes both sockets; no further call is allowed. */
  readonly close: () => void;
};

/**
 * Opens two UDP sockets on loopback, one that asks and one that answers, both on the caller's event loop.
 *
 * A round trip crosses the loop twice (once at the answering side), a real measurement once; so the figure is an upper
 * bound of what sockets and event loop add to one attempt, and says nothing about the network card. A socket that fails
 * makes self-probes lost, which is what it would do to real ones.
 *
 * @param clock - monotonic.
 * @throws the system's error where loopback cannot be bound.
 */
export async function openLoopbackProbe(clock: { readonly nowMs: () => number }): Promise<LoopbackProbe> {
  const responder = await bound();
  const asker = await bound();
  const askerPort = asker.address().port;
  const responderPort = responder.address().port;
  const pending = new Map<string, number>();
  let rttsMs: number[] = [];
  let lost = 0;

  responder.on('message', (message, from) => {
    if (from.port === askerPort) responder.send(message, askerPort, '127.0.0.1');
  });
  asker.on('message', (message: Buffer, from: RemoteInfo) => {
    const nowMs = clock.nowMs();
    const token = message.subarray(0, TOKEN_BYTES).toString('hex');
    const sentAtMs = pending.get(token);
    if (sentAtMs === undefined || from.port !== responderPort) return;
    pending.delete(token);
    rttsMs.push(nowMs - sentAtMs);
  });
  return {
    askerPort,
    responderPort,
    send: () => {
      const payload = Buffer.alloc(PAYLOAD_BYTES, 0x2e);
      const token = randomBytes(TOKEN_BYTES);
      token.copy(payload);
      pending.set(token.toString('hex'), clock.nowMs());
      asker.send(payload, responderPort, '127.0.0.1');
    },
    collect: () => {
      const limitMs = clock.nowMs() - LOST_AFTER_MS;
      for (const [token, sentAtMs] of pending) {
        if (sentAtMs > limitMs) continue;
        pending.delete(token);
        lost += 1;
      }
      const settled = { lost, rttsMs };
      rttsMs = [];
      lost = 0;
      return settled;
    },
    close: () => {
      asker.close();
      responder.close();
    },
  };
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  socket.on('error', () => undefined);
  return socket;
}
