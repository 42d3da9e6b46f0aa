/**
 * Makes the children of `parent` equal to freshly built `wanted` ones by the smallest change: what is alike stays the
 * same node, so focus, selection and scrolling survive. Elements with `data-key` are matched by it, others by place. The
 * inside of an element with `data-opaque` is left alone once it is there. Listeners are not carried over: views delegate.
 *
 * @param wanted - nodes owned by this call; they may be moved into the page.
 */
export function patch(parent: Element, wanted: readonly (Node | undefined)[]): void {
  const nodes = wanted.filter((node) => node !== undefined);
  const keyed = new Map<string, Element>();
  for (const child of parent.children) {
    const key = keyOf(child);
    if (key !== undefined) keyed.set(key, child);
  }
  let place = parent.firstChild;
  for (const node of nodes) {
    const key = keyOf(node);
    const old = key === undefined ? place : (keyed.get(key) ?? null);
    if (old !== null && isAlike(old, node)) {
      if (old === place) place = place.nextSibling;
      else parent.insertBefore(old, place);
      sync(old, node);
    } else {
      parent.insertBefore(node, place);
    }
  }
  while (place !== null) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function keyOf(node: Node): string | undefined {
  return node instanceof HTMLElement ? node.dataset['key'] : undefined;
}

function isAlike(old: Node, node: Node): boolean {
  return old.nodeName === node.nodeName && keyOf(old) === keyOf(node);
}

function sync(old: Node, node: Node): void {
  if (old instanceof Text && node instanceof Text) {
    if (old.data !== node.data) old.data = node.data;
    return;
  }
  if (!(old instanceof Element && node instanceof Element)) return;
  for (const name of old.getAttributeNames()) if (!node.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of node.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (!node.hasAttribute('data-opaque')) patch(old, [...node.childNodes]);
}
