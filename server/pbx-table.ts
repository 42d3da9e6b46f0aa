import { isDeepStrictEqual } from 'node:util';
import type { DownMark, ReadBackRoute } from '../wire/plan.ts';
import type { DeclaredRefs } from './correlate/touched.ts';
import { type DeclaredPaths, declaredPaths, type Fleet } from './fleet.ts';
import type { PathRef } from './paths/path-health.ts';
import { type FoundInAstDb, type PbxDeclaration, type PbxState, pbxState } from './pbx-book.ts';

/**
 * Every PBX whose probe ever said hello: what it declared and the paths of that, and what was last read of its AstDB. Mutable,
 * free of I/O; owned by the engine.
 */
export class PbxTable {
  readonly #fleet: Fleet;
  readonly #pbxes = new Map<string, PbxState>();
  readonly #refs = new Map<string, readonly PathRef[]>();
  #refsVersion = 0;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** In an order that stays. */
  get names(): readonly string[] {
    return [...this.#pbxes.keys()];
  }

  /** One PBX; undefined for one whose probe never said hello. */
  get(pbx: string): PbxState | undefined {
    return this.#pbxes.get(pbx);
  }

  /** Takes up what a probe declares, in place of what it did before, and what is in AstDB. @returns its paths, and targets that the hub's configuration does not know. */
  declare(pbx: string, declaration: PbxDeclaration, found: FoundInAstDb): DeclaredPaths {
    const declared = declaredPaths(this.#fleet, pbx, declaration.targets);
    const { refs } = declared;
    if (!isDeepStrictEqual(refs, this.#refs.get(pbx))) this.#refsVersion += 1;
    this.#refs.set(pbx, refs);
    this.#pbxes.set(pbx, pbxState(this.#fleet, pbx, { ...declaration, refs }, found));
    return declared;
  }

  /** AstDB as read now; the probe's own marks only where they were read too. @returns false for a PBX that is not known. */
  readBack(pbx: string, routes: readonly ReadBackRoute[], down?: readonly DownMark[]): boolean {
    const state = this.#pbxes.get(pbx);
    if (!state) return false;
    this.#pbxes.set(pbx, { ...state, readBack: routes, down: down ?? state.down });
    return true;
  }

  /** Declared paths of all PBXs, for reading at any time. */
  declaredRefs(): DeclaredRefs {
    const byPbx = this.#refs;
    return {
      version: this.#refsVersion,
      of: (pbx) => byPbx.get(pbx) ?? [],
      all: () => [...byPbx.values()].flat(),
    };
  }
}
