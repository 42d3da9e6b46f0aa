/**
 * The one name of a list that a mistyped name most likely stands for: one slip (a character too many, missing or wrong, two
 * neighbours swapped), two in names of six characters and more, three from twelve on; the case of letters is no slip.
 *
 * @returns undefined where none is so near, or two are equally near.
 */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const allowed = typed.length < 6 ? 1 : typed.length < 12 ? 2 : 3;
  const near = names
    .filter((name) => Math.abs(name.length - typed.length) <= allowed)
    .map((name) => ({ name, slips: slips(typed.toLowerCase(), name.toLowerCase()) }))
    .filter((candidate) => candidate.slips <= allowed)
    .toSorted((a, b) => a.slips - b.slips);
  const [first, second] = near;
  return first !== undefined && first.slips !== second?.slips ? first.name : undefined;
}

/** Optimal string alignment distance: the least number of slips between two texts. */
function slips(from: string, to: string): number {
  let [beforeLast, last]: number[][] = [[], [...Array(to.length + 1).keys()]];
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (isSame ? 0 : 1),
          isSwapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, to.length);
}

function at(row: readonly number[] | undefined, column: number): number {
  return row?.[column] ?? Number.POSITIVE_INFINITY;
}
