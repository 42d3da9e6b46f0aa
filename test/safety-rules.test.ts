import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The safety rules of the design, each of which is a test named after it. */
const RULES = {
  1: 'honest figures',
  2: 'unknown is not bad, nor good',
  3: 'one site never condemns a provider',
  4: 'never an empty route, emergency first',
  5: 'the hub may die, and the probe too',
  6: 'money is integers',
  7: 'every flip says why',
  8: 'nothing durable is lost',
  9: 'reload and restart keep what is known',
  10: 'closed control channel',
} as const;

/** Rules about code that is not there yet, with the folder whose coming makes them due. */
const NOT_YET: Readonly<Record<string, string>> = { 6: 'server/spend' };

/** Titles of `it`, `test` and `describe`, tables included; comments and other texts are no titles. */
function titles(source: string): readonly string[] {
  const found = source.matchAll(/(?:\b(?:it|test|describe)(?:\.\w+)*|\))\(\s*(['"`])((?:(?!\1)[\s\S])*)\1\s*,/g);
  return [...found].flatMap(([, , title]) => title ?? []);
}

/** Numbers of the rules that a title names: `rule 7`, `rules 2 and 9`. */
function rulesNamed(title: string): readonly number[] {
  const named = title.matchAll(/\brules? (\d+(?:(?:, | and )\d+)*)/g);
  return [...named].flatMap(([, numbers = '']) => (numbers.match(/\d+/g) ?? []).map(Number));
}

const byRule = new Map<number, string[]>();
for (const file of globSync('test/**/*.test.ts', { cwd: ROOT }).toSorted()) {
  if (file.endsWith('safety-rules.test.ts')) continue;
  for (const title of titles(readFileSync(`${ROOT}${file}`, 'utf8'))) {
    for (const rule of rulesNamed(title)) byRule.set(rule, [...(byRule.get(rule) ?? []), `${file}: ${title}`]);
  }
}

describe('the safety rules of the design', () => {
  it.each(Object.entries(RULES).filter(([rule]) => !(rule in NOT_YET)))(
    'number %s (%s) has tests that are named after it',
    (rule) => {
      expect(byRule.get(Number(rule)) ?? []).not.toEqual([]);
    },
  );

  it.each(Object.entries(NOT_YET))(
    'number %s is not applicable before there is a %s; from then on it must be tested too',
    (rule, folder) => {
      const isThere = existsSync(`${ROOT}${folder}`);
      expect({ isThere, isTested: byRule.has(Number(rule)) }).toEqual({ isThere, isTested: isThere });
    },
  );

  it('are named by number wherever a test names one: there is no eleventh', () => {
    expect([...byRule.keys()].filter((rule) => !(rule in RULES))).toEqual([]);
  });
});

describe('the search for titles', () => {
  it('finds them in plain calls and in tables, and nothing in comments or other texts', () => {
    const source = `
      // it('in a comment (rule 1)'
      it('one (rule 7)', () => {});
      test("two (safety rule 2)", () => {});
      it.each([
        ['a row (rule 4)', 1],
      ])('three %s (rules 5 and 9)', (name) => {});
      const text = 'no title (rule 3)';
    `;
    expect(titles(source).flatMap(rulesNamed)).toEqual([7, 2, 5, 9]);
  });

  it.each([
    ['keeps (rules 2, 7 and 10) in mind', [2, 7, 10]],
    ['overrules 3 others', []],
    ['rule of thumb', []],
  ])('reads %j', (title, rules) => {
    expect(rulesNamed(title)).toEqual(rules);
  });
});
