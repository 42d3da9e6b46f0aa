const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Membership test for one character code, 0 to 255; anything else is no member. */
export type CharacterClass = (code: number) => boolean;

const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** The letters and digits of ASCII together with `others`. */
export function alphanumericAnd(others: string): CharacterClass {
  const members = new Uint8Array(256);
  for (const character of ALPHANUMERIC + others) members[character.charCodeAt(0)] = 1;
  return (code) => members[code] === 1;
}

/** @see RFC 3261 §25.1, `token`. */
export const isTokenCharacter: CharacterClass = alphanumericAnd("-.!%*_+`'~");

/** @see RFC 3261 §25.1, `word`. */
export const isWordCharacter: CharacterClass = alphanumericAnd('-.!%*_+`\'~()<>:\\"/[]?{}');

/** ASCII digits. */
export const isDigit: CharacterClass = (code) => code >= 0x30 && code <= 0x39;

/**
 * Reads a header value from left to right. Characters are bytes (ISO 8859-1 view of the datagram), and every method
 * advances over what it has read, in time linear in it; none reads past the end.
 */
export class Cursor {
  readonly text: string;
  position: number;

  constructor(text: string, position = 0) {
    this.text = text;
    this.position = position;
  }

  /** Nothing is left. */
  get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** The next character's code without advancing, -1 at the end. */
  peek(): number {
    return this.isAtEnd ? -1 : this.text.charCodeAt(this.position);
  }

  /** Advances over `character` if it is next. */
  accept(character: string): boolean {
    if (this.peek() !== character.charCodeAt(0)) return false;
    this.position += 1;
    return true;
  }

  /** Advances over spaces and tabs (folds have become spaces) and says whether there was any. */
  skipBlanks(): boolean {
    const start = this.position;
    while (this.peek() === SPACE || this.peek() === TAB) this.position += 1;
    return this.position > start;
  }

  /** Advances over one separator with optional blanks on both sides, as in SLASH, SEMI, EQUAL. */
  acceptSeparator(character: string): boolean {
    const start = this.position;
    this.skipBlanks();
    if (!this.accept(character)) {
      this.position = start;
      return false;
    }
    this.skipBlanks();
    return true;
  }

  /** The longest run of members from here, perhaps empty. */
  takeWhile(isMember: CharacterClass): string {
    const start = this.position;
    while (!this.isAtEnd && isMember(this.text.charCodeAt(this.position))) this.position += 1;
    return this.text.slice(start, this.position);
  }

  /**
   * A quoted string with its quotes and escapes as they stand, or `undefined` (position kept) when none begins here or
   * it has no end.
   *
   * @see RFC 3261 §25.1, `quoted-string`.
   */
  takeQuoted(): string | undefined {
    if (this.peek() !== QUOTE) return undefined;
    for (let at = this.position + 1; at < this.text.length; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === BACKSLASH) {
        at += 1;
      } else if (code === QUOTE) {
        const quoted = this.text.slice(this.position, at + 1);
        this.position = at + 1;
        return quoted;
      }
    }
    return undefined;
  }
}
