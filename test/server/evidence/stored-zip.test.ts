import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { storedZip } from '../../../server/evidence/stored-zip.ts';

/** Reads an archive from its end, as a program that unpacks does; shares nothing with the writer. */
function unpacked(bytes: Buffer): readonly { readonly name: string; readonly text: string }[] {
  const end = bytes.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  expect(at + bytes.readUInt32LE(end + 12)).toBe(end);
  return Array.from({ length: count }, () => {
    expect(bytes.toString('latin1', at, at + 4)).toBe('PK\u0001\u0002');
    const [method, crc, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 16), bytes.readUInt32LE(at + 24)];
    const nameLength = bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    expect(bytes.toString('latin1', local, local + 4)).toBe('PK\u0003\u0004');
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(from, from + size);
    expect({ method, crc }).toEqual({ method: 0, crc: crc32(data) });
    return { name, text: data.toString('utf8') };
  });
}

describe('an archive', () => {
  it('holds each file whole, with its name and its CRC-32 (APPNOTE 4.3)', () => {
    const files = [
      { name: 'evidence.html', text: '<p>Zürich \u{1f4de}</p>'.repeat(1000) },
      { name: 'empty', text: '' },
      { name: 'SHA256SUMS', text: 'abc  evidence.html\n' },
    ];
    expect(unpacked(Buffer.from(storedZip(files)))).toEqual(files);
  });

  it('is the same for the same files, and may hold none', () => {
    expect(storedZip([{ name: 'a', text: 'b' }])).toEqual(storedZip([{ name: 'a', text: 'b' }]));
    expect(unpacked(Buffer.from(storedZip([])))).toEqual([]);
  });
});
