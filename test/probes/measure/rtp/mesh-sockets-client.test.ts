import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { MeshSockets } from '../../../../probes/measure/rtp/mesh-sockets-client.ts';

test('counts what the system dropped in front of a socket that nobody reads', async () => {
  const sockets = new MeshSockets({ sourceAddress: '127.0.0.1', port: 0, onMessage: () => undefined });
  const port = await sockets.bind();
  const flood = createSocket({ type: 'udp4', lookup: (host, _options, callback) => callback(null, host, 4) });
  const listening = once(flood, 'listening');
  flood.bind(0, '127.0.0.1');
  await listening;
  try {
    expect(sockets.drops()).toBe(0);
    // Leaves in this turn, in which nothing is received; more than the 4 MiB that the mesh asks for.
    const packet = new Uint8Array(1400);
    for (let sent = 0; sent < 8000; sent += 1) flood.send(packet, port, '127.0.0.1', () => undefined);
    expect(sockets.drops()).toBeGreaterThan(100);
  } finally {
    flood.close();
    sockets.close();
  }
});
