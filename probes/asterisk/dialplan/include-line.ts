/** Name of the include, in the folder of the file that includes it. */
export const INCLUDE_NAME = 'trunkward-outbound.conf';

const LINE = `#include ${INCLUDE_NAME} ; by trunkward install-dialplan`;
/** Said where the file had no end of line before ours, so that taking it out leaves no trace. */
const AFTER_END = ', after a line without its end';

/** An `#include` or `#tryinclude` of ours, however it is quoted; a commented one is none. */
const ANY_INCLUDE = new RegExp(
  `^[ \\t]*#(?:try)?include[ \\t]+["<]?(?:[^"<>;\\s]*/)?${INCLUDE_NAME.replace('.', '\\.')}(?=["> \\t;\\r]|$)`,
  'm',
);

/** Files whose text another program writes: the operator's own line would be lost. */
const GENERATED = /^[ \t]*#include[ \t]+["<]?extensions_additional\.conf/m;

/** The text with the include, or why it cannot have it. */
export type IncludeResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: string };

/** Adds the `#include` line at the end of an extensions.conf, unless there is one, put by whomever. */
export function withIncludeLine(text: string): IncludeResult {
  if (ANY_INCLUDE.test(text)) return { ok: true, text };
  if (GENERATED.test(text)) {
    return { ok: false, fault: 'FreePBX writes this file: name --extensions …/extensions_custom.conf, which is yours' };
  }
  if (text === '' || text.endsWith('\n')) return { ok: true, text: `${text}${LINE}\n` };
  return { ok: true, text: `${text}\n${LINE}${AFTER_END}\n` };
}

/**
 * Takes out the line that {@link withIncludeLine} added, and nothing else: a line put by hand stays.
 *
 * @returns a fault while other lines still go to the include, for their calls would fail.
 */
export function withoutIncludeLine(text: string): IncludeResult {
  const users = text.split('\n').flatMap((line, at) => {
    const code = line.replace(/(?<!\\);.*$/, '');
    return /\btrunkward-(?:outbound|dialled|class|route|attempt)\b(?!\.conf)/.test(code) ? [at + 1] : [];
  });
  if (users.length > 0) {
    const lines = `${users.length === 1 ? 'line' : 'lines'} ${users.slice(0, 10).join(', ')}`;
    return {
      ok: false,
      fault: `${lines} still ${users.length === 1 ? 'goes' : 'go'} to trunkward-outbound: point those calls elsewhere first`,
    };
  }
  return { ok: true, text: withoutOurs(text) };
}

/** A line without its end gets it only where something was added behind ours, which would run on into it. */
function withoutOurs(text: string): string {
  const [head, tail] = text.split(`\n${LINE}${AFTER_END}\n`);
  if (head !== undefined && tail !== undefined) return tail === '' ? head : `${head}\n${tail}`;
  if (text.startsWith(`${LINE}\n`)) return text.slice(LINE.length + 1);
  return text.replace(`\n${LINE}\n`, '\n');
}

/** Whether a file includes the include, by whichever line. */
export function includesIt(text: string): boolean {
  return ANY_INCLUDE.test(text);
}
