import { createSocket } from 'node:dgram';
import { parseIpAddress } from '../../probes/measure/sip/host.ts';

/** One record of a zone. */
export type ZoneRecord = { readonly name: string; readonly ttlS: number } & (
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly to: string;
    }
  | {
      readonly type: 'NAPTR';
      readonly order: number;
      readonly preference: number;
      readonly service: string;
      readonly to: string;
    }
);

const TYPES = { A: 1, AAAA: 28, SRV: 33, NAPTR: 35 } as const;
const NAME_ERROR = 3;

/** An authoritative name server on a free UDP port of 127.0.0.1. @see RFC 1035 §4, RFC 2782, RFC 3403 §4.1 */
export async function startNameServer(zone: readonly ZoneRecord[], rcode?: number | 'silent') {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, { address, port }) => {
    let at = 12;
    const labels: string[] = [];
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.').toLowerCase();
    const type = query.readUInt16BE(at + 1);
    asked.push(`${name} ${type}`);
    if (rcode === 'silent') return;
    const answers = zone.filter((record) => record.name === name && TYPES[record.type] === type);
    const isKnown = zone.some((record) => record.name === name);
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580 | (rcode ?? (isKnown ? 0 : NAME_ERROR)), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(rcode === undefined ? answers.length : 0, 6);
    const bodies = rcode === undefined ? answers.map(encodeRecord) : [];
    socket.send(Buffer.concat([head, query.subarray(12, at + 5), ...bodies]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    server: `127.0.0.1:${socket.address().port}`,
    asked,
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

function encodeRecord(record: ZoneRecord): Buffer {
  const data = encodeData(record);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(TYPES[record.type], 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(record.ttlS, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(record.name), head, data]);
}

function encodeData(record: ZoneRecord): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.address.split('.').map(Number));
    case 'AAAA': {
      const groups = parseIpAddress(record.address)?.canonical.split(':') ?? [];
      return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
    }
    case 'SRV':
      return Buffer.concat([shorts(record.priority, record.weight, record.port), encodeName(record.to)]);
    case 'NAPTR': {
      const texts = ['s', record.service, ''].map((text) => Buffer.from(`${String.fromCharCode(text.length)}${text}`));
      return Buffer.concat([shorts(record.order, record.preference), ...texts, encodeName(record.to)]);
    }
    default:
      return record satisfies never;
  }
}

function shorts(...values: readonly number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => `${String.fromCharCode(label.length)}${label}`);
  return Buffer.from(`${labels.join('')}\0`, 'latin1');
}
