import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type LocatedAddress, nameAddresses, refreshMs } from '../../../../probes/measure/sip/server-location.ts';
import { locateServers } from '../../../../probes/measure/sip/server-location-client.ts';
import { startNameServer, type ZoneRecord } from '../../../support/name-server.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function serve(...[zone, rcode]: Parameters<typeof startNameServer>) {
  const server = await startNameServer(zone, rcode);
  closers.push(() => server.close());
  return { ...server, options: { servers: [server.server], timeoutMs: 3000 } };
}

const a = (name: string, address: string, ttlS = 60): ZoneRecord => ({ name, ttlS, type: 'A', address });
const srv = (name: string, to: string, port: number): ZoneRecord => {
  return { name, ttlS: 60, type: 'SRV', priority: 10, weight: 1, port, to };
};
const naptr = (order: number, service: string, to: string): ZoneRecord => {
  return { name: 'telco.test', ttlS: 60, type: 'NAPTR', order, preference: 1, service, to };
};

describe('a name', () => {
  test('goes by the NAPTR of lowest order to both hosts of its SRV, each on its port', async () => {
    const { options } = await serve([
      naptr(20, 'SIP+D2U', '_sip._udp.telco.test'),
      naptr(10, 'SIPS+D2T', '_sips._tcp.telco.test'),
      srv('_sips._tcp.telco.test', 'edge1.telco.test', 5061),
      srv('_sips._tcp.telco.test', 'edge2.telco.test', 5071),
      srv('_sip._udp.telco.test', 'edge3.telco.test', 5060),
      a('edge1.telco.test', '192.0.2.1', 300),
      a('edge2.telco.test', '192.0.2.2', 90),
      a('edge3.telco.test', '192.0.2.3'),
    ]);
    expect(await locateServers({ host: 'telco.test' }, options)).toEqual({
      kind: 'resolved',
      refreshMs: 90_000,
      addresses: [
        { host: 'edge1', hostName: 'edge1.telco.test', address: '192.0.2.1', port: 5061, transport: 'tls' },
        { host: 'edge2', hostName: 'edge2.telco.test', address: '192.0.2.2', port: 5071, transport: 'tls' },
      ],
    });
  });

  test('with a fixed transport asks for that SRV alone', async () => {
    const { asked, options } = await serve([
      srv('_sip._tcp.telco.test', 'e.telco.test', 5090),
      a('e.telco.test', '192.0.2.1'),
    ]);
    const found = await locateServers({ host: 'telco.test', transport: 'tcp' }, options);
    expect(found).toMatchObject({ kind: 'resolved', addresses: [{ port: 5090, transport: 'tcp' }] });
    expect(asked.toSorted()).toEqual(['_sip._tcp.telco.test 33', 'e.telco.test 1', 'e.telco.test 28']);
  });

  test('with a fixed port, and one without NAPTR and SRV, goes to its own addresses', async () => {
    const { asked, options } = await serve([a('telco.test', '192.0.2.1'), a('telco.test', '192.0.2.2')]);
    const fixed = await locateServers({ host: 'telco.test', port: 5080 }, options);
    expect(fixed).toMatchObject({ kind: 'resolved', addresses: [{ port: 5080 }, { port: 5080 }] });
    expect(asked.toSorted()).toEqual(['telco.test 1', 'telco.test 28']);
    const bare = await locateServers({ host: 'telco.test' }, options);
    expect(bare).toMatchObject({
      addresses: [
        { host: '192-0-2-1', address: '192.0.2.1', port: 5060, transport: 'udp' },
        { host: '192-0-2-2', address: '192.0.2.2' },
      ],
    });
  });

  test('has its IPv6 addresses found too, each a target beside the IPv4 one of the same host', async () => {
    const { options } = await serve([
      a('telco.test', '192.0.2.1'),
      { name: 'telco.test', ttlS: 60, type: 'AAAA', address: '2001:db8::1' },
    ]);
    expect(await locateServers({ host: 'telco.test', transport: 'udp', port: 5060 }, options)).toMatchObject({
      addresses: [
        { host: '192-0-2-1', address: '192.0.2.1' },
        { host: 'v6-2001-db8-1', address: '2001:db8::1' },
      ],
    });
  });

  test('that does not exist is not-found; a server that fails or is silent is no answer', async () => {
    const empty = await serve([]);
    expect(await locateServers({ host: 'telco.test' }, empty.options)).toEqual({ kind: 'not-found' });
    const failing = await serve([], 2);
    expect(await locateServers({ host: 'telco.test' }, failing.options)).toEqual({ kind: 'failed' });
    const silent = await serve([], 'silent');
    const options = { ...silent.options, timeoutMs: 100 };
    expect(await locateServers({ host: 'telco.test' }, options)).toEqual({ kind: 'timed-out' });
  });
});

test('the next look-up is due by the shortest TTL, within 30 s and 1 h', () => {
  expect(refreshMs([300, 90])).toBe(90_000);
  expect(refreshMs([0])).toBe(30_000);
  expect(refreshMs([86_400])).toBe(3_600_000);
});

test('addresses always have names of their own that are identifiers, whatever the order of the records', () => {
  const address: fc.Arbitrary<LocatedAddress> = fc.record({
    hostName: fc.oneof(fc.domain(), fc.constant('edge.a.test'), fc.constant('192-0-2-1.test')),
    address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('192.0.2.1')),
    port: fc.constantFrom(5060, 5061),
    transport: fc.constantFrom('udp', 'tcp', 'tls'),
  });
  fc.assert(
    fc.property(fc.array(address, { maxLength: 12 }), (addresses) => {
      const named = nameAddresses(addresses);
      expect(new Set(named.map(({ host }) => host)).size).toBe(named.length);
      for (const { host } of named) expect(host).toMatch(/^[a-z0-9][a-z0-9-]{0,31}$/);
    }),
  );
});
