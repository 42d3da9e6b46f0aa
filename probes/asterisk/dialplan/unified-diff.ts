/** Lines shown unchanged round a change. */
const CONTEXT_LINES = 3;

type Edit = { readonly kind: ' ' | '-' | '+'; readonly line: string };

/** Most lines of each side that are compared line by line; beyond it the middle is shown as replaced whole. */
const MAX_COMPARED = 3000;

/** The lines with their ends, so that a last line without one differs from the same line with one. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** A longest common subsequence by the usual table: quadratic, for what is left between equal heads and tails. */
function editsBetween(before: readonly string[], after: readonly string[]): readonly Edit[] {
  if (before.length > MAX_COMPARED || after.length > MAX_COMPARED) {
    return [...before.map((line): Edit => ({ kind: '-', line })), ...after.map((line): Edit => ({ kind: '+', line }))];
  }
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const edits: Edit[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    const [old, fresh] = [before[row], after[column]];
    if (old !== undefined && old === fresh) {
      edits.push({ kind: ' ', line: old });
      row += 1;
      column += 1;
    } else if (old !== undefined && (fresh === undefined || at(row + 1, column) >= at(row, column + 1))) {
      edits.push({ kind: '-', line: old });
      row += 1;
    } else {
      edits.push({ kind: '+', line: fresh ?? '' });
      column += 1;
    }
  }
  return edits;
}

function allEdits(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shortest - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]) => lines.map((line): Edit => ({ kind: ' ', line }));
  return [
    ...same(before.slice(0, head)),
    ...editsBetween(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

/** Ranges of edits that belong into one hunk: changes with no more than twice the context between them. */
function hunksOf(edits: readonly Edit[]): readonly (readonly [from: number, to: number])[] {
  const hunks: [number, number][] = [];
  edits.forEach(({ kind }, index) => {
    if (kind === ' ') return;
    const last = hunks.at(-1);
    const to = Math.min(edits.length, index + 1 + CONTEXT_LINES);
    if (last !== undefined && index - CONTEXT_LINES <= last[1]) last[1] = to;
    else hunks.push([Math.max(0, index - CONTEXT_LINES), to]);
  });
  return hunks;
}

function range(start: number, count: number): string {
  const first = count === 0 ? start : start + 1;
  return count === 1 ? `${first}` : `${first},${count}`;
}

/**
 * The differences of two texts as `diff -u` writes them, which `patch` can apply. Pure.
 *
 * @param name - of the file; `before` undefined for one that is made, `after` for one that is removed.
 * @returns an empty text where nothing differs.
 * @see POSIX diff, "Diff -u Output Format"; GNU diff for the line on a missing end of line
 */
export function unifiedDiff(name: string, before: string | undefined, after: string | undefined): string {
  const edits = allEdits(linesOf(before ?? ''), linesOf(after ?? ''));
  const counted = (to: number, kind: '-' | '+') =>
    edits.slice(0, to).filter((edit) => edit.kind === ' ' || edit.kind === kind).length;
  const hunks = hunksOf(edits).map(([from, to]) => {
    const [oldStart, newStart] = [counted(from, '-'), counted(from, '+')];
    const head = `@@ -${range(oldStart, counted(to, '-') - oldStart)} +${range(newStart, counted(to, '+') - newStart)} @@\n`;
    const body = edits
      .slice(from, to)
      .map(({ kind, line }) => `${kind}${line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`}`);
    return head + body.join('');
  });
  if (hunks.length === 0) return '';
  return `--- ${before === undefined ? '/dev/null' : name}\n+++ ${after === undefined ? '/dev/null' : name}\n${hunks.join('')}`;
}
