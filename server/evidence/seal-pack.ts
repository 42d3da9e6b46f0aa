import { evidenceCsv } from './evidence-csv.ts';
import { type EvidencePack, PACK_PARTS, type UnsealedPack } from './evidence-pack.ts';

/** SHA-256 of a text's UTF-8 bytes, 64 hexadecimal digits. */
export type Sha256 = (text: string) => string;

/** Name of the CSV file in the manifest. */
export const CSV_PART = 'evidence.csv';

/** Adds the manifest: the digest of every part, and of the CSV file that says the same. */
export function sealPack(pack: UnsealedPack, sha256: Sha256): EvidencePack {
  return { ...pack, manifest: manifestOf(pack, sha256) };
}

/** The manifest that a pack must have. */
export function manifestOf(pack: UnsealedPack, sha256: Sha256): EvidencePack['manifest'] {
  const names = Object.keys(PACK_PARTS) as (keyof typeof PACK_PARTS)[];
  const parts = names.map((part): [string, string] => [part, JSON.stringify(pack[part])]);
  return [...parts, [CSV_PART, evidenceCsv(pack)] as const].map(([part, text]) => ({
    part,
    bytes: utf8Bytes(text),
    sha256: sha256(text),
  }));
}

/** The JSON file of a pack: one member a line, so that two packs can be compared line by line. */
export function packJson(pack: EvidencePack): string {
  return `${JSON.stringify(pack, null, 1)}\n`;
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
