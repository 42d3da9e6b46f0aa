import type { MeshDuty } from '../../wire/assignment.ts';
import type { Measurement } from '../../wire/measurement.ts';
import type { AssignPbx } from './asked-edge.ts';
import { electMesh, type MeshElection, type MeshStream, type MeshSupply, pairName } from './mesh-election.ts';

/** Real cadence: G.711 at 20 ms, 160 bytes; on for a third of the time. */
const CADENCE = { packetMs: 20, payloadBytes: 160, onMs: 10_000, offMs: 20_000 } as const;

/** What a stream met lately is judged over so long. */
const WINDOW_MS = 120_000;
/** A pair that was given up is not used again for so long. */
const AVOID_MS = 900_000;
/** Above this a stream is lossy, below the other it is clean; with at least so many packets in either. */
const LOSSY_RATIO = 0.02;
const CLEAN_RATIO = 0.005;
const LEAST_PACKETS = 1000;

type Report = { readonly atMs: number; readonly expected: number; readonly lost: number };

/**
 * Keeps the streams of the mesh elected, and gives each PBX its share. Where one of the two pairs between two sites loses
 * packets and the other does not, the line between the sites is not the cause: that pair is given up for another, which
 * tells whether it was the PBX.
 */
export class MeshDuties {
  readonly #supply: MeshSupply;
  readonly #reports = new Map<string, Report[]>();
  readonly #avoidedUntilMs = new Map<string, number>();
  #election: MeshElection = new Map();
  #duties: ReadonlyMap<string, readonly MeshDuty[]> = new Map();
  #seen: ReadonlyMap<string, Pick<AssignPbx, 'condition' | 'meshPeers'>> = new Map();
  #isDue = false;

  constructor(supply: MeshSupply) {
    this.#supply = supply;
  }

  /** Looks for what the streams met. */
  measured(measurements: readonly Measurement[], nowMs: number): void {
    for (const measurement of measurements) {
      if (measurement.kind !== 'rtp-mesh') continue;
      const { figures, session } = measurement;
      const reports = this.#reports.get(session) ?? [];
      reports.push({ atMs: nowMs, expected: figures.expected, lost: figures.lost });
      this.#reports.set(session, reports);
    }
  }

  /**
   * Streams of every PBX that has any. The same lists while nothing changed, so it may be asked every second.
   *
   * @param nowMs - one clock for both methods.
   */
  duties(pbxes: readonly AssignPbx[], nowMs: number): ReadonlyMap<string, readonly MeshDuty[]> {
    this.#giveUpLossy(nowMs);
    for (const [pair, untilMs] of this.#avoidedUntilMs) if (untilMs <= nowMs) this.#avoidedUntilMs.delete(pair);
    if (!this.#isDue && !this.#isOther(pbxes)) return this.#duties;
    this.#isDue = false;
    this.#seen = new Map(pbxes.map(({ pbx, condition, meshPeers }) => [pbx, { condition, meshPeers }]));
    const before = this.#election;
    this.#election = electMesh(before, pbxes, this.#supply, new Set(this.#avoidedUntilMs.keys()));
    const sessions = new Set([...this.#election.values()].flat().map(({ session }) => session));
    for (const session of this.#reports.keys()) if (!sessions.has(session)) this.#reports.delete(session);
    this.#duties = dutiesOf(this.#election, this.#duties);
    return this.#duties;
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
    for (const streams of this.#election.values()) {
      const [one, other] = streams;
      if (!one || !other) continue;
      for (const [stream, beside] of [[one, other] as const, [other, one] as const]) {
        const [loss, besideLoss] = [this.#loss(stream, nowMs), this.#loss(beside, nowMs)];
        if (loss === undefined || besideLoss === undefined) continue;
        if (loss < LOSSY_RATIO || besideLoss > CLEAN_RATIO) continue;
        this.#avoidedUntilMs.set(pairName(stream.sender, stream.reflector), nowMs + AVOID_MS);
        this.#reports.delete(stream.session);
        this.#isDue = true;
      }
    }
  }

  #loss({ session }: MeshStream, nowMs: number): number | undefined {
    const reports = (this.#reports.get(session) ?? []).filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    this.#reports.set(session, reports);
    const expected = reports.reduce((sum, each) => sum + each.expected, 0);
    if (expected < LEAST_PACKETS) return undefined;
    return reports.reduce((sum, each) => sum + each.lost, 0) / expected;
  }
}

/** Lists that are as before stay the same object. */
function dutiesOf(
  election: MeshElection,
  before: ReadonlyMap<string, readonly MeshDuty[]>,
): ReadonlyMap<string, readonly MeshDuty[]> {
  const duties = new Map<string, MeshDuty[]>();
  const give = (pbx: string, duty: MeshDuty): void => {
    const own = duties.get(pbx) ?? [];
    duties.set(pbx, own);
    own.push(duty);
  };
  for (const { session, key, sender, reflector } of [...election.values()].flat()) {
    give(sender, { session, key, peer: reflector, role: 'sender', ...CADENCE });
    give(reflector, { session, key, peer: sender, role: 'reflector', ...CADENCE });
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
