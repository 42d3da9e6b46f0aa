import { alphanumericAnd, type Cursor, isDigit } from './cursor.ts';

const isHostCharacter = alphanumericAnd('-.');
const isIpv6Character = alphanumericAnd(':.');

/** Host and port as written; an IPv6 host keeps its brackets. Port 0 to 65535. */
export type HostPort = { readonly host: string; readonly port: number | undefined };

/**
 * Reads `host [ COLON port ]`.
 *
 * @returns `undefined` for anything that is no host name, IPv4 address or bracketed IPv6 address, or a port above 65535.
 * @see RFC 3261 §25.1, `hostport`.
 */
export function takeHostPort(cursor: Cursor): HostPort | undefined {
  const host = takeHost(cursor);
  if (host === undefined) return undefined;
  if (!cursor.acceptSeparator(':')) return { host, port: undefined };
  const digits = cursor.takeWhile(isDigit);
  const port = Number(digits);
  return digits !== '' && digits.length <= 5 && port <= 65_535 ? { host, port } : undefined;
}

function takeHost(cursor: Cursor): string | undefined {
  if (cursor.accept('[')) {
    const address = cursor.takeWhile(isIpv6Character);
    return cursor.accept(']') && ipv6Groups(address) ? `[${address}]` : undefined;
  }
  const host = cursor.takeWhile(isHostCharacter);
  return isIpv4(host) || isHostName(host) ? host : undefined;
}

/** @see RFC 3261 §25.1, `hostname`: the last label begins with a letter, so a broken IPv4 address is none. */
function isHostName(text: string): boolean {
  if (text.length > 253) return false;
  const labels = text.split('.');
  if (labels.length > 1 && labels.at(-1) === '') labels.pop();
  return labels.every(isLabel) && /^[a-zA-Z]/.test(labels.at(-1) ?? '');
}

function isLabel(label: string): boolean {
  return label !== '' && label.length <= 63 && !label.startsWith('-') && !label.endsWith('-');
}

function isIpv4(text: string): boolean {
  return /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text) && text.split('.').every((octet) => Number(octet) <= 255);
}

/** The eight 16-bit groups of an IPv6 address without brackets or zone, `undefined` when it is none. */
function ipv6Groups(text: string): readonly number[] | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1) return missing === 0 ? head : undefined;
  return missing >= 1 ? [...head, ...Array.from({ length: missing }, () => 0), ...tail] : undefined;
}

function groupsOf(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && isIpv4(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

/** An IP address: its family, and a spelling that two writings of one address share. */
export type IpAddress = { readonly family: 4 | 6; readonly canonical: string };

/**
 * Reads an IP literal without brackets or zone.
 *
 * @returns `undefined` for anything else, host names included. `canonical` serves comparison, not display: IPv6 comes
 *   as eight hexadecimal groups without compression.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (isIpv4(text)) return { family: 4, canonical: text.split('.').map(Number).join('.') };
  const groups = ipv6Groups(text);
  return groups && { family: 6, canonical: groups.map((group) => group.toString(16)).join(':') };
}

/** An IP literal as it stands in a URI or Via: IPv6 in brackets. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
