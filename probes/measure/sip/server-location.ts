import { isIPv6 } from 'node:net';
import type { SipTransport } from './options-request.ts';

/** What is looked up: a name, with the transport and port that the configuration fixes. */
export type LocationQuery = {
  readonly host: string;
  readonly transport?: SipTransport | undefined;
  readonly port?: number | undefined;
};

/** One NAPTR record. @see RFC 3403 §4.1 */
export type NaptrRecord = {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
};

/** One SRV name to ask, and the transport that it stands for. */
export type ServiceName = { readonly name: string; readonly transport: SipTransport };

/** One address at which a name is served. */
export type LocatedAddress = {
  /** Name of the host that holds the address: SRV target, or the name itself. */
  readonly hostName: string;
  readonly address: string;
  readonly port: number;
  readonly transport: SipTransport;
};

/** An address with a name of its own within its edge: an identifier of at most 32 characters. */
export type NamedAddress = LocatedAddress & { readonly host: string };

const SERVICES: Readonly<Record<string, SipTransport>> = { 'SIP+D2U': 'udp', 'SIP+D2T': 'tcp', 'SIPS+D2T': 'tls' };
const PREFIXES: Readonly<Record<SipTransport, string>> = { udp: '_sip._udp.', tcp: '_sip._tcp.', tls: '_sips._tcp.' };
const MAX_HOST_CHARACTERS = 32;
const MIN_TTL_S = 30;
const MAX_TTL_S = 3600;

/** Default port of a transport. @see RFC 3261 §19.1.2 */
export function defaultPort(transport: SipTransport): number {
  return transport === 'tls' ? 5061 : 5060;
}

/**
 * SRV names to ask, in order; the first that has records decides. Empty where the port is fixed: then the name itself holds
 * the addresses.
 *
 * @param naptr - of the name; empty where the transport is fixed or there are none.
 * @see RFC 3263 §4.1, §4.2.
 */
export function serviceNames(query: LocationQuery, naptr: readonly NaptrRecord[]): readonly ServiceName[] {
  const { host, port, transport } = query;
  if (port !== undefined) return [];
  const fixed = (each: SipTransport): ServiceName => ({ name: `${PREFIXES[each]}${host}`, transport: each });
  if (transport !== undefined) return [fixed(transport)];
  const offered = naptr
    .toSorted((one, other) => one.order - other.order || one.preference - other.preference)
    .flatMap(({ flags, replacement, service }) => {
      const found = SERVICES[service.toUpperCase()];
      return found && flags.toLowerCase() === 's' ? [{ name: replacement, transport: found }] : [];
    });
  return offered.length > 0 ? offered : [fixed('udp'), fixed('tcp'), fixed('tls')];
}

/** How long addresses stand before the next look-up, milliseconds: their shortest TTL, within 30 s and 1 h. */
export function refreshMs(ttlsS: readonly number[]): number {
  return Math.min(MAX_TTL_S, Math.max(MIN_TTL_S, Math.min(...ttlsS, MAX_TTL_S))) * 1000;
}

/**
 * Gives each address its name: the first label of its host where that names one address alone, the address itself
 * otherwise, with port and transport where even that is not enough, and last a number. Independent of the order of records.
 */
export function nameAddresses(addresses: readonly LocatedAddress[]): readonly NamedAddress[] {
  const unique = new Map(addresses.map((each) => [`${each.address} ${each.port} ${each.transport}`, each]));
  const sorted = [...unique].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
  const forms = [
    ({ hostName }: LocatedAddress) => slug(hostName.split('.')[0] ?? ''),
    ({ address }: LocatedAddress) => slug(isIPv6(address) ? `v6-${address}` : address),
    ({ address, port, transport }: LocatedAddress) => slug(`${address}-${port}-${transport}`),
  ];
  const taken = new Set<string>();
  return sorted.map((each, at) => {
    const own = forms.map((form) => ({ form, name: form(each) }));
    const free = own.find(({ form, name }) => {
      return name !== '' && !taken.has(name) && sorted.every((other) => other === each || form(other) !== name);
    });
    let host = free?.name ?? `address-${at}`;
    for (let more = sorted.length; taken.has(host); more += 1) host = `address-${more}`;
    taken.add(host);
    return { ...each, host };
  });
}

/** An identifier out of any text; empty where it would be cut, since what is cut off may be what tells two apart. */
function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain.length > MAX_HOST_CHARACTERS ? '' : plain;
}
