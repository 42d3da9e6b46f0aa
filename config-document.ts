import { parseDocument } from 'yaml';
import type { SchemaFault } from './wire/schema-faults.ts';

/** A document of JSON types, or what is wrong with its text and where. */
export type DocumentResult =
  | { readonly ok: true; readonly document: unknown }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

/**
 * Reads the text of a YAML 1.2 file. Repeated keys, several documents in one file and alias bombs are refused.
 *
 * @returns places as `line L, column C`.
 */
export function readDocument(text: string): DocumentResult {
  const parsed = parseDocument(text, { strict: true, uniqueKeys: true, prettyErrors: false });
  if (parsed.errors.length > 0) {
    return { ok: false, faults: parsed.errors.map(({ pos, message }) => ({ path: place(text, pos[0]), message })) };
  }
  try {
    return { ok: true, document: parsed.toJS({ maxAliasCount: 100 }) };
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    return { ok: false, faults: [{ path: '(top)', message: cause.message }] };
  }
}

function place(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
