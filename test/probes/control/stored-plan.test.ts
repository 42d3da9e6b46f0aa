import { describe, expect, it } from 'vitest';
import { newestStamp, toReadBack } from '../../../probes/control/stored-plan.ts';

const limits = { trunks: new Set(['a', 'b']), classes: new Set(['national', 'mobile']) };
const stored = (routes: readonly [string, string][], down: readonly [string, string][] = []) => ({
  routes: new Map(routes),
  down: new Map(down),
});

describe('what AstDB holds, in the words of the wire', () => {
  it('gives routes that can be read with their stamp and trunks', () => {
    expect(toReadBack(stored([['national', '2:3.14:b/100,a/0']]), limits, 77)).toEqual({
      readAtEpochMs: 77,
      routes: [
        {
          class: 'national',
          raw: '2:3.14:b/100,a/0',
          fence: 3,
          version: 14,
          trunks: [
            { trunk: 'b', weight: 100 },
            { trunk: 'a', weight: 0 },
          ],
        },
      ],
      down: [],
    });
  });

  it('gives a text that is no route in its raw form, at most 1000 characters of it', () => {
    const { routes } = toReadBack(stored([['mobile', `hand-made ${'x'.repeat(2000)}`]]), limits, 0);
    expect(routes).toEqual([{ class: 'mobile', raw: expect.stringMatching(/^hand-made x{990}$/) }]);
  });

  it('leaves out classes and trunks that are not in the own list (rule 10)', () => {
    const { routes, down } = toReadBack(
      stored(
        [['premium', '2:1.1:a/1']],
        [
          ['z', '1800000000'],
          ['b', '1800000000'],
        ],
      ),
      limits,
      0,
    );
    expect(routes).toEqual([]);
    expect(down).toEqual([{ trunk: 'b', untilEpochMs: 1_800_000_000_000 }]);
  });

  it.each(['', 'soon', '-1', '1.5', '18000000000000'])('leaves out a mark whose end is %j', (text) => {
    expect(toReadBack(stored([], [['a', text]]), limits, 0).down).toEqual([]);
  });
});

describe('the newest stamp', () => {
  it.each([
    ['nothing is there', [], { fence: 0, version: 0 }],
    [
      'fences differ',
      [
        ['national', '2:3.1:a/1'],
        ['mobile', '2:2.9:a/1'],
      ],
      { fence: 3, version: 1 },
    ],
    [
      'versions differ',
      [
        ['national', '2:3.1:a/1'],
        ['mobile', '2:3.4:a/1'],
      ],
      { fence: 3, version: 4 },
    ],
    [
      'one cannot be read',
      [
        ['national', 'scribble'],
        ['mobile', '2:1.4:a/1'],
      ],
      { fence: 1, version: 4 },
    ],
  ] as const)('is found where %s', (_name, routes, expected) => {
    const readBack = toReadBack(stored(routes.map(([name, text]) => [name, text])), limits, 0);
    expect(newestStamp(readBack)).toEqual(expected);
  });
});
