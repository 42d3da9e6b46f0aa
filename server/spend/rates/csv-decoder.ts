/** Longest record, characters; a quote that is never closed does not swallow the file. */
export const MAX_RECORD_CHARACTERS = 16_384;

/** Characters that may stand between fields. */
export type Separator = ',' | ';' | '\t' | '|';

/** One record, with the line that it begins on (from 1), or why it is none. */
export type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly fault: CsvFault };

/** `stray-quote`: one inside a plain field, or text behind a closing one. */
export type CsvFault = 'stray-quote' | 'unclosed-quote' | 'too-long';

const SEPARATORS: readonly Separator[] = [',', ';', '\t', '|'];

/**
 * Reads CSV that comes in parts: records end in LF or CRLF, a field may be quoted, a quote inside quotes is doubled. Empty lines
 * are passed over, a byte-order mark is taken off. Without a separator the one that divides the first line most often is taken.
 *
 * A record that cannot be read is given as a fault with its line, and reading goes on behind the end of that line.
 *
 * @see RFC 4180 §2
 */
export class CsvDecoder {
  #separator: Separator | undefined;
  #rest = '';
  #line = 1;
  #isStarted = false;
  #isSkipping = false;

  constructor(separator?: Separator) {
    this.#separator = separator;
  }

  /** Takes a part of the text; gives the records that end in it. */
  feed(text: string): readonly CsvRecord[] {
    return this.#read(text, false);
  }

  /** No more text will come: gives what stands behind the last line end. */
  end(): readonly CsvRecord[] {
    return this.#read('', true);
  }

  #read(part: string, isLast: boolean): readonly CsvRecord[] {
    let text = this.#rest + part;
    if (!this.#isStarted && text.length > 0) {
      this.#isStarted = true;
      if (text.startsWith('\u{FEFF}')) text = text.slice(1);
    }
    const records: CsvRecord[] = [];
    let at = 0;
    let quoteAt = text.indexOf('"');
    while (at < text.length) {
      const lineEnd = text.indexOf('\n', at);
      const endAt = lineEnd === -1 && isLast ? text.length : lineEnd;
      if (this.#isSkipping || (endAt === -1 && text.length - at > MAX_RECORD_CHARACTERS)) {
        if (!this.#isSkipping) records.push({ line: this.#line, fault: 'too-long' });
        this.#isSkipping = endAt === -1;
        if (endAt === -1) {
          at = text.length;
          break;
        }
        at = endAt + 1;
        this.#line += 1;
        continue;
      }
      if (quoteAt !== -1 && quoteAt < at) quoteAt = text.indexOf('"', at);
      if (quoteAt !== -1 && (endAt === -1 || quoteAt < endAt)) {
        const taken = this.#quoted(text, at, isLast);
        if (taken === 'more') break;
        records.push(taken.record);
        this.#line += taken.lines;
        at = taken.nextAt;
        continue;
      }
      if (endAt === -1) break;
      const record = this.#plain(text.slice(at, text.charCodeAt(endAt - 1) === 13 && endAt > at ? endAt - 1 : endAt));
      if (record) records.push(record);
      at = endAt + 1;
      this.#line += 1;
    }
    this.#rest = text.slice(at);
    return records;
  }

  #plain(text: string): CsvRecord | undefined {
    if (text === '') return undefined;
    if (text.length > MAX_RECORD_CHARACTERS) return { line: this.#line, fault: 'too-long' };
    this.#separator ??= commonest(text);
    return { line: this.#line, fields: text.split(this.#separator) };
  }

  #quoted(
    text: string,
    from: number,
    isLast: boolean,
  ): 'more' | { readonly record: CsvRecord; readonly lines: number; readonly nextAt: number } {
    const line = this.#line;
    const lineEnd = text.indexOf('\n', from);
    if (lineEnd === -1 && !isLast) return 'more';
    const nextLine = lineEnd === -1 ? text.length : lineEnd + 1;
    const broken = (fault: CsvFault) => ({ record: { line, fault }, lines: 1, nextAt: nextLine });
    this.#separator ??= commonest(unquoted(text.slice(from, nextLine)));
    const separator = this.#separator;
    const fields: string[] = [];
    let lines = 1;
    let at = from;
    for (;;) {
      if (at - from > MAX_RECORD_CHARACTERS) return broken('too-long');
      if (text[at] === '"') {
        let value = '';
        at += 1;
        for (;;) {
          const closeAt = text.indexOf('"', at);
          const isLong = (closeAt === -1 ? text.length : closeAt) - from > MAX_RECORD_CHARACTERS;
          if (isLong) return broken('unclosed-quote');
          if (closeAt === -1) return isLast ? broken('unclosed-quote') : 'more';
          value += text.slice(at, closeAt);
          at = closeAt + 1;
          if (at >= text.length && !isLast) return 'more';
          if (text[at] !== '"') break;
          value += '"';
          at += 1;
        }
        lines += value.split('\n').length - 1;
        fields.push(value);
      } else {
        const separatorAt = text.indexOf(separator, at);
        const lineAt = text.indexOf('\n', at);
        if (lineAt === -1 && separatorAt === -1 && !isLast) return 'more';
        const ends = [separatorAt, lineAt].filter((end) => end !== -1);
        const endAt = Math.min(...ends, text.length);
        const isLineEnd = endAt === lineAt || endAt === text.length;
        const field = text.slice(at, isLineEnd && text[endAt - 1] === '\r' ? endAt - 1 : endAt);
        if (field.includes('"')) return broken('stray-quote');
        fields.push(field);
        at = endAt;
      }
      if (text[at] === '\r') {
        if (at + 1 >= text.length && !isLast) return 'more';
        if (text[at + 1] === '\n' || at + 1 >= text.length) at += 1;
      }
      if (at >= text.length || text[at] === '\n') return { record: { line, fields }, lines, nextAt: at + 1 };
      if (text[at] !== separator) return broken('stray-quote');
      at += 1;
    }
  }
}

function unquoted(line: string): string {
  return line.replaceAll(/"[^"]*"/g, '');
}

function commonest(line: string): Separator {
  let [best, most]: [Separator, number] = [',', 0];
  for (const separator of SEPARATORS) {
    const count = line.split(separator).length - 1;
    if (count > most) [best, most] = [separator, count];
  }
  return best;
}
