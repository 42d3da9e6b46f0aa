import type { MeshDuty } from '../../wire/assignment.ts';
import type { Measurement } from '../../wire/measurement.ts';
import type { AssignPbx } from './asked-edge.ts';
import { type MeshNote, meshNotes, streamText } from './mesh-changes.ts';
import { electMesh, type MeshElection, type MeshStream, type MeshSupply, pairName } from './mesh-election.ts';
import { MeshLog } from './mesh-log.ts';
import { cadenceOf, type MeshPolicy } from './mesh-policy.ts';
import { type MeshView, meshViews, notElected } from './mesh-view.ts';

/** What the mesh is kept by. `onNote` must not throw. */
export type MeshParts = {
  readonly policy: MeshPolicy;
  readonly supply: MeshSupply;
  /** Another pair measures now. */
  readonly onNote: (note: MeshNote) => void;
};

type Avoided = { readonly untilMs: number; readonly clause: string };

/**
 * Keeps the streams of the mesh elected, and gives each PBX its share. Where one of the two pairs between two sites loses
 * packets and the other does not, the line between the sites is not the cause: that pair is given up for another, which
 * tells whether it was the PBX.
 */
export class MeshDuties {
  readonly #parts: MeshParts;
  readonly #log: MeshLog;
  readonly #avoided = new Map<string, Avoided>();
  /** By session: since when it has been elected, hub time. */
  readonly #electedAtMs = new Map<string, number>();
  #election: MeshElection = new Map();
  #duties: ReadonlyMap<string, readonly MeshDuty[]> = new Map();
  #seen: ReadonlyMap<string, AssignPbx> = new Map();
  #isDue = false;

  constructor(parts: MeshParts) {
    this.#parts = parts;
    this.#log = new MeshLog(parts.policy);
  }

  /** Streams that are elected. */
  get streamCount(): number {
    return this.#electedAtMs.size;
  }

  /** Whether two PBXs exchange RTP now, whichever sends. */
  isElected(one: string, other: string): boolean {
    const pair = pairName(one, other);
    return [...this.#election.values()].flat().some(({ reflector, sender }) => pairName(sender, reflector) === pair);
  }

  /** Looks for what the streams met in a batch of a PBX. */
  measured(pbx: string, measurements: readonly Measurement[], nowMs: number): void {
    this.#log.measured(pbx, measurements, nowMs);
  }

  /**
   * Streams of every PBX that has any. The same lists while nothing changed, so it may be asked every second.
   *
   * @param nowMs - one clock for all methods.
   */
  duties(pbxes: readonly AssignPbx[], nowMs: number): ReadonlyMap<string, readonly MeshDuty[]> {
    if (!this.#parts.policy.isEnabled) return this.#duties;
    this.#giveUpLossy(nowMs);
    for (const [pair, { untilMs }] of this.#avoided) if (untilMs <= nowMs) this.#avoided.delete(pair);
    if (this.#isDue || this.#isOther(pbxes)) this.#elect(pbxes, nowMs);
    return this.#duties;
  }

  /** Every elected stream with its duty and what was last heard of it. */
  views(nowMs: number): readonly MeshView[] {
    return meshViews([...this.#election.values()].flat(), {
      policy: this.#parts.policy,
      siteOf: (pbx) => this.#seen.get(pbx)?.site ?? '',
      electedAtMs: (session) => this.#electedAtMs.get(session) ?? nowMs,
      heard: (session) => this.#log.heard(session),
      nowMs,
    });
  }

  /** Why this PBX sends no stream of the mesh to that peer, as a clause; undefined where it does and was heard. */
  absence(pbx: string, peer: string): string | undefined {
    const { policy } = this.#parts;
    return notElected({
      pbx,
      peer,
      policy,
      election: this.#election,
      pbxes: this.#seen,
      heard: (session) => this.#log.heard(session),
    });
  }

  #elect(pbxes: readonly AssignPbx[], nowMs: number): void {
    this.#isDue = false;
    this.#seen = new Map(pbxes.map((each) => [each.pbx, each]));
    const before = this.#election;
    this.#election = electMesh(before, pbxes, this.#parts.supply, new Set(this.#avoided.keys()));
    const streams = [...this.#election.values()].flat();
    this.#log.keep(streams);
    const sessions = new Set(streams.map(({ session }) => session));
    for (const session of this.#electedAtMs.keys()) if (!sessions.has(session)) this.#electedAtMs.delete(session);
    for (const session of sessions) if (!this.#electedAtMs.has(session)) this.#electedAtMs.set(session, nowMs);
    this.#duties = dutiesOf(streams, this.#duties, this.#parts.policy);
    const avoided = new Map([...this.#avoided].map(([pair, { clause }]) => [pair, clause]));
    for (const note of meshNotes(before, this.#election, { pbxes, avoided })) this.#parts.onNote(note);
  }

  #isOther(pbxes: readonly AssignPbx[]): boolean {
    return (
      pbxes.length !== this.#seen.size ||
      pbxes.some(({ pbx, condition, meshPeers }) => {
        const seen = this.#seen.get(pbx);
        return seen?.condition !== condition || seen.meshPeers !== meshPeers;
      })
    );
  }

  #giveUpLossy(nowMs: number): void {
    const { avoidMs, cleanRatio, lossyRatio } = this.#parts.policy;
    for (const [one, other] of this.#election.values()) {
      if (!one || !other) continue;
      for (const [stream, beside] of [[one, other] as const, [other, one] as const]) {
        const loss = this.#log.loss(stream.session, nowMs);
        const besideLoss = this.#log.loss(beside.session, nowMs);
        if (loss === undefined || besideLoss === undefined) continue;
        if (loss < lossyRatio || besideLoss > cleanRatio) continue;
        const clause = `${streamText(stream)} lost ${percent(loss)} while ${streamText(beside)} beside it lost ${percent(besideLoss)}: a PBX is in question, not the line`;
        this.#avoided.set(pairName(stream.sender, stream.reflector), { untilMs: nowMs + avoidMs, clause });
        this.#log.forgive(stream.session);
        this.#isDue = true;
      }
    }
  }
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

/** Lists that are as before stay the same object. */
function dutiesOf(
  streams: readonly MeshStream[],
  before: ReadonlyMap<string, readonly MeshDuty[]>,
  policy: MeshPolicy,
): ReadonlyMap<string, readonly MeshDuty[]> {
  const cadence = cadenceOf(policy);
  const duties = new Map<string, MeshDuty[]>();
  const give = (pbx: string, duty: MeshDuty): void => {
    const own = duties.get(pbx) ?? [];
    duties.set(pbx, own);
    own.push(duty);
  };
  for (const { session, key, sender, reflector } of streams) {
    give(sender, { session, key, peer: reflector, role: 'sender', ...cadence });
    give(reflector, { session, key, peer: sender, role: 'reflector', ...cadence });
  }
  return new Map(
    [...duties].map(([pbx, own]) => {
      const known = before.get(pbx);
      const isSame =
        known?.length === own.length &&
        own.every(({ session, role }, at) => known[at]?.session === session && known[at].role === role);
      return [pbx, isSame ? known : own];
    }),
  );
}
