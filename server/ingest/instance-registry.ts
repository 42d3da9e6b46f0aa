/** The connection that speaks for a PBX now. */
export type Holder = { readonly connectionId: number; readonly instanceId: string };

/** What a hello meets. `replaces` names the older connection of the same instance, to be closed. */
export type Claim =
  | { readonly kind: 'accepted'; readonly replaces: number | undefined }
  | { readonly kind: 'refused'; readonly holder: Holder };

/**
 * Who speaks for each PBX: a newer connection of the same instance replaces the older one, another instance on the same token is
 * refused while the first is connected. Mutable, so that of thousands that come at once none costs more than another.
 */
export class InstanceRegistry {
  readonly #holders = new Map<string, Holder>();

  /** PBXs that a connection speaks for. */
  get pbxes(): readonly string[] {
    return [...this.#holders.keys()];
  }

  /** Who speaks for a PBX; undefined for nobody. */
  holderOf(pbx: string): Holder | undefined {
    return this.#holders.get(pbx);
  }

  /** Lets a connection speak for a PBX from now on, if it may. */
  claim(pbx: string, wanted: Holder): Claim {
    const holder = this.#holders.get(pbx);
    if (holder && holder.instanceId !== wanted.instanceId) return { kind: 'refused', holder };
    this.#holders.set(pbx, wanted);
    return { kind: 'accepted', replaces: holder?.connectionId };
  }

  /** Frees a PBX when its connection has ended. @returns false for a connection that was replaced, which frees nothing. */
  release(pbx: string, connectionId: number): boolean {
    if (this.#holders.get(pbx)?.connectionId !== connectionId) return false;
    return this.#holders.delete(pbx);
  }
}
