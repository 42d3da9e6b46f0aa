import { isIPv4, isIPv6 } from 'node:net';
import type { SchemaFault } from '../wire/schema-faults.ts';
import type { ProbeConfig } from './config-schema.ts';
import { parseIpAddress } from './measure/sip/host.ts';
import { defaultPort, type LocationQuery, type NamedAddress } from './measure/sip/server-location.ts';

type Trunk = ProbeConfig['trunks'][number];
type Edge = Trunk['edges'][number];

/** Most addresses of one name that are measured, the first when sorted as text; also what it counts in limits. */
export const MAX_HOSTS = 8;

/** Addresses last found of edges that are configured by name, by `TRUNK.EDGE`; an edge not yet found has no entry. */
export type LocatedEdges = ReadonlyMap<string, readonly NamedAddress[]>;

/** One address at which an edge is measured. `host` is its name within an edge that is configured by name. */
export type EdgePlace = Pick<NamedAddress, 'address' | 'port' | 'transport'> & { readonly host?: string };

/** Where an edge is measured now; empty for a name whose addresses have not been found yet. */
export function edgePlaces(trunk: string, configured: Edge, located: LocatedEdges): readonly EdgePlace[] {
  const { address, edge, port, transport = 'udp' } = configured;
  if (address !== undefined) return [{ address, port: port ?? defaultPort(transport), transport }];
  return located.get(`${trunk}.${edge}`) ?? [];
}

/** An edge that must be looked up. */
export type NamedEdge = { readonly trunk: string; readonly edge: string; readonly query: LocationQuery };

/** The edges of a configuration that are configured by name. */
export function namedEdges({ trunks }: Pick<ProbeConfig, 'trunks'>): readonly NamedEdge[] {
  return trunks.flatMap(({ edges, trunk }) =>
    edges.flatMap(({ edge, host, port, transport }) =>
      host === undefined ? [] : [{ trunk, edge, query: { host, port, transport } }],
    ),
  );
}

/** What is wrong with where the edges of a configuration are, what is said of their TLS, and the sources they are asked from. */
export function edgePlaceFaults({ dns, trunks }: Pick<ProbeConfig, 'dns' | 'trunks'>): readonly SchemaFault[] {
  const servers = (dns.servers ?? []).flatMap((server, at) => {
    const message = `expected ADDRESS or ADDRESS:PORT, an IPv6 address in brackets before a port, not ${JSON.stringify(server)}`;
    return isServer(server) ? [] : [{ path: `dns.servers[${at}]`, message }];
  });
  const edges = trunks.flatMap((trunk, trunkAt) =>
    trunk.edges.flatMap((edge, at) => edgeFaults(edge, `trunks[${trunkAt}].edges[${at}]`)),
  );
  return [...servers, ...edges, ...trunks.flatMap((trunk, at) => sourceFaults(trunk, `trunks[${at}].sources`))];
}

function edgeFaults({ address, caFile, host, serverName, transport }: Edge, path: string): readonly SchemaFault[] {
  const faults: SchemaFault[] = [];
  if ((address === undefined) === (host === undefined)) {
    faults.push({ path, message: 'expected either address, a literal, or host, a name to look up' });
  }
  if (host !== undefined && parseIpAddress(host)) {
    faults.push({ path: `${path}.host`, message: `${host} is an address: write it as address` });
  }
  const mayBeTls = transport === 'tls' || (transport === undefined && host !== undefined);
  for (const [key, value] of Object.entries({ serverName, caFile })) {
    if (value === undefined || mayBeTls) continue;
    faults.push({
      path: `${path}.${key}`,
      message: `${key} is for TLS alone, and this edge is asked over ${transport ?? 'udp'}`,
    });
  }
  return faults;
}

/** Names may turn out to have addresses of either family. */
function sourceFaults({ edges, sources }: Trunk, path: string): readonly SchemaFault[] {
  if (edges.some(({ host }) => host !== undefined)) return [];
  return sources.flatMap(({ address }, at) => {
    const isUsed = edges.some((edge) => isIPv6(edge.address ?? '') === isIPv6(address));
    const family = isIPv6(address) ? 'IPv6' : 'IPv4';
    return isUsed
      ? []
      : [{ path: `${path}[${at}].address`, message: `no edge of this trunk has an ${family} address` }];
  });
}

function isServer(text: string): boolean {
  if (parseIpAddress(text)) return true;
  const [, bracketed, plain, port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  return isPort && (bracketed === undefined ? isIPv4(plain ?? '') : isIPv6(bracketed));
}
