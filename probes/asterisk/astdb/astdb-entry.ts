import { type AmiPacket, firstValue } from '../ami/ami-packet.ts';

/** The AstDB family that holds everything of ours. */
export const ASTDB_FAMILY = 'trunkward';

/** One entry of our family: key without the family (`route/national`), value as stored. */
export type AstDbEntry = { readonly key: string; readonly value: string };

/**
 * Reads one `DBGetTreeResponse`, whose `Key` is the whole path `/trunkward/route/national`. Entries of other families
 * (Asterisk matches a family's name exactly, but an old one may not) are left out.
 */
export function readTreeEntry(item: AmiPacket): AstDbEntry | undefined {
  const path = firstValue(item, 'Key');
  const value = firstValue(item, 'Val');
  const prefix = `/${ASTDB_FAMILY}/`;
  if (path === undefined || value === undefined || !path.startsWith(prefix)) return undefined;
  return { key: path.slice(prefix.length), value };
}

/** What our family says about routes and trunks marked down, whoever wrote it. */
export type StoredPlan = {
  /** By class: the text under `route/<class>`. */
  readonly routes: ReadonlyMap<string, string>;
  /** By trunk: the text under `down/<trunk>`, in seconds since 1970 where it is well-formed. */
  readonly down: ReadonlyMap<string, string>;
};

/** Sorts entries into a plan; keys of other kinds (`class/`, `allow/`, `fallback/`) are left out. */
export function toStoredPlan(entries: readonly AstDbEntry[]): StoredPlan {
  const routes = new Map<string, string>();
  const down = new Map<string, string>();
  for (const { key, value } of entries) {
    const [, kind, name] = /^(route|down)\/([^/]+)$/.exec(key) ?? [];
    if (name === undefined) continue;
    if (kind === 'route') routes.set(name, value);
    else down.set(name, value);
  }
  return { routes, down };
}
