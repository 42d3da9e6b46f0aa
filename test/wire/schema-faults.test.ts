import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { repeatedNames, schemaFaults, shownPath, soundness } from '../../wire/schema-faults.ts';

const closed = { additionalProperties: false } as const;
const Schema = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z]+$' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    trunks: Type.Array(Type.Object({ trunk: Type.String(), weight: Type.Optional(Type.Integer()) }, closed), {
      minItems: 1,
    }),
    secret: Type.Union([Type.Object({ env: Type.String() }, closed), Type.Object({ file: Type.String() }, closed)]),
    rule: Type.Union([
      Type.Object({ rule: Type.Literal('pass') }, closed),
      Type.Object({ rule: Type.Literal('fixed'), number: Type.String() }, closed),
    ]),
    zone: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'two capital letters' })),
    level: Type.Union([Type.Literal('low'), Type.Literal('high')]),
  },
  closed,
);
const GOOD = {
  name: 'fra',
  port: 5060,
  trunks: [{ trunk: 'a' }],
  secret: { env: 'TOKEN' },
  rule: { rule: 'pass' },
  level: 'low',
};
const shown = (value: unknown) => schemaFaults(Schema, value).map(({ path, message }) => `${path}: ${message}`);

describe('the faults of a document', () => {
  it('are none where it fits', () => {
    expect(shown(GOOD)).toEqual([]);
  });

  it('are all reported at once, each with its place', () => {
    const value = { ...GOOD, name: 'FRA', port: 0, trunks: [{ trunk: 'a' }, { trunk: 7, wait: 1 }], colour: 'red' };
    expect(shown(value).toSorted()).toEqual([
      'colour: unknown key',
      'name: must match pattern "^[a-z]+$"',
      'port: must be >= 1',
      'trunks[1].trunk: must be string: put it in quotes',
      'trunks[1].wait: unknown key',
    ]);
  });

  it.each([
    [
      'missing keys by name',
      { port: 1, secret: GOOD.secret, rule: GOOD.rule, level: 'low' },
      ['name: required, but missing', 'trunks: required, but missing'],
    ],
    [
      'the branch of a union whose literal fits',
      { ...GOOD, rule: { rule: 'fixed' } },
      ['rule.number: required, but missing'],
    ],
    ['the choices where no literal fits', { ...GOOD, level: 'middle' }, ['level: must be one of low, high']],
    ['the choices of a tagged object', { ...GOOD, rule: { rule: 'own' } }, ['rule.rule: must be one of pass, fixed']],
    ['a wrong type in place of an object', { ...GOOD, secret: 'in the open' }, ['secret: must be object']],
    ['the key that a mistyped one stands for', { ...GOOD, prot: 1 }, ['prot: unknown key, did you mean port?']],
    [
      'the key of any branch of a union',
      { ...GOOD, secret: { fille: 'x' } },
      ['secret.env: required, but missing', 'secret.fille: unknown key, did you mean file?'],
    ],
    ['a number with its unit', { ...GOOD, port: '5060s' }, ['port: must be integer, not "5060s"']],
    [
      'the form of a text in words, and not what was found',
      { ...GOOD, zone: 'hunter2' },
      ['zone: must be two capital letters'],
    ],
    ['an empty list', { ...GOOD, trunks: [] }, ['trunks: must not have fewer than 1 items']],
  ])('name %s', (_name, value, faults) => {
    expect(shown(value)).toEqual(faults);
  });

  it.each([undefined, null, 7, 'text', []])('of %j is that it is no object', (value) => {
    expect(shown(value)[0]).toMatch(/^\(top\): /);
  });

  it('do not change what they look at', () => {
    const value = { ...GOOD, port: 'x' };
    const before = JSON.stringify(value);
    schemaFaults(Schema, value);
    expect(JSON.stringify(value)).toBe(before);
  });
});

describe('helpers of a reader', () => {
  it('soundness lets only sections without faults be looked at further', () => {
    const isSound = soundness([
      { path: 'trunks[1].trunk', message: 'x' },
      { path: 'listen.port', message: 'x' },
    ]);
    expect(isSound('sites')).toBe(true);
    expect(isSound('sites', 'trunks')).toBe(false);
    expect(isSound('listen')).toBe(false);
    expect(soundness([{ path: '(top)', message: 'x' }])('sites')).toBe(false);
  });

  it('repeated names are told at the second place and every later one', () => {
    expect(repeatedNames('sites', ['a', 'b', 'a', 'a'])).toEqual([
      { path: 'sites[2]', message: 'a is named twice' },
      { path: 'sites[3]', message: 'a is named twice' },
    ]);
    expect(repeatedNames('sites', ['constructor', '__proto__'])).toEqual([]);
  });

  it.each([
    ['', '(top)'],
    ['/trunks/2/edges/0/port', 'trunks[2].edges[0].port'],
    ['/a~1b/c~0d', 'a/b.c~d'],
    ['/0', '[0]'],
  ])('the pointer %j is shown as %s', (pointer, path) => {
    expect(shownPath(pointer)).toBe(path);
  });
});
