import { isIPv6 } from 'node:net';
import type { TargetDescription } from '../wire/probe-frames.ts';
import { edgeTarget, peerTarget } from './config.ts';
import type { ProbeConfig } from './config-schema.ts';
import { type EdgePlace, edgePlaces, type LocatedEdges } from './edge-place.ts';
import type { SipTransport } from './measure/sip/options-request.ts';

/** One target as this probe measures it. */
export type ProbeTarget = {
  readonly target: string;
  readonly description: TargetDescription;
  /** Literal address. */
  readonly address: string;
  readonly port: number;
  readonly requestUri: string;
  readonly trunk: string | undefined;
  readonly transport: SipTransport;
  /** What the certificate must name, and SNI; TLS alone. */
  readonly serverName?: string;
  readonly caFile?: string;
  /** Literal source of its own: such a target bears on no route. */
  readonly sourceAddress?: string;
};

type Trunk = ProbeConfig['trunks'][number];
type TrunkDescription = Extract<TargetDescription, { readonly kind: 'trunk' }>;

const NOT_LOCATED: LocatedEdges = new Map();

/**
 * All targets of a configuration: every address of every edge of every trunk, each once more from every further source address
 * of its family, and every peer. An edge by name has none before its addresses are found.
 */
export function probeTargets(config: ProbeConfig, located: LocatedEdges = NOT_LOCATED): readonly ProbeTarget[] {
  const edges = config.trunks.flatMap((trunk) =>
    trunk.edges.flatMap((edge) => {
      return edgePlaces(trunk.trunk, edge, located).flatMap((place) => {
        const plain = edgeProbeTarget(trunk.trunk, edge, place);
        return [plain, ...trunk.sources.flatMap((source) => fromSource(plain, source))];
      });
    }),
  );
  const peers = config.peers.map(({ pbx, address, port }): ProbeTarget => {
    const target = peerTarget(pbx);
    const description = { target, kind: 'peer', peer: pbx } as const;
    return { target, description, address, port, requestUri: uri(address, port), trunk: undefined, transport: 'udp' };
  });
  return [...edges, ...peers];
}

/** Edges by name whose addresses are yet to be found: unknown, so that neither hub nor probe holds a trunk for dead without them. */
export function unlocatedEdges(config: ProbeConfig, located: LocatedEdges): readonly TrunkDescription[] {
  return config.trunks.flatMap(({ edges, trunk }) =>
    edges.flatMap((edge) => {
      const isFound = edgePlaces(trunk, edge, located).length > 0;
      return isFound ? [] : [{ target: edgeTarget(trunk, edge.edge), kind: 'trunk' as const, trunk, edge: edge.edge }];
    }),
  );
}

/** What a dial string or a contact may end with for an edge: its name where it has one, and each of its addresses. */
export function dialledForms({ edges, trunk }: Trunk, located: LocatedEdges) {
  return edges.flatMap((configured) => {
    const { edge, host, port = 5060 } = configured;
    const places = edgePlaces(trunk, configured, located).map((place) => hostPort(place.address, place.port));
    const forms = host === undefined ? places : [`${host}:${port}`, ...places];
    return forms.map((form) => ({ edge, hostPort: form.toLowerCase() }));
  });
}

/** Targets whose state may bear on a route: those that ask from where calls leave. */
export function callingTargets(targets: readonly ProbeTarget[]): readonly ProbeTarget[] {
  return targets.filter(({ sourceAddress }) => sourceAddress === undefined);
}

/** `host:port` of an address as it stands in a SIP URI (RFC 3261 §25.1, RFC 3986 §3.2.2). */
export function hostPort(address: string, port: number): string {
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** The Request-URI of an edge by name is that name, as a call would have it (RFC 3263 §4: only the way there is looked up). */
function edgeProbeTarget(trunk: string, configured: Trunk['edges'][number], place: EdgePlace): ProbeTarget {
  const { caFile, edge, host: name } = configured;
  const { address, host, port, transport } = place;
  const target = edgeTarget(trunk, edge) + (host === undefined ? '' : `.at-${host}`);
  const serverName = configured.serverName ?? (transport === 'tls' ? name : undefined);
  const named = configured.port === undefined ? name : `${name}:${configured.port}`;
  const parameter = transport === 'udp' ? '' : `;transport=${transport}`;
  return {
    target,
    description: { target, kind: 'trunk', trunk, edge, ...(host !== undefined && { host }) },
    address,
    port,
    requestUri: `${name === undefined ? uri(address, port) : `sip:${named}`}${parameter}`,
    trunk,
    transport,
    ...(serverName !== undefined && { serverName }),
    ...(caFile !== undefined && { caFile }),
  };
}

function fromSource(plain: ProbeTarget, { address, source }: Trunk['sources'][number]): ProbeTarget[] {
  if (plain.description.kind !== 'trunk' || isIPv6(address) !== isIPv6(plain.address)) return [];
  const target = `${plain.target}.from-${source}`;
  return [{ ...plain, target, description: { ...plain.description, target, source }, sourceAddress: address }];
}

function uri(address: string, port: number): string {
  return `sip:${hostPort(address, port)}`;
}
