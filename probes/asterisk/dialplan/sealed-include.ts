/** First line of every include, by which it is known as ours. */
const TITLE = "; Written by trunkward from the probe's config. Changes made here are lost.";
const SEAL = /^; sha256 of all that follows this line: ([0-9a-f]{64})\n/;

/** SHA-256 of a text, in hexadecimal digits. */
export type Sha256Hex = (text: string) => string;

/** What a file in the include's place is: as we wrote it, ours but changed since, or nothing that we know. */
export type IncludeState = 'sealed' | 'edited' | 'foreign';

/** Puts the title and the seal in front of the contexts of an include. */
export function sealInclude(contexts: string, sha256Hex: Sha256Hex): string {
  return `${TITLE}\n; sha256 of all that follows this line: ${sha256Hex(contexts)}\n${contexts}`;
}

/** Tells whether an include is still as it was written. A title without a seal is `edited`: nothing tells that it was not. */
export function includeState(text: string, sha256Hex: Sha256Hex): IncludeState {
  if (!text.startsWith(`${TITLE}\n`)) return 'foreign';
  const rest = text.slice(TITLE.length + 1);
  const seal = SEAL.exec(rest);
  return seal?.[1] === sha256Hex(rest.slice(seal?.[0].length ?? 0)) ? 'sealed' : 'edited';
}
