import { type CostedCall, CostTally, type IncidentCost } from './incident-cost.ts';
import { type Touched, touches } from './touched.ts';

/** Calls at one edge of a trunk of a PBX. */
type Spot = {
  readonly pbx: string;
  readonly trunk: string;
  readonly edge: string | undefined;
  readonly tally: CostTally;
};

/** Calls that met one trouble, by where they were made: those of a place that is named no longer can be left out. Mutable. */
export class CostCalls {
  readonly #base: IncidentCost | undefined;
  readonly #spots = new Map<string, Spot>();
  #total: CostTally;

  /** @param base - what was counted in an earlier life of the hub, or before the verdict reopened; it cannot be taken apart. */
  constructor(base?: IncidentCost) {
    this.#base = base;
    this.#total = new CostTally(base);
  }

  /** Calls so far, of the places that were last {@link sumOver}. */
  get total(): CostTally {
    return this.#total;
  }

  /** A call at one of those places has ended. */
  add(call: CostedCall): void {
    const { edge, pbx, trunk } = call;
    const key = `${pbx}>${trunk} ${edge ?? ''}`;
    const spot = this.#spots.get(key) ?? { pbx, trunk, edge, tally: new CostTally() };
    this.#spots.set(key, spot);
    spot.tally.addCall(call);
    this.#total.addCall(call);
  }

  /** Counts the calls of these places alone from now on, also those counted already. */
  sumOver(touched: Touched): void {
    this.#total = new CostTally(this.#base);
    for (const spot of this.#spots.values()) if (touches(touched, spot)) this.#total.include(spot.tally);
  }
}
