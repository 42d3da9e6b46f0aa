import type { Lab } from './lab.ts';

/** A module in `scenarios/` exports one as `scenario`, or several as `scenarios`. `smoke` ones run by default and share ten minutes. */
export type Scenario = {
  readonly name: string;
  readonly smoke: boolean;
  /** @param isFull - the full set is run: long watches take their full time. */
  readonly run: (lab: Lab, isFull: boolean) => Promise<void>;
};
