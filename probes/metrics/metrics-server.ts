import type { Server } from 'node:http';
import { MetricRegistry } from '../../metric-registry-server.ts';
import { PROBE_METRICS, type ProbeMetric } from './catalogue.ts';

/** An import would read everything that the module exports, and so load a browser's fetch: 9 MiB that nothing here uses. */
const { createServer } = process.getBuiltinModule('node:http');

/** The probe's metrics, made from {@link PROBE_METRICS}. */
export class ProbeMetrics extends MetricRegistry<ProbeMetric> {
  constructor() {
    super(PROBE_METRICS);
  }
}

/**
 * Serves `/metrics` and `/healthz`, nothing else.
 *
 * @param refresh - brings gauges up to date before each scrape.
 * @returns once it listens; rejects with the system's error where the address is taken.
 */
export async function serveMetrics(
  metrics: ProbeMetrics,
  address: { readonly host: string; readonly port: number },
  refresh: () => void,
): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      const isHealth = request.method === 'GET' && request.url === '/healthz';
      response
        .writeHead(isHealth ? 200 : 404, { 'content-type': 'text/plain' })
        .end(isHealth ? 'alive\n' : 'not found\n');
      return;
    }
    refresh();
    metrics
      .expose()
      .then(({ contentType, text }) => response.writeHead(200, { 'content-type': contentType }).end(text))
      .catch(() => response.writeHead(500).end());
  });
  server.headersTimeout = 5000;
  server.requestTimeout = 10_000;
  server.maxConnections = 16;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  return server;
}
