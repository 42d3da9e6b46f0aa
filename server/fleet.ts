import type { TargetDescription } from '../wire/probe-frames.ts';
import type { HubConfig } from './config-schema.ts';
import type { PathRef } from './paths/path-health.ts';
import { pathKey } from './paths/path-key.ts';

/** The configured fleet, as tables for looking things up. Names come from configuration, so only maps are used. */
export type Fleet = {
  readonly siteOf: ReadonlyMap<string, string>;
  readonly probeOf: ReadonlyMap<string, string>;
  readonly providerOf: ReadonlyMap<string, string>;
  readonly edgesOf: ReadonlyMap<string, readonly string[]>;
  readonly classes: HubConfig['classes'];
  /** What a trunk may carry; trunks without a configured capacity are not in it. */
  readonly capacityOf: ReadonlyMap<string, NonNullable<HubConfig['providers'][number]['trunks'][number]['capacity']>>;
  readonly sites: readonly string[];
};

/** Builds the tables of a configuration that has been checked. */
export function buildFleet(config: HubConfig): Fleet {
  const trunks = config.providers.flatMap(({ provider, trunks: own }) => own.map((trunk) => ({ provider, ...trunk })));
  return {
    siteOf: new Map(config.pbxes.map(({ pbx, site }) => [pbx, site])),
    probeOf: new Map(config.pbxes.map(({ pbx, probe }) => [pbx, probe])),
    providerOf: new Map(trunks.map(({ trunk, provider }) => [trunk, provider])),
    edgesOf: new Map(trunks.map(({ trunk, edges }) => [trunk, edges])),
    classes: config.classes,
    capacityOf: new Map(trunks.flatMap(({ trunk, capacity }) => (capacity ? [[trunk, capacity]] : []))),
    sites: config.sites.map(({ site }) => site),
  };
}

/** Paths that a probe watches, and the targets it named that the hub's configuration does not know. */
export type DeclaredPaths = { readonly refs: readonly PathRef[]; readonly unknown: readonly string[] };

/** Turns the targets of a hello into paths; a target of an unknown trunk, edge or peer makes none. */
export function declaredPaths(fleet: Fleet, pbx: string, targets: readonly TargetDescription[]): DeclaredPaths {
  const site = fleet.siteOf.get(pbx) ?? '';
  const refs: PathRef[] = [];
  const unknown: string[] = [];
  for (const target of targets) {
    const end = pathEnd(fleet, target);
    if (end) refs.push({ key: pathKey(pbx, target.target), pbx, site, target: target.target, end });
    else unknown.push(target.target);
  }
  return { refs, unknown };
}

function pathEnd(fleet: Fleet, target: TargetDescription): PathRef['end'] | undefined {
  if (target.kind === 'peer') {
    const site = fleet.siteOf.get(target.peer);
    return site === undefined ? undefined : { kind: 'peer', pbx: target.peer, site };
  }
  const { trunk, edge, host, source } = target;
  const provider = fleet.providerOf.get(trunk);
  const isKnown = provider !== undefined && fleet.edgesOf.get(trunk)?.includes(edge);
  if (!isKnown) return undefined;
  const more = { ...(host !== undefined && { host }), ...(source !== undefined && { source }) };
  return { kind: 'trunk', provider, trunk, edge, ...more };
}
