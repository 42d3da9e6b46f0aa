/** What an element may be given: attributes by name; `false` and `undefined` leave one out, `true` sets it empty. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A child of an element; text is only ever set as text, never read as markup. */
export type Child = Node | string | undefined;

/**
 * Builds an element. Everything the hub sends goes through here, so handlers, styles and markup cannot be set by
 * attribute, and links lead only to fragments of this page.
 *
 * @throws Error on a forbidden attribute: a fault of this program, never of data.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) setAttribute(element, name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Sets an attribute where it differs, so that nothing is touched in vain. Throws as {@link h} does. */
export function setAttribute(element: Element, name: string, value: string): void {
  const isForbidden = /^(on.*|style|srcdoc|src)$/i.test(name) || (name === 'href' && !value.startsWith('#'));
  if (isForbidden) throw new Error(`attribute ${name} is not set from data`);
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Sets the text of an element that holds only text, where it differs. */
export function setText(element: Element, text: string): void {
  const only = element.firstChild;
  if (only instanceof Text && only.nextSibling === null) {
    if (only.data !== text) only.data = text;
  } else if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** The element with this id, of the page's own skeleton. */
export function byId<T extends HTMLElement>(id: string, kind: abstract new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return element;
}
