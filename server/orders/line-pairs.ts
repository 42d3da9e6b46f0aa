/** A PBX whose probe is heard, with the peers that it may measure the line to. */
export type LineEnd = { readonly pbx: string; readonly site: string; readonly peers: readonly string[] };

/** Two PBXs of different sites that name each other; `from` opens the connection. */
export type LinePair = { readonly from: string; readonly to: string };

/** Pairs by `FROM_SITE>TO_SITE`. */
export type LinePairs = ReadonlyMap<string, readonly LinePair[]>;

/** Every pair that could measure a line, in the order of names. Each line is there twice, once from either side. */
export function linePairs(ends: readonly LineEnd[]): LinePairs {
  const byName = new Map(ends.map((end) => [end.pbx, { ...end, peers: new Set(end.peers) }]));
  const pairs = new Map<string, LinePair[]>();
  for (const near of [...byName.values()].toSorted((a, b) => (a.pbx < b.pbx ? -1 : 1))) {
    for (const name of near.peers) {
      const far = byName.get(name);
      if (!far || far.site === near.site || !far.peers.has(near.pbx)) continue;
      const line = lineName(near.site, far.site);
      const own = pairs.get(line) ?? [];
      pairs.set(line, own);
      own.push({ from: near.pbx, to: far.pbx });
    }
  }
  return pairs;
}

/** Name of a line from one site to another. */
export function lineName(fromSite: string, toSite: string): string {
  return `${fromSite}>${toSite}`;
}

/** Name of the same line from the other side. */
export function oppositeLine(line: string): string {
  return line.split('>').toReversed().join('>');
}
