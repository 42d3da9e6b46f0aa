/** Which PJSIP endpoint and which addresses belong to a trunk on this PBX, from the probe's own configuration. */
export type TrunkEndpoint = {
  readonly trunk: string;
  /** Endpoint's name in pjsip.conf, compared exactly. */
  readonly endpoint: string;
  /** Edges with their `host:port` as it stands in the dial string; an edge by name once for each form it may have. */
  readonly edges: readonly { readonly edge: string; readonly hostPort: string }[];
};

/**
 * Finds the trunk whose channel this is. Asterisk names a PJSIP channel `PJSIP/<endpoint>-<8 hex digits>`; an endpoint
 * may itself hold hyphens. Local channels, surrogates and other endpoints are nobody's.
 */
export function trunkOfChannel(channel: string, trunks: readonly TrunkEndpoint[]): TrunkEndpoint | undefined {
  const endpoint = /^PJSIP\/(.+)-[0-9a-f]{8}$/.exec(channel)?.[1];
  return endpoint === undefined ? undefined : trunks.find((trunk) => trunk.endpoint === endpoint);
}

/**
 * Finds the edge that was dialled: the only one of the trunk, or the one whose address ends the SIP URI of the dial
 * string (`<endpoint>/sip:<number>@<host:port>;…`).
 *
 * @returns undefined where the text does not tell; the trunk is known nevertheless.
 */
export function edgeOfDialString(dialString: string | undefined, { edges }: TrunkEndpoint): string | undefined {
  if (new Set(edges.map(({ edge }) => edge)).size === 1) return edges[0]?.edge;
  const target = /\/sips?:(?:[^@]*@)?([^;?>]+)/.exec(dialString ?? '')?.[1];
  if (target === undefined) return undefined;
  return edges.find(({ hostPort }) => withPort(hostPort) === withPort(target))?.edge;
}

/** Context of the include in which every class dials; the extension is the class's name. */
const CLASS_CONTEXT = 'trunkward-dial';
/** Context of the include that dials emergency numbers, and nothing else, by itself. */
const ENTRY_CONTEXT = 'trunkward-outbound';

/**
 * Finds the class that a leg is dialled for, from where the dialplan stood when it dialled.
 *
 * @param context - `Context` of the dialling channel; `exten` its `Exten`.
 * @returns undefined for another dialplan's call.
 */
export function classOfDialplanPlace(
  context: string | undefined,
  exten: string | undefined,
  classes: ReadonlySet<string>,
): string | undefined {
  if (context === ENTRY_CONTEXT) return 'emergency';
  return context === CLASS_CONTEXT && exten !== undefined && classes.has(exten) ? exten : undefined;
}

/** Seconds in an Asterisk `Uniqueid` (`[<system>-]<epochS>.<n>`) as wall milliseconds, or undefined. */
export function createdAtEpochMs(uniqueId: string): number | undefined {
  const seconds = /(?:^|-)(\d{9,11})\.\d+$/.exec(uniqueId)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function withPort(hostPort: string): string {
  return (/:\d+$/.test(hostPort) ? hostPort : `${hostPort}:5060`).toLowerCase();
}
