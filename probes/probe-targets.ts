import { isIPv6 } from 'node:net';
import type { TargetDescription } from '../wire/probe-frames.ts';
import { edgeTarget, peerTarget } from './config.ts';
import type { ProbeConfig } from './config-schema.ts';
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

/**
 * All targets of a configuration: every edge of every trunk, every edge once more from each further source address of its
 * family, and every peer.
 */
export function probeTargets(config: ProbeConfig): readonly ProbeTarget[] {
  const edges = config.trunks.flatMap((trunk) =>
    trunk.edges.flatMap((edge) => {
      const plain = edgeProbeTarget(trunk.trunk, edge);
      return [plain, ...trunk.sources.flatMap((source) => fromSource(plain, edge.edge, source))];
    }),
  );
  const peers = config.peers.map(({ pbx, address, port }): ProbeTarget => {
    const target = peerTarget(pbx);
    const description = { target, kind: 'peer', peer: pbx } as const;
    return { target, description, address, port, requestUri: uri(address, port), trunk: undefined, transport: 'udp' };
  });
  return [...edges, ...peers];
}

/** Targets whose state may bear on a route: those that ask from where calls leave. */
export function callingTargets(targets: readonly ProbeTarget[]): readonly ProbeTarget[] {
  return targets.filter(({ sourceAddress }) => sourceAddress === undefined);
}

/** `host:port` of an address as it stands in a SIP URI (RFC 3261 §25.1, RFC 3986 §3.2.2). */
export function hostPort(address: string, port: number): string {
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

function edgeProbeTarget(trunk: string, configured: Trunk['edges'][number]): ProbeTarget {
  const { address, caFile, edge, port, serverName, transport } = configured;
  const target = edgeTarget(trunk, edge);
  const parameter = transport === 'udp' ? '' : `;transport=${transport}`;
  return {
    target,
    description: { target, kind: 'trunk', trunk, edge },
    address,
    port,
    requestUri: `${uri(address, port)}${parameter}`,
    trunk,
    transport,
    ...(serverName !== undefined && { serverName }),
    ...(caFile !== undefined && { caFile }),
  };
}

function fromSource(plain: ProbeTarget, edge: string, { address, source }: Trunk['sources'][number]): ProbeTarget[] {
  const { trunk } = plain;
  if (trunk === undefined || isIPv6(address) !== isIPv6(plain.address)) return [];
  const target = `${plain.target}.from-${source}`;
  return [{ ...plain, target, description: { target, kind: 'trunk', trunk, edge, source }, sourceAddress: address }];
}

function uri(address: string, port: number): string {
  return `sip:${hostPort(address, port)}`;
}
