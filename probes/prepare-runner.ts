import { randomBytes } from 'node:crypto';
import { MeshRunner } from './measure/rtp/mesh-runner.ts';

/**
 * Starts the threads of the mesh once and ends them, so that their sources without types are on disk too: a thread that has to
 * strip them carries the stripper, some 17 MiB, for its life. Binds a free port of loopback; nothing is sent.
 *
 * @throws what a thread failed with.
 */
export async function prepareThreads(): Promise<void> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const mesh = new MeshRunner({
    peers: [{ pbx: 'self', target: 'peer.self', address: '127.0.0.1', port: 9 }],
    sourceAddress: '127.0.0.1',
    port: 0,
    limits: { maxKbps: 1000, yieldAtCalls: 1 },
    onMeasurement: () => undefined,
    onSamples: () => undefined,
    onRefused: () => undefined,
    onOwnDrops: () => undefined,
    onFault: (_place, cause) => failed.reject(cause),
  });
  const key = randomBytes(32).toString('base64url');
  const cadence = { packetMs: 20, payloadBytes: 160, onMs: 1000, offMs: 0 };
  mesh.assign([{ session: 'prepare-0000', key, peer: 'self', role: 'reflector', ...cadence }]);
  try {
    await Promise.race([mesh.port, failed.promise]);
  } finally {
    await mesh.close();
  }
}
