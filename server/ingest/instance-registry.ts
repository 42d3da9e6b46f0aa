/** The connection that speaks for a PBX now. */
export type Holder = { readonly connectionId: number; readonly instanceId: string };

/** Who holds each PBX; keyed by PBX. */
export type InstanceRegistry = ReadonlyMap<string, Holder>;

/** What a hello meets. `replaces` names the older connection of the same instance, to be closed. */
export type Claim =
  | { readonly kind: 'accepted'; readonly registry: InstanceRegistry; readonly replaces: number | undefined }
  | { readonly kind: 'refused'; readonly holder: Holder };

/**
 * Decides whether a connection may speak for a PBX: a newer connection of the same instance replaces the older one,
 * another instance on the same token is refused while the first is connected.
 */
export function claim(registry: InstanceRegistry, pbx: string, wanted: Holder): Claim {
  const holder = registry.get(pbx);
  if (holder && holder.instanceId !== wanted.instanceId) return { kind: 'refused', holder };
  return {
    kind: 'accepted',
    registry: new Map(registry).set(pbx, wanted),
    replaces: holder?.connectionId,
  };
}

/** Frees a PBX when its connection has ended; a connection that was replaced frees nothing. */
export function release(registry: InstanceRegistry, pbx: string, connectionId: number): InstanceRegistry {
  if (registry.get(pbx)?.connectionId !== connectionId) return registry;
  const rest = new Map(registry);
  rest.delete(pbx);
  return rest;
}
