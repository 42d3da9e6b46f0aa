import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { unifiedDiff } from '../../../../probes/asterisk/dialplan/unified-diff.ts';

/** Numbered lines, some of them changed. */
function numbered(count: number, changes: Readonly<Record<number, string>> = {}): string {
  return Array.from({ length: count }, (_, at) => `${changes[at + 1] ?? `line ${at + 1}`}\n`).join('');
}

describe('differences are written as diff -u writes them', () => {
  // Written by GNU diff 3.8 with -u, its times taken off the first two lines.
  test('two changes far apart are two hunks of three lines round each', () => {
    expect(unifiedDiff('f', numbered(12), numbered(12, { 2: 'two', 11: 'eleven' }))).toBe(
      [
        '--- f',
        '+++ f',
        '@@ -1,5 +1,5 @@',
        ' line 1',
        '-line 2',
        '+two',
        ' line 3',
        ' line 4',
        ' line 5',
        '@@ -8,5 +8,5 @@',
        ' line 8',
        ' line 9',
        ' line 10',
        '-line 11',
        '+eleven',
        ' line 12',
        '',
      ].join('\n'),
    );
  });

  test('six lines between two changes join them', () => {
    expect(unifiedDiff('f', numbered(9), numbered(9, { 1: 'one', 8: 'eight' })).match(/^@@.*$/gm)).toEqual([
      '@@ -1,9 +1,9 @@',
    ]);
  });

  test('a file that is made, one that is removed, and a missing end of line', () => {
    expect(unifiedDiff('f', undefined, 'a\nb\n')).toBe('--- /dev/null\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n');
    expect(unifiedDiff('f', 'a\n', undefined)).toBe('--- f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n');
    expect(unifiedDiff('f', 'a', 'a\nb\n')).toBe(
      '--- f\n+++ f\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n',
    );
  });

  test('nothing where nothing differs', () => {
    expect(unifiedDiff('f', numbered(5), numbered(5))).toBe('');
  });
});

/** Applies the hunks of a diff to a text, by their line numbers alone. */
function applied(before: string, diff: string): string {
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const out: string[] = [];
  let taken = 0;
  for (const hunk of diff.split(/^(?=@@ )/m).slice(1)) {
    const [, start = '0', count = '1'] = /^@@ -(\d+)(?:,(\d+))? /.exec(hunk) ?? [];
    const first = count === '0' ? Number(start) : Number(start) - 1;
    out.push(...old.slice(taken, first));
    taken = first + Number(count);
    const lines = hunk.match(/[^\n]*\n/g)?.slice(1) ?? [];
    lines.forEach((line, at) => {
      const isEnd = lines[at + 1]?.startsWith('\\') === true;
      if (/^[ +]/.test(line)) out.push(isEnd ? line.slice(1, -1) : line.slice(1));
    });
  }
  return [...out, ...old.slice(taken)].join('');
}

const text = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'c', '', '-', '+x', '@@ y'), { maxLength: 25 }), fc.boolean())
  .map(([lines, isEnded]) => lines.join('\n') + (isEnded && lines.length > 0 ? '\n' : ''));

test('a diff applied by its line numbers gives the second text, whatever the two are', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(applied(before, unifiedDiff('f', before, after))).toBe(after);
    }),
  );
});

test('patch applies it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trunkward-diff-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'extensions.conf');
  const [before, after] = [numbered(40), numbered(42, { 3: 'three', 20: 'twenty', 41: 'new' })];
  writeFileSync(file, before);
  try {
    execFileSync('patch', ['-s', file], { input: unifiedDiff(file, before, after) });
  } catch (cause) {
    // A machine without the program: the property above stands for it.
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return;
    throw cause;
  }
  expect(readFileSync(file, 'utf8')).toBe(after);
});
