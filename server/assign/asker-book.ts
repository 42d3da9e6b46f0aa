import type { QualifyMeasurement } from '../../wire/call-measurement.ts';
import type { HelloFrame } from '../../wire/probe-frames.ts';
import { type AssignPbx, edgeKeyOf } from './asked-edge.ts';
import type { AssignInput } from './assignment-plan.ts';

/** A probe that is gone or sick for less than this is still counted on: no election for a blink. */
export const GRACE_MS = 15_000;

type Asking = {
  readonly targets: HelloFrame['targets'];
  readonly testCallTargets: readonly string[];
  readonly meshPeers: readonly string[];
  readonly isConnected: boolean;
  /** Since when it has been gone, or sick, without a break; undefined while it is neither. */
  readonly unfitSinceMs: number | undefined;
  readonly isSick: boolean;
};

/**
 * What is known of the PBXs for the election: their targets, whether they are heard and sound, and what their own qualify
 * asks. Mutable, owned by the runner; hub time.
 */
export class AskerBook {
  readonly #siteOf: ReadonlyMap<string, string>;
  readonly #pbxes = new Map<string, Asking>();
  /** By `PBX`, then by edge: seconds between two qualifies. */
  readonly #qualify = new Map<string, Map<string, number>>();

  constructor(siteOf: ReadonlyMap<string, string>) {
    this.#siteOf = siteOf;
  }

  /** A probe has said hello. */
  hello(pbx: string, { targets, abilities }: Pick<HelloFrame, 'targets' | 'abilities'>): void {
    const { testCallTargets = [], meshPeers = [] } = abilities ?? {};
    const fit = { isConnected: true, unfitSinceMs: undefined, isSick: false };
    this.#pbxes.set(pbx, { targets, testCallTargets, meshPeers, ...fit });
  }

  /** It watches other targets now. */
  retarget(pbx: string, targets: HelloFrame['targets']): void {
    this.#change(pbx, (known) => ({ ...known, targets }));
  }

  /** Its connection is gone. */
  gone(pbx: string, nowMs: number): void {
    this.#change(pbx, (known) => ({ ...known, isConnected: false, unfitSinceMs: known.unfitSinceMs ?? nowMs }));
  }

  /** How its instrument is. */
  sickness(pbx: string, isSick: boolean, nowMs: number): void {
    this.#change(pbx, (known) => {
      if (known.isSick === isSick || !known.isConnected) return known;
      return { ...known, isSick, unfitSinceMs: isSick ? (known.unfitSinceMs ?? nowMs) : undefined };
    });
  }

  /** The PBX's own qualify as last read. @returns whether it asks another number of times than before. */
  qualify(pbx: string, { trunk, edge, frequencyS }: QualifyMeasurement): boolean {
    const own = this.#qualify.get(pbx) ?? new Map<string, number>();
    this.#qualify.set(pbx, own);
    const edges = edge === undefined ? this.#edgesOf(pbx, trunk) : [`${trunk}.${edge}`];
    const isChanged = edges.some((key) => (own.get(key) ?? 0) !== frequencyS);
    for (const key of edges) own.set(key, frequencyS);
    return isChanged;
  }

  /** Whether some condition changes only because time passes: asked before {@link input}. */
  conditions(nowMs: number): string {
    return [...this.#pbxes].map(([pbx, asking]) => `${pbx} ${conditionOf(asking, nowMs)}`).join();
  }

  /** What the election is made from. */
  input(nowMs: number): AssignInput {
    const pbxes = [...this.#pbxes].map(([pbx, asking]): AssignPbx => {
      const { targets, testCallTargets, meshPeers } = asking;
      const site = this.#siteOf.get(pbx) ?? '';
      return { pbx, site, targets, testCallTargets, meshPeers, condition: conditionOf(asking, nowMs) };
    });
    const qualify = [...this.#qualify].flatMap(([pbx, edges]) =>
      [...edges].flatMap(([key, frequencyS]) => (frequencyS > 0 ? [[`${key} ${pbx}`, 60 / frequencyS] as const] : [])),
    );
    return { pbxes: pbxes.toSorted((a, b) => (a.pbx < b.pbx ? -1 : 1)), qualifyPerMinute: new Map(qualify) };
  }

  #edgesOf(pbx: string, trunk: string): readonly string[] {
    const targets = this.#pbxes.get(pbx)?.targets ?? [];
    return [
      ...new Set(targets.flatMap((each) => (each.kind === 'trunk' && each.trunk === trunk ? [edgeKeyOf(each)] : []))),
    ];
  }

  #change(pbx: string, change: (known: Asking) => Asking): void {
    const known = this.#pbxes.get(pbx);
    if (known) this.#pbxes.set(pbx, change(known));
  }
}

function conditionOf({ isConnected, isSick, unfitSinceMs }: Asking, nowMs: number): AssignPbx['condition'] {
  const isOver = unfitSinceMs !== undefined && nowMs - unfitSinceMs >= GRACE_MS;
  if (!isConnected) return isOver ? 'unheard' : 'able';
  return isSick && isOver ? 'sick' : 'able';
}
