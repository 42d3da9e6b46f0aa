import { Resolver } from 'node:dns/promises';
import {
  defaultPort,
  type LocatedAddress,
  type LocationQuery,
  type NamedAddress,
  nameAddresses,
  refreshMs,
  serviceNames,
} from './server-location.ts';

/** What one look-up came to. `not-found` is the answer that there is nothing; the others are no answer. */
export type LocationResult =
  | { readonly kind: 'resolved'; readonly addresses: readonly NamedAddress[]; readonly refreshMs: number }
  | { readonly kind: 'not-found' | 'timed-out' | 'failed' };

/** How to look up. */
export type LocationOptions = {
  /** `ADDRESS` or `ADDRESS:PORT`; the system's where absent. */
  readonly servers?: readonly string[] | undefined;
  readonly timeoutMs: number;
};

type Found = { readonly addresses: readonly LocatedAddress[]; readonly ttlsS: readonly number[] };

const NONE = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * Looks up every address at which a name is served: NAPTR, then the first SRV name that has records, all of them and not
 * the one that a caller would pick, then A and AAAA. Never rejects for what a name server does.
 *
 * Node tells the TTL of A and AAAA records alone, so those decide when to look again.
 *
 * @see RFC 3263 §4.
 */
export async function locateServers(query: LocationQuery, options: LocationOptions): Promise<LocationResult> {
  const resolver = new Resolver({ timeout: options.timeoutMs, tries: 1 });
  if (options.servers) resolver.setServers([...options.servers]);
  try {
    const { addresses, ttlsS } = await locate(resolver, query);
    if (addresses.length === 0) return { kind: 'not-found' };
    return { kind: 'resolved', addresses: nameAddresses(addresses), refreshMs: refreshMs(ttlsS) };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === undefined) throw cause;
    return { kind: code === 'ETIMEOUT' ? 'timed-out' : 'failed' };
  }
}

async function locate(resolver: Resolver, query: LocationQuery): Promise<Found> {
  const { host, port, transport } = query;
  const isOpen = transport === undefined && port === undefined;
  const naptr = isOpen ? await orNone(resolver.resolveNaptr(host)) : [];
  for (const service of serviceNames(query, naptr)) {
    const records = await orNone(resolver.resolveSrv(service.name));
    if (records.length === 0) continue;
    const all = await Promise.all(
      records.map((record) => addressesOf(resolver, record.name, record.port, service.transport)),
    );
    return { addresses: all.flatMap((found) => found.addresses), ttlsS: all.flatMap((found) => found.ttlsS) };
  }
  const direct = transport ?? 'udp';
  return addressesOf(resolver, host, port ?? defaultPort(direct), direct);
}

async function addressesOf(
  resolver: Resolver,
  hostName: string,
  port: number,
  transport: LocatedAddress['transport'],
): Promise<Found> {
  const [four, six] = await Promise.all([
    orNone(resolver.resolve4(hostName, { ttl: true })),
    orNone(resolver.resolve6(hostName, { ttl: true })),
  ]);
  const records = [...four, ...six];
  return {
    addresses: records.map(({ address }) => ({ hostName, address, port, transport })),
    ttlsS: records.map(({ ttl }) => ttl),
  };
}

/** No such name, or none of that type, is an empty answer; everything else is no answer. */
async function orNone<Item>(asked: Promise<Item[]>): Promise<Item[]> {
  try {
    return await asked;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && NONE.has(cause.code)) return [];
    throw cause;
  }
}
