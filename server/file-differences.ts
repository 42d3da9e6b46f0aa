import type { Fleet } from './fleet.ts';
import type { PbxDeclaration } from './pbx-book.ts';
import type { NewJournalEntry } from './store/journal-store.ts';

/** What only one of two files knows, the hub's and that of a PBX's probe: it is neither judged nor routed there. */
export type FileDifferences = {
  /** Targets that the probe watches and the hub does not know. */
  readonly hubLacksTargets: readonly string[];
  /** Classes that the probe lets be routed and the hub does not know. */
  readonly hubLacksClasses: readonly string[];
  /** `TRUNK.EDGE` that the hub names, of trunks that the probe has. */
  readonly probeLacksTargets: readonly string[];
  /** `CLASS/TRUNK`: trunks in the hub's list of a class that the probe has; its routes do without them. */
  readonly probeLacksTrunks: readonly string[];
};

/**
 * Compares what a probe declares with the hub's file. Peers that the probe does not name are no difference: the mesh needs but
 * some of them. Nor are trunks and classes of other PBXs.
 *
 * @param hubLacksTargets - what of the declaration makes no path.
 */
export function fileDifferences(
  fleet: Pick<Fleet, 'classes' | 'edgesOf'>,
  declared: PbxDeclaration,
  hubLacksTargets: readonly string[],
): FileDifferences {
  const edges = new Set(
    declared.targets.flatMap((target) => (target.kind === 'trunk' ? [`${target.trunk}.${target.edge}`] : [])),
  );
  const wanted = declared.trunks.flatMap((trunk) => (fleet.edgesOf.get(trunk) ?? []).map((edge) => `${trunk}.${edge}`));
  const shared = fleet.classes.filter((entry) => declared.classes.includes(entry.class));
  return {
    hubLacksTargets,
    hubLacksClasses: declared.classes.filter((name) => !shared.some((entry) => entry.class === name)),
    probeLacksTargets: wanted.filter((edge) => !edges.has(edge)),
    probeLacksTrunks: shared.flatMap((entry) =>
      entry.trunks.filter((trunk) => !declared.trunks.includes(trunk)).map((trunk) => `${entry.class}/${trunk}`),
    ),
  };
}

/** The differences in words, one for each kind; none where the files agree. */
export function saidDifferences({
  hubLacksClasses,
  hubLacksTargets,
  probeLacksTargets,
  probeLacksTrunks,
}: FileDifferences): readonly string[] {
  const trunks = probeLacksTrunks.map((name) => name.replace('/', ' over '));
  return [
    ...line(
      'the hub names targets that its probe does not know, and that are not measured from there',
      probeLacksTargets,
    ),
    ...line('the hub routes classes over trunks that its probe does not know, and does without them there', trunks),
    ...line('its probe watches targets that the hub does not know, and that are not judged', hubLacksTargets),
    ...line('its probe has classes that the hub does not know, and that are never routed by it', hubLacksClasses),
  ];
}

/** Tells of differences when they come, change and go, and keeps those of now; a probe that says the same again is no news. */
export class DifferenceWatch {
  readonly #fleet: Pick<Fleet, 'classes' | 'edgesOf'>;
  readonly #known = new Map<string, { readonly declared: PbxDeclaration; readonly said: readonly string[] }>();

  constructor(fleet: Pick<Fleet, 'classes' | 'edgesOf'>) {
    this.#fleet = fleet;
  }

  /** What differs for a PBX, in words. Empty where nothing does, or its probe was not heard in this life of the hub. */
  of(pbx: string): readonly string[] {
    return this.#known.get(pbx)?.said ?? [];
  }

  /** Takes a declaration of a probe. @returns what to journal, where that changes what differs. */
  declare(pbx: string, declared: PbxDeclaration, hubLacksTargets: readonly string[]): NewJournalEntry | undefined {
    const said = saidDifferences(fileDifferences(this.#fleet, declared, hubLacksTargets));
    const before = this.of(pbx);
    this.#known.set(pbx, { declared, said });
    if (said.join() === before.join()) return undefined;
    const what = said.length === 0 ? 'the files of the hub and of its probe agree again' : said.join('; ');
    return {
      kind: 'files-differ',
      actor: 'hub',
      scope: { pbx },
      sentence: `${pbx}: ${what}`.slice(0, 2000),
      detail: [...said],
    };
  }

  /** Takes the targets that a probe watches from now on; as {@link declare}. */
  retarget(
    pbx: string,
    targets: PbxDeclaration['targets'],
    hubLacksTargets: readonly string[],
  ): NewJournalEntry | undefined {
    const known = this.#known.get(pbx);
    return known && this.declare(pbx, { ...known.declared, targets }, hubLacksTargets);
  }
}

function line(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
}
