import type { NoData } from '../../../../wire/figures.ts';
import type { ResolutionMeasurement } from '../../../../wire/measurement.ts';
import type { MeshIdleMeasurement } from '../../../../wire/rtp-measurement.ts';

/** Why a stream of the mesh has no figures, as a clause. None of them is loss. */
export const IDLE_CLAUSES: Readonly<Record<MeshIdleMeasurement['because'], string>> = {
  'no-reflector':
    'nothing has come back in this session: its port is closed on the way, or the peer has not taken the session up',
  'reflector-silent': 'the peer is silent, and nobody here can tell which way the packets were lost',
  'bandwidth-cap': 'mesh.maxKbps in the file of one of the two probes leaves no room for it',
  'live-calls': 'it yields to live calls at one of the two PBXs',
  'socket-error': "the probe's own socket of the mesh cannot send",
  'own-drops':
    'one of the two hosts drops packets in front of its own socket, so what is missing may not be the line’s',
  'late-pacing': "the probe's host sends too late after its slots for the figures to be those of the line",
};

const LOOKUP_CLAUSES: Readonly<Record<Exclude<ResolutionMeasurement['outcome'], 'resolved'>, string>> = {
  'not-found': 'no server knows an address of it',
  'timed-out': 'no name server answered in time',
  failed: 'the look-up failed',
};

/** What is missing where the last look-up of an edge's name found nothing; undefined where it found something. */
export function lookupNoData(
  edge: string,
  { outcome }: ResolutionMeasurement,
  atMs: number,
  found: { readonly addresses: number } | undefined,
): NoData | undefined {
  if (outcome === 'resolved') return undefined;
  const still = found
    ? `the ${found.addresses} addresses last found are asked on`
    : 'none was found before, so nothing of it is asked';
  const because = `${LOOKUP_CLAUSES[outcome]} (edge ${edge}); ${still}`;
  return { what: 'name', direction: 'none', because, newestAtEpochMs: atMs };
}
