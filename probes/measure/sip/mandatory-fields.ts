import { type CSeq, parseCSeq } from './cseq.ts';
import { Cursor, isWordCharacter } from './cursor.ts';
import { type Parsed, type Refusal, refuse } from './fault.ts';
import type { HeaderField } from './header-fields.ts';
import { type NameAddr, parseNameAddr } from './name-addr.ts';
import { parseVias, type Via } from './via.ts';

/** What every message must carry (RFC 3261 §8.1.1; Max-Forwards apart, which responses lack). */
export type CommonFields = {
  /** Every Via value of every Via header in order, top first; at least one. */
  readonly vias: readonly [Via, ...Via[]];
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly callId: string;
  readonly cseq: CSeq;
};

/** Fields that a message may have once at most: two of them leave no way to tell which one is meant. */
const SINGLE_FIELDS = ['call-id', 'cseq', 'from', 'to', 'max-forwards', 'content-length', 'content-type'];

/**
 * Reads the fields that make a message a message.
 *
 * @param bodyOffset - byte at which the header section ends; a missing field is reported there.
 * @see RFC 3261 §8.1.1, §7.3.1 (multiple fields of one name).
 */
export function readCommonFields(fields: readonly HeaderField[], bodyOffset: number): Parsed<CommonFields> {
  const single = new Map<string, HeaderField>();
  for (const field of fields) {
    if (!SINGLE_FIELDS.includes(field.name)) continue;
    if (single.has(field.name)) return refuse('repeated-header', field.offset);
    single.set(field.name, field);
  }
  const vias = readVias(fields);
  if ('fault' in vias) return vias;
  const [top, ...others] = vias;
  const [cseqField, callIdField] = [single.get('cseq'), single.get('call-id')];
  const [fromField, toField] = [single.get('from'), single.get('to')];
  if (!top || !cseqField || !callIdField || !fromField || !toField) return refuse('missing-header', bodyOffset);
  const cseq = parseCSeq(cseqField.value);
  if (!cseq) return refuse('bad-cseq', cseqField.offset);
  if (!isCallId(callIdField.value)) return refuse('bad-call-id', callIdField.offset);
  const from = parseNameAddr(fromField.value);
  if (!from) return refuse('bad-from', fromField.offset);
  const to = parseNameAddr(toField.value);
  if (!to) return refuse('bad-to', toField.offset);
  return { ok: true, value: { vias: [top, ...others], from, to, callId: callIdField.value, cseq } };
}

function readVias(fields: readonly HeaderField[]): readonly Via[] | Refusal {
  const vias: Via[] = [];
  for (const { name, value, offset } of fields) {
    if (name !== 'via') continue;
    const some = parseVias(value);
    if (!some) return refuse('bad-via', offset);
    for (const via of some) vias.push(via);
  }
  return vias;
}

/** @see RFC 3261 §25.1, `callid = word [ "@" word ]`. */
function isCallId(text: string): boolean {
  const cursor = new Cursor(text);
  if (cursor.takeWhile(isWordCharacter) === '') return false;
  if (cursor.accept('@') && cursor.takeWhile(isWordCharacter) === '') return false;
  return cursor.isAtEnd;
}
