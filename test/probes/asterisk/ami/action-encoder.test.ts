import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeAction, MAX_ACTION_LINE_BYTES } from '../../../../probes/asterisk/ami/action-encoder.ts';

function faultOf(name: string, fields: readonly (readonly [string, string])[], actionId = 'id-1'): unknown {
  const result = encodeAction({ name, fields }, actionId);
  return result.ok ? undefined : [result.fault.code, result.fault.place];
}

test('an action is its name, its ActionID, its fields in order, and a blank line', () => {
  const fields = [
    ['Channel', 'Local/1@out/n'],
    ['Variable', 'A=1'],
    ['Variable', 'B=ü'],
  ] as const;
  expect(encodeAction({ name: 'Originate', fields }, 'id-7')).toEqual({
    ok: true,
    text: 'Action: Originate\r\nActionID: id-7\r\nChannel: Local/1@out/n\r\nVariable: A=1\r\nVariable: B=ü\r\n\r\n',
  });
});

describe('nothing can be smuggled into another header or action', () => {
  test.each(['\r', '\n', '\0', 'x\r\nAction: Originate\r\nApplication: System', 'trailing\n'])(
    'CR, LF or NUL is refused in a value, the name and the ActionID: %j',
    (value) => {
      expect(faultOf('DBPut', [['Val', value]])).toEqual(['control-character', 'Val']);
      expect(faultOf(value, [])).toEqual(['control-character', 'Action']);
      expect(faultOf('Ping', [], value)).toEqual(['control-character', 'ActionID']);
    },
  );

  test.each(['', 'A B', 'A:', 'Ключ', 'A\r\nB', '__proto__', 'a_b'])(
    'a key of other characters is refused: %j',
    (key) => {
      expect(faultOf('DBPut', [[key, 'x']])).toEqual(['bad-key', key]);
    },
  );

  test.each(['Action', 'ACTIONID', 'actionid'])(
    '%s among the fields is refused: Asterisk would take the first',
    (key) => {
      expect(faultOf('DBPut', [[key, 'x']])).toEqual(['reserved-key', key]);
    },
  );

  test('whatever the texts: an action is accepted exactly when none holds CR, LF or NUL, and is then one action', () => {
    const key = fc.stringMatching(/^[A-Za-z0-9-]{1,8}$/).map((text) => `X-${text}`);
    const value = fc.string({ unit: fc.constantFrom('a', ':', ' ', 'ü', '\r', '\n', '\0'), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 5 }), (fields) => {
        const result = encodeAction({ name: 'X', fields }, 'id');
        expect(result.ok).toBe(fields.every(([, text]) => !/[\r\n]/.test(text) && !text.includes('\0')));
        if (!result.ok) return;
        expect(result.text.split('\r\n')).toHaveLength(fields.length + 4);
        expect(result.text.indexOf('\r\n\r\n')).toBe(result.text.length - 4);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});

describe('what Asterisk would throw away is not sent', () => {
  test('a line of 1,024 bytes with its end goes, one byte more is refused (measured on 22.10.1)', () => {
    const room = MAX_ACTION_LINE_BYTES - 'Val: \r\n'.length;
    expect(room).toBe(1017);
    expect(faultOf('DBPut', [['Val', 'x'.repeat(room)]])).toBeUndefined();
    expect(faultOf('DBPut', [['Val', 'x'.repeat(room + 1)]])).toEqual(['line-too-long', 'Val']);
    expect(faultOf('DBPut', [['Val', 'ü'.repeat(509)]])).toEqual(['line-too-long', 'Val']);
  });

  test('128 lines go, one more is refused', () => {
    const fields = Array.from({ length: 126 }, () => ['Variable', 'a=b'] as const);
    expect(faultOf('Originate', fields)).toBeUndefined();
    expect(faultOf('Originate', [...fields, ['Variable', 'a=b']])).toEqual(['too-many-fields', 'Action']);
  });
});
