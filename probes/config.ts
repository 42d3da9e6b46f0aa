import { Clone, Default } from 'typebox/value';
import { tooLongRoutes } from '../wire/route-value.ts';
import { repeatedNames, type SchemaFault, schemaFaults, soundness } from '../wire/schema-faults.ts';
import { checkDialplanInput } from './asterisk/dialplan/check.ts';
import { type ProbeConfig, ProbeConfigSchema } from './config-schema.ts';
import { edgePlaceFaults, MAX_HOSTS } from './edge-place.ts';
import { parseIpAddress } from './measure/sip/host.ts';
import { testCallFaults } from './test-call-config.ts';

/** Most targets that a hello may name. */
const MAX_TARGETS = 256;

const UPLINK_PATH = '/api/v1/probe';

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
    ...(isSound('trunks', 'dns') ? edgePlaceFaults(config) : []),
    ...(isSound('hub') ? [...plaintextFaults(config), ...uplinkPathFaults(config)] : []),
    ...(isSound('trunks', 'classes') ? tooLongRoutes(config.classes) : []),
    ...(isSound('trunks') ? sharedEndpoints(config) : []),
    ...(isSound('trunks', 'peers') ? tooManyTargets(config) : []),
    ...(isSound('trunks', 'testCalls', 'emergency') ? testCallFaults(config) : []),
    ...(isSound('options') ? timeoutFaults(config) : []),
    ...(isSound('dialRules') ? missingRules(config) : []),
  ];
  const more = isSound('trunks', 'classes', 'emergency', 'dialRules') ? dialplanFaults(config, all) : [];
  const found = [...all, ...more];
  return found.length > 0 ? { ok: false, faults: found } : { ok: true, config };
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
    ...config.trunks.map(({ sources }, at): readonly [string, readonly string[]] => [
      `trunks[${at}].sources`,
      sources.map(({ source }) => source),
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
      edges.map(({ address }, edgeAt): readonly [string, string | undefined] => [
        `trunks[${trunkAt}].edges[${edgeAt}].address`,
        address,
      ]),
    ),
    ...config.trunks.flatMap(({ sources }, trunkAt) =>
      sources.map(({ address }, at): readonly [string, string] => [
        `trunks[${trunkAt}].sources[${at}].address`,
        address,
      ]),
    ),
  ];
  return places.flatMap(([path, address]) =>
    address === undefined || parseIpAddress(address)
      ? []
      : [
          {
            path,
            message: `expected a literal IP address without zone, not ${JSON.stringify(address)}${nameHint(path, address)}`,
          },
        ],
  );
}

/** An edge may be given by name, under another key. */
function nameHint(path: string, address: string): string {
  const isName = /\.edges\[/.test(path) && /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/i.test(address);
  return isName ? ': write a name as host' : '';
}

/** Calls on an endpoint say which trunk answered an INVITE: two trunks on one could not be told apart. */
function sharedEndpoints({ trunks }: ProbeConfig): readonly SchemaFault[] {
  const ownerOf = new Map<string, string>();
  return trunks.flatMap(({ trunk, endpoint }, at) => {
    const owner = ownerOf.get(endpoint);
    ownerOf.set(endpoint, owner ?? trunk);
    const message = `endpoint ${endpoint} is trunk ${owner}'s already: give each trunk an endpoint of its own`;
    return owner === undefined ? [] : [{ path: `trunks[${at}].endpoint`, message }];
  });
}

function tooManyTargets({ peers, trunks }: ProbeConfig): readonly SchemaFault[] {
  const count =
    peers.length + trunks.reduce((sum, { edges, sources }) => sum + placesOf(edges) * (1 + sources.length), 0);
  const message = `expected at most ${MAX_TARGETS} edges and peers together, got ${count}`;
  return count > MAX_TARGETS ? [{ path: 'trunks', message }] : [];
}

function placesOf(edges: ProbeConfig['trunks'][number]['edges']): number {
  return edges.reduce((sum, { host }) => sum + (host === undefined ? 1 : MAX_HOSTS), 0);
}

function timeoutFaults({ options: { minTimeoutMs, maxTimeoutMs } }: ProbeConfig): readonly SchemaFault[] {
  const message = `${minTimeoutMs} is above maxTimeoutMs, ${maxTimeoutMs}`;
  return minTimeoutMs > maxTimeoutMs ? [{ path: 'options.minTimeoutMs', message }] : [];
}

function missingRules({ dialRules }: ProbeConfig): readonly SchemaFault[] {
  const message = "expected at least one rule, such as { prefix: '+', strip: 1 }: without any every call is refused";
  return dialRules.length > 0 ? [] : [{ path: 'dialRules', message }];
}

/** What the dialplan include would refuse, as far as no other fault stands at the same place. */
function dialplanFaults(config: ProbeConfig, known: readonly SchemaFault[]): readonly SchemaFault[] {
  return checkDialplanInput(config).filter(
    (fault) => !known.some(({ path }) => fault.path === path || fault.path.startsWith(`${path}.`)),
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

/** A proxy may put a prefix before the path; whatever ends otherwise is answered 404 by a hub. */
function uplinkPathFaults({ hub }: ProbeConfig): readonly SchemaFault[] {
  return hub.urls.flatMap((url, at) => {
    if (/^wss?:\/\/[^/?#]+\//.test(url) && !/[?#]/.test(url) && url.endsWith(UPLINK_PATH)) return [];
    const message = `expected a URL that ends in ${UPLINK_PATH}, where a hub takes probes, got ${url}`;
    return [{ path: `hub.urls[${at}]`, message }];
  });
}
