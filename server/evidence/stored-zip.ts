/** A file of an archive; `text` is written as UTF-8. */
export type ZipEntry = { readonly name: string; readonly text: string };

const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
const VERSION = 20;
/** Names are UTF-8 (general purpose bit 11). */
const FLAGS = 0x0800;
/** 1 January 1980, the first day that the format knows: the time of a pack stands in the pack. */
const NO_DATE = 0x0021;

/**
 * Packs files into a ZIP archive without compressing them, so that the same files always give the same bytes.
 *
 * Local header, 30 bytes and the name: signature 4 · version 2 · flags 2 · method 2 · time 2 · date 2 · CRC-32 4 · packed size 4 ·
 * size 4 · length of name 2 · of extra 2. Central header: signature 4 · version made by 2 · the same from version on ·
 * length of comment 2 · disk 2 · internal 2 · external 4 · offset 4. End: signature 4 · disks 2+2 · entries 2+2 · size 4 · offset 4 ·
 * comment 2. All little-endian.
 *
 * @param entries - names are distinct, relative and without `..`; together below 4 GiB.
 * @see PKWARE APPNOTE.TXT 6.3.10 §4.3.7, §4.3.12, §4.3.16.
 */
export function storedZip(entries: readonly ZipEntry[]): Uint8Array {
  const encoder = new TextEncoder();
  const locals: Uint8Array[] = [];
  const centrals: Uint8Array[] = [];
  let offset = 0;
  for (const { name, text } of entries) {
    const nameBytes = encoder.encode(name);
    const bytes = encoder.encode(text);
    const shared = header(bytes, nameBytes.length);
    const local = joined([word(LOCAL_SIGNATURE, 4), shared, nameBytes, bytes]);
    const place = [word(0, 2), word(0, 2), word(0, 2), word(0, 4), word(offset, 4)];
    centrals.push(joined([word(CENTRAL_SIGNATURE, 4), word(VERSION, 2), shared, ...place, nameBytes]));
    locals.push(local);
    offset += local.length;
  }
  const central = joined(centrals);
  const count = word(entries.length, 2);
  const end = [word(END_SIGNATURE, 4), word(0, 2), word(0, 2), count, count, word(central.length, 4), word(offset, 4)];
  return joined([...locals, central, ...end, word(0, 2)]);
}

function header(bytes: Uint8Array, nameLength: number): Uint8Array {
  return joined([
    word(VERSION, 2),
    word(FLAGS, 2),
    word(0, 2),
    word(0, 2),
    word(NO_DATE, 2),
    word(crc32(bytes), 4),
    word(bytes.length, 4),
    word(bytes.length, 4),
    word(nameLength, 2),
    word(0, 2),
  ]);
}

/** CRC-32 with the reversed polynomial 0xedb88320, over a table of 256 entries. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function word(value: number, bytes: 2 | 4): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => (value >>> (8 * at)) & 0xff);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
