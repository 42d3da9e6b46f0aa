/** An action as the caller says it. Fields keep their order; keys may repeat (`Variable`). */
export type AmiAction = {
  readonly name: string;
  readonly fields: readonly (readonly [key: string, value: string])[];
};

/**
 * Why an action may not be sent. `place` names the field: its key as given, or `Action`/`ActionID`.
 * `control-character` is CR, LF or NUL, by which a value could become another header or another action.
 */
export type ActionFault = {
  readonly code: 'bad-key' | 'reserved-key' | 'control-character' | 'line-too-long' | 'too-many-fields';
  readonly place: string;
  readonly message: string;
};

/** The text to send, or what is wrong with the action. */
export type ActionResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: ActionFault };

/**
 * Longest line that Asterisk reads, CRLF included, in bytes: its input buffer has 1025 bytes, and a line that fills
 * it without an end is thrown away whole.
 */
export const MAX_ACTION_LINE_BYTES = 1024;

/** Most header lines of one action; with more, Asterisk refuses the whole ("Too many lines in message"). */
export const MAX_ACTION_HEADERS = 128;

const KEY = /^[A-Za-z0-9-]+$/;
const RESERVED = new Set(['action', 'actionid']);

/**
 * Writes an action for the wire.
 *
 * @param actionId - the caller's own unique text; Asterisk repeats it in everything that belongs to the action.
 * @returns text ending with the blank line, or the first fault; values are sent as UTF-8 and never altered.
 * @see https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
 */
export function encodeAction(action: AmiAction, actionId: string): ActionResult {
  if (action.fields.length + 2 > MAX_ACTION_HEADERS) {
    const count = action.fields.length + 2;
    return refused('too-many-fields', 'Action', `action of ${count} lines exceeds ${MAX_ACTION_HEADERS}`);
  }
  const lines = [];
  for (const [key, value] of [['Action', action.name], ['ActionID', actionId], ...action.fields] as const) {
    const fault = faultOf(key, value, lines.length < 2);
    if (fault) return { ok: false, fault };
    lines.push(`${key}: ${value}\r\n`);
  }
  return { ok: true, text: `${lines.join('')}\r\n` };
}

function faultOf(key: string, value: string, isOurs: boolean): ActionFault | undefined {
  const place = key.slice(0, 40);
  if (!KEY.test(key)) return { code: 'bad-key', place, message: 'a key has only letters, digits and hyphens' };
  if (!isOurs && RESERVED.has(key.toLowerCase())) {
    return { code: 'reserved-key', place, message: `${key} is set by the encoder` };
  }
  const at = ['\r', '\n', '\0'].map((character) => value.indexOf(character)).filter((index) => index >= 0);
  if (at.length > 0) {
    return { code: 'control-character', place, message: `${key} has CR, LF or NUL at ${Math.min(...at)}` };
  }
  const lineBytes = Buffer.byteLength(key) + Buffer.byteLength(value) + 4;
  if (lineBytes > MAX_ACTION_LINE_BYTES) {
    return {
      code: 'line-too-long',
      place,
      message: `${key} line of ${lineBytes} bytes exceeds ${MAX_ACTION_LINE_BYTES}`,
    };
  }
  return undefined;
}

function refused(code: ActionFault['code'], place: string, message: string): ActionResult {
  return { ok: false, fault: { code, place, message } };
}
