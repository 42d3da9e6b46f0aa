import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Measurement } from '../../wire/measurement.ts';
import { schemaFaults } from '../../wire/schema-faults.ts';
import { makeEdgeCertificate, okTo, startStreamEdge } from '../support/sip-stream-edge.ts';
import { measuringOf } from './measuring-fixture.ts';
import { probeConfig } from './probe-fixture.ts';

test('an expired certificate is a refusal with its end told and counted, beside edges over TLS and TCP that answer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trunkward-transports-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const expired = await makeEdgeCertificate('20200601000000Z');
  const good = await makeEdgeCertificate('20990101000000Z');
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, expired.cert + good.cert);
  const edges = await Promise.all([startStreamEdge(okTo, expired), startStreamEdge(okTo, good), startStreamEdge(okTo)]);
  onTestFinished(async () => {
    for (const edge of edges) await edge.close();
  });
  const [bad, tls, tcp] = edges.map(({ port }) => port);
  const secure = { address: '127.0.0.1', transport: 'tls', serverName: 'edge.test', caFile };
  const config = probeConfig({
    icmp: { isEnabled: false },
    options: { intervalMs: 500, minTimeoutMs: 5000, maxTimeoutMs: 5000, budgetPerMinute: 6000 },
    trunks: [
      {
        trunk: 'a',
        endpoint: 'telco-a',
        edges: [
          { edge: 'bad', port: bad, ...secure },
          { edge: 'tls', port: tls, ...secure },
          { edge: 'tcp', port: tcp, address: '127.0.0.1', transport: 'tcp' },
        ],
      },
    ],
  });
  const { metrics, seen } = measuringOf(config);
  const of = (target: string) => seen.filter((each) => each.kind === 'sip-options' && each.target === target);
  await vi.waitFor(
    () => {
      expect(of('a.bad')[0]).toMatchObject({ outcome: { kind: 'refused', reason: 'tls-certificate' } });
      expect(of('a.tls').length).toBeGreaterThan(1);
      expect(of('a.tcp').length).toBeGreaterThan(1);
    },
    { timeout: 20_000 },
  );
  expect(of('a.tls')[0]).toMatchObject({ outcome: { kind: 'answered', statusCode: 200 }, phases: {} });
  expect(of('a.tls')[1]).not.toHaveProperty('phases');
  expect(of('a.tcp')[0]).toMatchObject({ outcome: { kind: 'answered' } });
  expect(seen.filter(({ kind }) => kind === 'certificate')).toContainEqual(
    expect.objectContaining({ target: 'a.bad', isAccepted: false, fault: 'CERT_HAS_EXPIRED' }),
  );
  for (const measurement of seen) expect(schemaFaults(Measurement, measurement)).toEqual([]);
  const { text } = await metrics.expose();
  expect(text).toContain(`trunkward_tls_certificate_not_after_seconds{target="a.bad"} ${Date.UTC(2020, 5, 1) / 1000}`);
  expect(text).toContain('trunkward_tls_certificate_accepted{target="a.bad"} 0');
  expect(text).toContain('trunkward_tls_certificate_accepted{target="a.tls"} 1');
  expect(text).toMatch(/trunkward_sip_options_replies_total\{target="a\.tcp",status_class="2xx"\} \d+/);
}, 30_000);
