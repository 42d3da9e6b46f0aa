import { isIPv6 } from 'node:net';
import type { TargetDescription } from '../wire/probe-frames.ts';
import { edgeTarget, peerTarget } from './config.ts';
import type { ProbeConfig } from './config-schema.ts';

/** One target as this probe measures it. */
export type ProbeTarget = {
  readonly target: string;
  readonly description: TargetDescription;
  /** Literal address. */
  readonly address: string;
  readonly port: number;
  readonly requestUri: string;
  readonly trunk: string | undefined;
};

/** All targets of a configuration: every edge of every trunk, and every peer. */
export function probeTargets(config: ProbeConfig): readonly ProbeTarget[] {
  const edges = config.trunks.flatMap(({ trunk, edges: own }) =>
    own.map(({ edge, address, port }): ProbeTarget => {
      const target = edgeTarget(trunk, edge);
      const description = { target, kind: 'trunk', trunk, edge } as const;
      return { target, description, address, port, requestUri: uri(address, port), trunk };
    }),
  );
  const peers = config.peers.map(({ pbx, address, port }): ProbeTarget => {
    const target = peerTarget(pbx);
    const description = { target, kind: 'peer', peer: pbx } as const;
    return { target, description, address, port, requestUri: uri(address, port), trunk: undefined };
  });
  return [...edges, ...peers];
}

/** `host:port` of an address as it stands in a SIP URI (RFC 3261 §25.1, RFC 3986 §3.2.2). */
export function hostPort(address: string, port: number): string {
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

function uri(address: string, port: number): string {
  return `sip:${hostPort(address, port)}`;
}
