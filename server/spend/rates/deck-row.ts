import { MAX_INCREMENT_S, type RateTerms } from '../../../wire/charge.ts';
import { decimalMicros } from './decimal-micros.ts';
import { deckDate } from './deck-date.ts';
import type { DeckColumn, DeckColumns, DeckLayout } from './deck-layout.ts';

/**
 * What is known of a row's price: `priced`; `blocked` where the provider does not connect; `unread` where its line was not
 * understood, which must not let a shorter prefix price what this one was to price.
 */
export type RowState = 'priced' | 'blocked' | 'unread';

/** One row of a deck. Money is in micro-units of `currency`; times are epoch milliseconds, the end exclusive. */
export type DeckRow = {
  /** Digits of E.164, without `+`. */
  readonly prefix: string;
  readonly state: RowState;
  readonly terms: RateTerms;
  readonly currency: string;
  readonly fromEpochMs: number;
  /** Absent: until a later row of the prefix begins. */
  readonly untilEpochMs?: number;
  readonly destination?: string;
  /** Line of the file, from 1. */
  readonly line: number;
};

/** A line that was not taken, and why. */
export type Reject = { readonly line: number; readonly reason: string };

/** What one line gave: a row, a reject, or both where only its prefix could be read. */
export type RowRead = { readonly row?: DeckRow; readonly reject?: Reject };

/** What the rows of one deck have in common. */
export type RowGround = {
  readonly layout: DeckLayout;
  readonly columns: Extract<DeckColumns, { readonly ok: true }>;
  readonly defaultCurrency: string;
  readonly currencies: ReadonlySet<string>;
  /** Begin of rows that name none. */
  readonly fromEpochMs: number;
  /** IANA name; days begin at its midnight. */
  readonly zone: string;
};

/** Terms of a row that has no price; never charged. */
export const NO_TERMS: RateTerms = {
  connectFeeMicros: 0,
  priceMicrosPerMinute: 0,
  initialIncrementS: 0,
  recurringIncrementS: 1,
};

/** Reads the fields of one line. A field that is there but not understood rejects the line; its prefix is then kept as `unread`. */
export function deckRow(fields: readonly string[], line: number, ground: RowGround): RowRead {
  const { columns, layout } = ground;
  const text = (column: DeckColumn): string => {
    const at = columns.at[column];
    return at === undefined ? '' : (fields[at] ?? '').trim();
  };
  const prefix = prefixDigits(text('prefix'));
  if (prefix === undefined) {
    const isEmpty = fields.every((field) => field.trim() === '');
    return isEmpty ? {} : { reject: { line, reason: `prefix "${shown(text('prefix'))}" is not 1 to 15 digits` } };
  }
  const bare = { prefix, line, currency: ground.defaultCurrency, fromEpochMs: ground.fromEpochMs };
  const unread = (reason: string): RowRead => ({
    row: { ...bare, state: 'unread', terms: NO_TERMS },
    reject: { line, reason: `${prefix}: ${reason}` },
  });
  if (fields.length > columns.count) {
    return unread(`${fields.length} fields under ${columns.count} columns`);
  }
  const from = dateOf(text('effectiveFrom'), ground);
  const until = dateOf(text('effectiveUntil'), ground);
  if (from === 'wrong') return unread(`effective from "${shown(text('effectiveFrom'))}" is no ${layout.dates}`);
  if (until === 'wrong') return unread(`effective until "${shown(text('effectiveUntil'))}" is no ${layout.dates}`);
  const fromEpochMs = from ?? ground.fromEpochMs;
  if (until !== undefined && until <= fromEpochMs) return unread('it ends before it begins');
  const destination = text('destination').slice(0, 100);
  const dated = {
    ...bare,
    fromEpochMs,
    ...(until !== undefined && { untilEpochMs: until }),
    ...(destination !== '' && { destination }),
  };
  const blocked = isBlocked(text('blocked'));
  if (blocked === undefined) return unread(`"${shown(text('blocked'))}" does not say whether it is blocked`);
  if (blocked) return { row: { ...dated, state: 'blocked', terms: NO_TERMS } };
  const currency = text('currency').toUpperCase() || ground.defaultCurrency;
  if (!ground.currencies.has(currency)) return unread(`no rate of exchange for "${shown(currency)}" is configured`);
  const terms = termsOf(text, layout);
  return typeof terms === 'string' ? unread(terms) : { row: { ...dated, state: 'priced', terms, currency } };
}

/** Digits of a prefix: `+`, and the international prefixes 00 and 011, with which no number of E.164 begins, are taken off. */
export function prefixDigits(text: string): string | undefined {
  const [, digits] = /^(?:\+|00|011)?([1-9][0-9]{0,14})$/.exec(text.replaceAll(/[\s-]/g, '')) ?? [];
  return digits;
}

function termsOf(text: (column: DeckColumn) => string, layout: DeckLayout): RateTerms | string {
  if (text('price') === '') return 'no price';
  const price = decimalMicros(text('price'), layout.decimal);
  if (!price.ok) return `price "${shown(text('price'))}": ${price.fault}`;
  const fee = text('connectFee') === '' ? undefined : decimalMicros(text('connectFee'), layout.decimal);
  if (fee && !fee.ok) return `connection fee "${shown(text('connectFee'))}": ${fee.fault}`;
  const written = text('increments');
  const both = /^([0-9]{1,5})\s*[/:-]\s*([0-9]{1,5})$/.exec(written === '' ? layout.increments : written);
  if (!both) return `increments "${shown(written)}" are not like 60/60`;
  const initialIncrementS = seconds(text('initialIncrement'), both[1] ?? '');
  const recurringIncrementS = seconds(text('recurringIncrement'), both[2] ?? '');
  if (initialIncrementS === undefined)
    return `initial increment "${shown(text('initialIncrement'))}" is not in seconds`;
  if (recurringIncrementS === undefined || recurringIncrementS === 0) {
    return `recurring increment "${shown(text('recurringIncrement') || written)}" is not 1 s or more`;
  }
  return {
    connectFeeMicros: fee?.micros ?? 0,
    priceMicrosPerMinute: price.micros,
    initialIncrementS,
    recurringIncrementS,
  };
}

function seconds(text: string, otherwise: string): number | undefined {
  const used = text === '' ? otherwise : text;
  const value = /^[0-9]{1,5}$/.test(used) ? Number(used) : Number.NaN;
  return value <= MAX_INCREMENT_S ? value : undefined;
}

function dateOf(text: string, { layout, zone }: RowGround): number | 'wrong' | undefined {
  return text === '' ? undefined : (deckDate(text, layout.dates, zone) ?? 'wrong');
}

function isBlocked(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (['1', 'y', 'yes', 'true'].includes(word)) return true;
  return ['', '0', 'n', 'no', 'false'].includes(word) ? false : undefined;
}

function shown(text: string): string {
  return text.slice(0, 40);
}
