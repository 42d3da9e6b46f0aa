const SLOT_MS = 1000;

/**
 * Things to be looked at again at some time, in slots of a second. One thing waits once, for the earliest time it was put with.
 * Mutable; times are milliseconds of one clock that never steps back.
 */
export class DueQueue<Item> {
  readonly #slots = new Map<number, Set<Item>>();
  readonly #slotOf = new Map<Item, number>();

  /** Puts a thing in for `atMs`; a later time than it waits for already changes nothing, and infinity is never. */
  put(item: Item, atMs: number): void {
    if (!Number.isFinite(atMs)) return;
    const slot = Math.floor(atMs / SLOT_MS);
    const held = this.#slotOf.get(item);
    if (held !== undefined && held <= slot) return;
    if (held !== undefined) this.#slots.get(held)?.delete(item);
    this.#slotOf.set(item, slot);
    const waiting = this.#slots.get(slot);
    if (waiting) waiting.add(item);
    else this.#slots.set(slot, new Set([item]));
  }

  /** Takes out everything due at `nowMs`, and what falls due within the same second: early, never late. */
  take(nowMs: number): readonly Item[] {
    const current = Math.floor(nowMs / SLOT_MS);
    const due: Item[] = [];
    for (const [slot, items] of this.#slots) {
      if (slot > current) continue;
      this.#slots.delete(slot);
      for (const item of items) {
        this.#slotOf.delete(item);
        due.push(item);
      }
    }
    return due;
  }
}
