/** Text that is HTML already: made only by {@link markup} and {@link constantMarkup}, so nothing gets into it unescaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand between the parts of a template; `undefined` and `false` leave nothing. */
export type MarkupChild = string | number | Markup | readonly Markup[] | undefined | false;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes a text inert, as text and inside a quoted attribute. Control characters that HTML forbids become U+FFFD. */
export function escapeText(text: string): string {
  const seen = text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
  return Array.from(seen, (sign) => (isForbidden(sign.codePointAt(0) ?? 0) ? '\ufffd' : sign)).join('');
}

/** A template of HTML: its own parts are markup, everything put in is escaped unless it is {@link Markup} itself. */
export function markup(parts: TemplateStringsArray, ...children: readonly MarkupChild[]): Markup {
  return new Markup(parts.map((part, at) => part + childText(children[at])).join(''));
}

/** Markup that is a constant of this program, such as a style sheet. Never give it data. */
export function constantMarkup(text: string): Markup {
  return new Markup(text);
}

function childText(child: MarkupChild): string {
  if (child === undefined || child === false) return '';
  if (child instanceof Markup) return child.text;
  if (typeof child === 'number') return String(child);
  if (typeof child === 'string') return escapeText(child);
  return child.map(({ text }) => text).join('');
}

/** C0 and C1 controls besides tab and line ends, and the marks that turn the direction of a line around. */
function isForbidden(code: number): boolean {
  const isControl = (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) || (code >= 0x7f && code <= 0x9f);
  const isTurning = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return isControl || isTurning || (code >= 0xd800 && code <= 0xdfff);
}
