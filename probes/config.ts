import { isIP } from 'node:net';
import { Clone, Default } from 'typebox/value';
import { tooLongRoutes } from '../wire/route-value.ts';
import { repeatedNames, type SchemaFault, schemaFaults, soundness } from '../wire/schema-faults.ts';
import { type ProbeConfig, ProbeConfigSchema } from './config-schema.ts';

/** A configuration, or every fault found in it with its place. */
export type ProbeConfigResult =
  | { readonly ok: true; readonly config: ProbeConfig }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

/**
 * Reads a probe's configuration.
 *
 * @param document - the parsed YAML document; not changed.
 * @returns the configuration with defaults, or all faults at once (unknown keys, wrong types, dangling names).
 */
export function readProbeConfig(document: unknown): ProbeConfigResult {
  const filled = Default(ProbeConfigSchema, Clone(document));
  const faults = schemaFaults(ProbeConfigSchema, filled);
  const config = filled as ProbeConfig;
  const isSound = soundness(faults);
  const all = [
    ...faults,
    ...(isSound('trunks', 'classes', 'peers') ? repeated(config) : []),
    ...(isSound('trunks', 'classes', 'emergency', 'peers', 'pbx') ? dangling(config) : []),
    ...(isSound('sourceAddress', 'peers', 'trunks') ? addressFaults(config) : []),
    ...(isSound('hub') ? plaintextFaults(config) : []),
    ...(isSound('trunks', 'classes') ? tooLongRoutes(config.classes) : []),
  ];
  return all.length > 0 ? { ok: false, faults: all } : { ok: true, config };
}

/** Name of the target that measures an edge. */
export function edgeTarget(trunk: string, edge: string): string {
  return `${trunk}.${edge}`;
}

/** Name of the target that measures a peer PBX. */
export function peerTarget(pbx: string): string {
  return `peer.${pbx}`;
}

function repeated(config: ProbeConfig): readonly SchemaFault[] {
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['trunks', config.trunks.map(({ trunk }) => trunk)],
    ['classes', config.classes.map((entry) => entry.class)],
    ['peers', config.peers.map(({ pbx }) => pbx)],
    ...config.trunks.map(({ edges }, at): readonly [string, readonly string[]] => [
      `trunks[${at}].edges`,
      edges.map(({ edge }) => edge),
    ]),
  ];
  return lists.flatMap(([path, names]) => repeatedNames(path, names));
}

function dangling(config: ProbeConfig): readonly SchemaFault[] {
  const known = new Set(config.trunks.map(({ trunk }) => trunk));
  const check = (path: string, trunks: readonly string[]) =>
    trunks.flatMap((trunk, at) =>
      known.has(trunk) ? [] : [{ path: `${path}[${at}]`, message: `trunk ${trunk} is not among trunks` }],
    );
  const ownPeer = config.peers.flatMap(({ pbx }, at) =>
    pbx === config.pbx ? [{ path: `peers[${at}].pbx`, message: `${pbx} is this PBX itself` }] : [],
  );
  return [
    ...config.classes.flatMap(({ trunks }, at) => check(`classes[${at}].trunks`, trunks)),
    ...check('emergency.trunks', config.emergency.trunks),
    ...ownPeer,
  ];
}

function addressFaults(config: ProbeConfig): readonly SchemaFault[] {
  const places: readonly (readonly [string, string | undefined])[] = [
    ['sourceAddress', config.sourceAddress],
    ...config.peers.map(({ address }, at): readonly [string, string] => [`peers[${at}].address`, address]),
    ...config.trunks.flatMap(({ edges }, trunkAt) =>
      edges.map(({ address }, edgeAt): readonly [string, string] => [
        `trunks[${trunkAt}].edges[${edgeAt}].address`,
        address,
      ]),
    ),
  ];
  return places.flatMap(([path, address]) =>
    address === undefined || isIP(address) !== 0
      ? []
      : [{ path, message: `expected a literal IP address, not ${JSON.stringify(address)}` }],
  );
}

function plaintextFaults(config: ProbeConfig): readonly SchemaFault[] {
  if (config.hub.allowPlaintext) return [];
  return config.hub.urls.flatMap((url, at) =>
    url.startsWith('wss:') || /^ws:\/\/(127\.0\.0\.1|\[::1\]|localhost)([:/]|$)/.test(url)
      ? []
      : [{ path: `hub.urls[${at}]`, message: 'plaintext to another host needs hub.allowPlaintext: true' }],
  );
}
