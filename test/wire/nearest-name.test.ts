import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName } from '../../wire/nearest-name.ts';

const KEYS = [
  'attemptsPerMinute',
  'confirmPerMinute',
  'port',
  'host',
  'edges',
  'edge',
  'onMs',
  'offMs',
  'witnessesPerSite',
];

describe('the name that a mistyped one stands for', () => {
  it.each([
    ['a missing letter', 'atemptsPerMinute', 'attemptsPerMinute'],
    ['a syllable missing in a long name', 'witnesPerSite', 'witnessesPerSite'],
    ['a letter too many', 'confirmPerMinutes', 'confirmPerMinute'],
    ['a wrong letter', 'hoxt', 'host'],
    ['two letters swapped', 'prot', 'port'],
    ['the wrong case', 'ATTEMPTSPERMINUTE', 'attemptsPerMinute'],
    ['the name itself', 'edge', 'edge'],
  ])('is found with %s', (_slip, typed, meant) => {
    expect(nearestName(typed, KEYS)).toBe(meant);
  });

  it.each([
    ['nothing near', 'colour'],
    ['two equally near', 'fMs'],
    ['a short name with two slips', 'hoxx'],
    ['no text at all', ''],
  ])('is not guessed with %s', (_why, typed) => {
    expect(nearestName(typed, ['ofMs', 'afMs', ...KEYS])).toBeUndefined();
  });

  it('is one of the list or none, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (typed, names) => {
        const found = nearestName(typed, names);
        expect(found === undefined || names.includes(found)).toBe(true);
      }),
    );
  });
});
