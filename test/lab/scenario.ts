import type { Lab } from './lab.ts';

/** A module in `scenarios/` exports one as `scenario`. `smoke` ones run by default and share ten minutes. */
export type Scenario = {
  readonly name: string;
  readonly smoke: boolean;
  readonly run: (lab: Lab) => Promise<void>;
};
