import { describe, expect, it } from 'vitest';
import type { LocatedEdges } from '../../probes/edge-place.ts';
import { callingTargets, dialledForms, hostPort, probeTargets, unlocatedEdges } from '../../probes/probe-targets.ts';
import { probeConfig } from './probe-fixture.ts';

describe('the targets of a probe', () => {
  it('are every edge of every trunk and every peer, in the order of the file', () => {
    const config = probeConfig({
      trunks: [
        {
          trunk: 'a',
          endpoint: 'telco-a',
          edges: [
            { edge: 'a1', address: '192.0.2.1' },
            { edge: 'a2', address: '192.0.2.2', port: 5080 },
          ],
        },
        { trunk: 'b', endpoint: 'telco-b', edges: [{ edge: 'b1', address: '2001:db8::1' }] },
      ],
      peers: [{ pbx: 'ams-1', address: '203.0.113.30' }],
    });
    expect(probeTargets(config)).toEqual([
      {
        target: 'a.a1',
        description: { target: 'a.a1', kind: 'trunk', trunk: 'a', edge: 'a1' },
        address: '192.0.2.1',
        port: 5060,
        requestUri: 'sip:192.0.2.1:5060',
        trunk: 'a',
        transport: 'udp',
      },
      {
        target: 'a.a2',
        description: { target: 'a.a2', kind: 'trunk', trunk: 'a', edge: 'a2' },
        address: '192.0.2.2',
        port: 5080,
        requestUri: 'sip:192.0.2.2:5080',
        trunk: 'a',
        transport: 'udp',
      },
      {
        target: 'b.b1',
        description: { target: 'b.b1', kind: 'trunk', trunk: 'b', edge: 'b1' },
        address: '2001:db8::1',
        port: 5060,
        requestUri: 'sip:[2001:db8::1]:5060',
        trunk: 'b',
        transport: 'udp',
      },
      {
        target: 'peer.ams-1',
        description: { target: 'peer.ams-1', kind: 'peer', peer: 'ams-1' },
        address: '203.0.113.30',
        port: 5060,
        requestUri: 'sip:203.0.113.30:5060',
        trunk: undefined,
        transport: 'udp',
      },
    ]);
  });

  it('are over TLS by the URI parameter and the server name, and once more from each source of the same family', () => {
    const config = probeConfig({
      trunks: [
        {
          trunk: 'a',
          endpoint: 'telco-a',
          edges: [
            { edge: 'a1', address: '192.0.2.1', port: 5061, transport: 'tls', serverName: 'sip.example.net' },
            { edge: 'a2', address: '2001:db8::2' },
          ],
          sources: [
            { source: 'lte', address: '198.51.100.7' },
            { source: 'v6', address: '2001:db8::7' },
          ],
        },
      ],
    });
    const targets = probeTargets(config);
    expect(targets.map(({ target }) => target)).toEqual(['a.a1', 'a.a1.from-lte', 'a.a2', 'a.a2.from-v6']);
    expect(targets[1]).toMatchObject({
      description: { target: 'a.a1.from-lte', kind: 'trunk', trunk: 'a', edge: 'a1', source: 'lte' },
      requestUri: 'sip:192.0.2.1:5061;transport=tls',
      transport: 'tls',
      serverName: 'sip.example.net',
      sourceAddress: '198.51.100.7',
    });
    expect(callingTargets(targets).map(({ target }) => target)).toEqual(['a.a1', 'a.a2']);
  });

  it('are each address of an edge by name, asked for that name, and none before it is found', () => {
    const config = probeConfig({
      trunks: [
        {
          trunk: 'a',
          endpoint: 'telco-a',
          edges: [
            { edge: 'a1', host: 'SIP.telco.example', transport: 'tls' },
            { edge: 'a2', host: 'sbc.telco.example', port: 5080 },
            { edge: 'a3', address: '192.0.2.3', transport: 'tls' },
          ],
          sources: [{ source: 'lte', address: '198.51.100.7' }],
        },
      ],
    });
    const [trunk] = config.trunks;
    if (!trunk) throw new Error('no trunk');
    const place = { hostName: 'e.telco.example', port: 5071, transport: 'tls' } as const;
    const located: LocatedEdges = new Map([
      [
        'a.a1',
        [
          { ...place, host: 'e1', address: '192.0.2.1' },
          { ...place, host: 'e2', address: '2001:db8::2' },
        ],
      ],
    ]);
    const targets = probeTargets(config, located);
    expect(targets.map(({ target }) => target)).toEqual([
      'a.a1.at-e1',
      'a.a1.at-e1.from-lte',
      'a.a1.at-e2',
      'a.a3',
      'a.a3.from-lte',
    ]);
    expect(targets[1]).toMatchObject({
      description: { target: 'a.a1.at-e1.from-lte', trunk: 'a', edge: 'a1', host: 'e1', source: 'lte' },
      address: '192.0.2.1',
      port: 5071,
      requestUri: 'sip:SIP.telco.example;transport=tls',
      serverName: 'SIP.telco.example',
    });
    expect(targets[3]).toMatchObject({ port: 5061 });
    expect(unlocatedEdges(config, located)).toEqual([{ target: 'a.a2', kind: 'trunk', trunk: 'a', edge: 'a2' }]);
    expect(dialledForms(trunk, located)).toEqual([
      { edge: 'a1', hostPort: 'sip.telco.example:5060' },
      { edge: 'a1', hostPort: '192.0.2.1:5071' },
      { edge: 'a1', hostPort: '[2001:db8::2]:5071' },
      { edge: 'a2', hostPort: 'sbc.telco.example:5080' },
      { edge: 'a3', hostPort: '192.0.2.3:5061' },
    ]);
  });

  it('writes an IPv6 address in brackets (RFC 3986 3.2.2)', () => {
    expect(hostPort('::1', 5060)).toBe('[::1]:5060');
    expect(hostPort('127.0.0.1', 5060)).toBe('127.0.0.1:5060');
  });
});
