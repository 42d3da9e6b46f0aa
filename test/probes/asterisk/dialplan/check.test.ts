// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { describe, expect, test } from 'vitest';
import { checkDialplanInput } from '../../../../probes/asterisk/dialplan/check.ts';
import type { DialplanInput } from '../../../../probes/asterisk/dialplan/input.ts';
import { renderDialplan } from '../../../../probes/asterisk/dialplan/render.ts';
import { exampleInput } from './example-input.ts';

/** The example with the value at `path` (as faults write it) replaced. */
function withValue(path: string, value: unknown): DialplanInput {
  const input = structuredClone(exampleInput()) as unknown as Record<string, unknown>;
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  const last = keys.pop() ?? '';
  let place = input;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  place[last] = value;
  return input as unknown as DialplanInput;
}

test('the example has no fault', () => {
  expect(checkDialplanInput(exampleInput())).toEqual([]);
});

describe('a hostile value is refused with its place', () => {
  const cases: readonly (readonly [path: string, value: unknown])[] = [
    ['trunks[0].trunk', 'alpha/1'],
    ['trunks[0].trunk', 'alpha,beta'],
    ['trunks[1].endpoint', 'beta&PJSIP/evil'],
    ['trunks[1].endpoint', 'beta)\nexten => 1,1,System(id)'],
    ['trunks[1].endpoint', '${SHELL(id)}'],
    ['trunks[0].numberTemplate', '+{e164}&PJSIP/x'],
    ['trunks[0].numberTemplate', '+'],
    ['trunks[0].numberTemplate', '{e164}${EPOCH}'],
    ['trunks[0].edges[0].edge', 'E 1'],
    ['trunks[0].edges[0].dialUri', 'sip:{number}@10.0.0.1,60,g'],
    ['trunks[0].edges[0].dialUri', 'sip:900@10.0.0.1'],
    ['trunks[0].edges[0].dialUri', 'sip:{number}@10.0.0.1;x=1\n'],
    ['trunks[2].edges[1].dialUri', 'sip:{number}@${HOST}'],
    ['trunks[1].callerId.number', '+49 30'],
    ['trunks[1].callerId.number', '1,2'],
    ['trunks[0].dialTimeoutS', 0],
    ['trunks[0].dialTimeoutS', 1.5],
    ['trunks[0].dialTimeoutS', Number.NaN],
    ['classes[0].class', 'nat/ional'],
    ['classes[0].prefixes[0]', '4X'],
    ['classes[0].prefixes[0]', '0049'],
    ['emergency.numbers[0]', '_X.'],
    ['emergency.numbers[0]', '112,1'],
    ['dialRules[0].prefix', '0X'],
    ['dialRules[0].prepend', '+49'],
    ['dialRules[0].strip', 3],
  ];
  test.each(cases)('%s = %j', (path, value) => {
    const result = renderDialplan(withValue(path, value));
    expect(result.ok ? [] : result.faults.map((fault) => fault.path)).toContain(path);
  });
});

describe('a name that leads nowhere or stands twice is refused with its place', () => {
  const cases: readonly (readonly [at: string, value: unknown, message: string])[] = [
    ['classes[0].trunks[1]', 'delta', 'no trunk is called "delta"'],
    ['emergency.trunks[0]', 'delta', 'no trunk is called "delta"'],
    ['classes[0].trunks[1]', 'alpha', '"alpha" is listed twice'],
    ['trunks[1].trunk', 'alpha', '"alpha" is listed twice'],
    ['classes[1].class', 'national', '"national" is listed twice'],
    ['classes[1].prefixes[0]', '49', '"49" is listed twice'],
    ['dialRules[1].prefix', '00', '"00" is listed twice'],
    ['classes[0].trunks', [], 'expected at least one trunk'],
    ['emergency.trunks', [], 'expected at least one trunk'],
    ['trunks[0].edges', [], 'expected at least one edge'],
    ['trunks', [], 'expected at least one trunk'],
  ];
  test.each(cases)('%s = %j: %s', (path, value, message) => {
    expect(checkDialplanInput(withValue(path, value))).toContainEqual({ path, message });
  });
});

test('all faults are reported at once', () => {
  const input = withValue('trunks[0].endpoint', 'a b');
  const worse = { ...input, emergency: { numbers: ['x'], trunks: ['nobody'] } };
  expect(checkDialplanInput(worse).map(({ path }) => path)).toEqual([
    'trunks[0].endpoint',
    'emergency.numbers[0]',
    'emergency.trunks[0]',
  ]);
});

describe('a character that Asterisk reads as syntax is refused wherever it stands in a value', () => {
  const goodValues = [
    ['trunks[1].endpoint', 'beta-endpoint'],
    ['trunks[0].numberTemplate', '+{e164}'],
    ['trunks[0].edges[0].dialUri', 'sip:{number}@10.0.1.10:5060'],
    ['trunks[1].callerId.number', '+4930555000'],
    ['classes[0].class', 'national'],
    ['emergency.numbers[0]', '112'],
    ['dialRules[2].prepend', '49'],
  ] as const;
  test.each(goodValues)('%s', (path, good) => {
    expect(checkDialplanInput(withValue(path, good))).toEqual([]);
    const hostile = ',&()$"\n\r \t|\\<>`\'?!=^~/\0'.split('');
    const passed = hostile.flatMap((character) =>
      Array.from({ length: good.length + 1 }, (_, at) => `${good.slice(0, at)}${character}${good.slice(at)}`).filter(
        (value) => checkDialplanInput(withValue(path, value)).every((fault) => fault.path !== path),
      ),
    );
    expect(passed).toEqual([]);
  });
});
