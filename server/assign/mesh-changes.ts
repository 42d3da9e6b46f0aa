import type { AssignPbx } from './asked-edge.ts';
import { GRACE_MS } from './asker-book.ts';
import { type MeshElection, type MeshStream, pairName } from './mesh-election.ts';

/** Why a stream is not elected any more; a closed list, fit for a metric label. */
export type MeshCause = 'unheard' | 'sick' | 'unnamed' | 'lossy';

/** A line for the journal. `about` names what it is of, so that repeats can be left out. */
export type MeshNote = {
  readonly kind: 'mesh-elected';
  readonly about: string;
  readonly sentence: string;
  /** Streams that were given up, and why; undefined where there are only more of them. */
  readonly cause: MeshCause | undefined;
  readonly given: number;
};

/** What an election is explained with. */
export type MeshGround = {
  readonly pbxes: readonly AssignPbx[];
  /** Pairs that were given up for their loss, by {@link pairName}: a clause that says how much. */
  readonly avoided: ReadonlyMap<string, string>;
};

/** Pairs named in one sentence; the journal's sentences are short. */
const NAMED_PAIRS = 6;

type Change = { readonly sites: string; readonly gone: MeshStream | undefined; readonly next: MeshStream | undefined };
type Why = { readonly cause: MeshCause; readonly clause: string };

/**
 * What has changed between two elections in plain sentences, one for each cause: the loss of one probe is one line,
 * however many pairs it was in.
 */
export function meshNotes(before: MeshElection, after: MeshElection, ground: MeshGround): readonly MeshNote[] {
  const changes = [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((sites) => {
    const [old, young] = [before.get(sites) ?? [], after.get(sites) ?? []];
    const gone = old.filter(({ session }) => !young.some((each) => each.session === session));
    const come = young.filter(({ session }) => !old.some((each) => each.session === session));
    return Array.from(
      { length: Math.max(gone.length, come.length) },
      (_, at): Change => ({ sites, gone: gone[at], next: come[at] }),
    );
  });
  const more = changes.filter(({ gone }) => gone === undefined);
  const byClause = new Map<string, { readonly why: Why; readonly changes: Change[] }>();
  for (const change of changes) {
    if (!change.gone) continue;
    const why = whyGone(change.gone, ground);
    const known = byClause.get(why.clause) ?? { why, changes: [] };
    byClause.set(why.clause, known);
    known.changes.push(change);
  }
  return [
    ...[...byClause.values()].map(({ why, changes: own }) => note(why.clause, own, why.cause)),
    ...(more.length > 0 ? [note('from now on RTP is exchanged', more, undefined)] : []),
  ];
}

/** Ends of a stream in words. */
export function streamText({ sender, reflector }: MeshStream): string {
  return `${sender} to ${reflector}`;
}

function note(clause: string, changes: readonly Change[], cause: MeshCause | undefined): MeshNote {
  const named = changes.slice(0, NAMED_PAIRS).map(changeText).join('; ');
  const rest = changes.length > NAMED_PAIRS ? `; and ${changes.length - NAMED_PAIRS} more` : '';
  const sentence = `${clause}: ${named}${rest}`.slice(0, 1000);
  return { kind: 'mesh-elected', about: sentence, sentence, cause, given: cause === undefined ? 0 : changes.length };
}

function changeText({ sites, gone, next }: Change): string {
  const between = `between ${sites.replace('|', ' and ')}`;
  if (!gone) return next ? `${between} ${streamText(next)}` : between;
  const instead = next ? `${streamText(next)} takes its place` : 'no other pair can take its place';
  return `${between} ${streamText(gone)} is given up, ${instead}`;
}

function whyGone(stream: MeshStream, { avoided, pbxes }: MeshGround): Why {
  const { sender, reflector } = stream;
  const found = new Map(pbxes.map((each) => [each.pbx, each]));
  const ends = [sender, reflector].map((pbx) => ({ pbx, condition: found.get(pbx)?.condition ?? 'unheard' }));
  const unheard = ends.filter(({ condition }) => condition === 'unheard').map(({ pbx }) => pbx);
  if (unheard.length > 0) {
    const clause = `no probe of ${unheard.join(' and ')} has been heard for ${GRACE_MS / 1000} s`;
    return { cause: 'unheard', clause };
  }
  const sick = ends.find(({ condition }) => condition === 'sick');
  if (sick) {
    return {
      cause: 'sick',
      clause: `the instrument of the probe of ${sick.pbx} has been sick for ${GRACE_MS / 1000} s`,
    };
  }
  const lossy = avoided.get(pairName(sender, reflector));
  if (lossy !== undefined) return { cause: 'lossy', clause: lossy };
  const isNamed = found.get(sender)?.meshPeers.includes(reflector);
  const [one, other] = isNamed ? [reflector, sender] : [sender, reflector];
  return {
    cause: 'unnamed',
    clause: `the probe of ${one} does not name ${other} any more as a peer that it exchanges RTP with`,
  };
}
