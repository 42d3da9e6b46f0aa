import type { AssignPbx } from './asked-edge.ts';
import { streamText } from './mesh-changes.ts';
import type { MeshElection, MeshStream } from './mesh-election.ts';
import type { StreamHeard } from './mesh-log.ts';
import { cadenceOf, type MeshPolicy } from './mesh-policy.ts';

/** One stream as the API shows it; the session's key stands nowhere. Times are hub time. */
export type MeshView = {
  /** `SENDER>REFLECTOR`. */
  readonly pair: string;
  readonly sender: string;
  readonly senderSite: string;
  readonly reflector: string;
  readonly reflectorSite: string;
  readonly packetMs: number;
  readonly payloadBytes: number;
  readonly onMs: number;
  readonly offMs: number;
  readonly electedAtEpochMs: number;
  /** Newest report with figures. */
  readonly reportedAtEpochMs?: number;
  /** Newest word that it does not measure, and why. */
  readonly idle?: { readonly because: string; readonly atEpochMs: number };
  readonly state: 'measuring' | 'idle' | 'unheard';
};

/** What views are made from. */
export type ViewGround = {
  readonly policy: MeshPolicy;
  readonly siteOf: (pbx: string) => string;
  readonly electedAtMs: (session: string) => number;
  readonly heard: (session: string) => StreamHeard;
  readonly nowMs: number;
};

/** A stream that tells nothing for so many of its cycles is unheard. */
const SILENT_CYCLES = 3;

/** Every stream, in the order of pairs. */
export function meshViews(streams: readonly MeshStream[], ground: ViewGround): readonly MeshView[] {
  const cadence = cadenceOf(ground.policy);
  return streams
    .map((stream): MeshView => {
      const { session, sender, reflector } = stream;
      const { idle, reportedAtMs } = ground.heard(session);
      return {
        pair: `${sender}>${reflector}`,
        sender,
        senderSite: ground.siteOf(sender),
        reflector,
        reflectorSite: ground.siteOf(reflector),
        ...cadence,
        electedAtEpochMs: ground.electedAtMs(session),
        ...(reportedAtMs !== undefined && { reportedAtEpochMs: reportedAtMs }),
        ...(idle && { idle: { because: idle.because, atEpochMs: idle.atMs } }),
        state: stateOf(ground, { idle, reportedAtMs }),
      };
    })
    .toSorted((a, b) => (a.pair < b.pair ? -1 : 1));
}

function stateOf({ nowMs, policy }: ViewGround, { idle, reportedAtMs }: StreamHeard): MeshView['state'] {
  const newestAtMs = Math.max(reportedAtMs ?? Number.NEGATIVE_INFINITY, idle?.atMs ?? Number.NEGATIVE_INFINITY);
  if (nowMs - newestAtMs > SILENT_CYCLES * (policy.onMs + policy.offMs)) return 'unheard';
  return newestAtMs === reportedAtMs ? 'measuring' : 'idle';
}

/** One direction of a pair, and what is known of the fleet. */
export type PairGround = {
  readonly pbx: string;
  readonly peer: string;
  readonly policy: MeshPolicy;
  readonly election: MeshElection;
  readonly pbxes: ReadonlyMap<string, AssignPbx>;
  readonly heard: (session: string) => StreamHeard;
};

/** Why a PBX sends no stream to a peer, as a clause; undefined where it sends one of which something was heard. */
export function notElected({ election, heard, pbx, pbxes, peer, policy }: PairGround): string | undefined {
  if (!policy.isEnabled) return "the RTP mesh is off in the hub's file";
  const [own, far] = [pbxes.get(pbx), pbxes.get(peer)];
  const unheard = [peer, pbx].find((name) => (pbxes.get(name)?.condition ?? 'unheard') === 'unheard');
  if (unheard !== undefined || !own || !far) return `no probe of ${unheard ?? peer} is heard`;
  if (own.site === far.site) return `the RTP mesh runs between sites, and ${peer} is of the same site`;
  const sites = own.site < far.site ? `${own.site}|${far.site}` : `${far.site}|${own.site}`;
  const streams = election.get(sites) ?? [];
  const mine = streams.find(({ sender, reflector }) => sender === pbx && reflector === peer);
  if (mine) {
    const { idle, reportedAtMs } = heard(mine.session);
    return idle || reportedAtMs !== undefined
      ? undefined
      : 'this pair is elected, and its first report has not come yet';
  }
  if (streams.some(({ sender, reflector }) => sender === peer && reflector === pbx)) {
    return `${peer} sends and ${pbx} sends back: the figures of both ways are those of ${peer} to ${pbx}`;
  }
  const sick = [own, far].find(({ condition }) => condition === 'sick');
  if (sick) return `the instrument of the probe of ${sick.pbx} is sick`;
  for (const [one, other] of [[own, far] as const, [far, own] as const]) {
    if (!one.meshPeers.includes(other.pbx)) {
      return `the probe of ${one.pbx} exchanges no RTP with ${other.pbx}: its file names no such peer, or has the mesh off`;
    }
  }
  const others = streams.map(streamText).join(' and ');
  return `no pair of its own: between ${sites.replace('|', ' and ')} RTP goes from ${others || 'nobody'}`;
}
