import type { HubView } from './hub-view.ts';
import type { SimFleet } from './sim-fleet.ts';

/** What a step works with. */
export type Scene = {
  readonly fleet: SimFleet;
  readonly view: HubView;
  /** Route texts in AstDB when the hub was killed, by PBX and class: a hub that comes back flips none of them. */
  readonly routesAtKill: Map<string, string>;
};

/** Something that must come true within so long. Its answer is what was seen, or undefined while it is not yet true. */
export type Expectation = {
  readonly name: string;
  readonly withinMs: number;
  readonly look: (scene: Scene) => Promise<string | undefined>;
};
