import { alphanumericAnd, type CharacterClass, Cursor } from './cursor.ts';
import { takeHostPort } from './host.ts';

/** A `sip:` or `sips:` URI taken apart. Escapes stay as written (`%00` is no NUL here). */
export type SipUri = {
  readonly kind: 'sip';
  readonly scheme: 'sip' | 'sips';
  /** Between the scheme and `@`, without the password; absent when there is no `@`. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** As written; IPv6 in brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** By lower-case name. */
  readonly parameters: ReadonlyMap<string, string | undefined>;
  /** Text behind `?`, which a Request-URI may not have. */
  readonly headers: string | undefined;
};

/** A URI of any other scheme: well-formed, its meaning unknown here. */
export type OtherUri = { readonly kind: 'other'; readonly scheme: string; readonly opaque: string };

/** Any URI that SIP's grammar lets stand in a message. */
export type Uri = SipUri | OtherUri;

const UNRESERVED = "-_.!~*'()";
const isUserCharacter = alphanumericAnd(`${UNRESERVED}&=+$,;?/`);
const isPasswordCharacter = alphanumericAnd(`${UNRESERVED}&=+$,`);
const isParameterCharacter = alphanumericAnd(`${UNRESERVED}[]/:&+$`);
const isHeaderCharacter = alphanumericAnd(`${UNRESERVED}[]/?:+$&=`);
const isOpaqueCharacter = alphanumericAnd(`${UNRESERVED};/?:@&=+$,[]`);

/**
 * Reads a whole URI.
 *
 * @param text - no blanks, no angle brackets around it.
 * @returns `undefined` when the text is not a URI by the grammar.
 * @see RFC 3261 §19.1.1 and §25.1, `SIP-URI`, `absoluteURI`.
 */
export function parseUri(text: string): Uri | undefined {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) return undefined;
  const rest = text.slice(colon + 1);
  if (scheme === 'sip' || scheme === 'sips') return parseSipUri(scheme, rest);
  return rest !== '' && isEscapedText(rest, isOpaqueCharacter) ? { kind: 'other', scheme, opaque: rest } : undefined;
}

function parseSipUri(scheme: 'sip' | 'sips', rest: string): SipUri | undefined {
  const at = rest.indexOf('@');
  const userInfo = at < 0 ? undefined : parseUserInfo(rest.slice(0, at));
  if (at >= 0 && userInfo === undefined) return undefined;
  const cursor = new Cursor(rest, at + 1);
  const hostPort = takeHostPort(cursor);
  if (!hostPort) return undefined;
  const tail = rest.slice(cursor.position);
  const question = tail.indexOf('?');
  const parameters = parseUriParameters(question < 0 ? tail : tail.slice(0, question));
  const headers = question < 0 ? undefined : tail.slice(question + 1);
  if (!parameters || (headers !== undefined && !isHeaderList(headers))) return undefined;
  return {
    kind: 'sip',
    scheme,
    user: userInfo?.user,
    password: userInfo?.password,
    host: hostPort.host,
    port: hostPort.port,
    parameters,
    headers,
  };
}

function parseUserInfo(text: string): { user: string; password: string | undefined } | undefined {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  const password = colon < 0 ? undefined : text.slice(colon + 1);
  if (user === '' || !isEscapedText(user, isUserCharacter)) return undefined;
  if (password !== undefined && !isEscapedText(password, isPasswordCharacter)) return undefined;
  return { user, password };
}

function parseUriParameters(text: string): Map<string, string | undefined> | undefined {
  const parameters = new Map<string, string | undefined>();
  if (text === '') return parameters;
  if (!text.startsWith(';')) return undefined;
  for (const part of text.slice(1).split(';')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? undefined : part.slice(equals + 1);
    if (name === '' || value === '' || parameters.has(name.toLowerCase())) return undefined;
    if (!isEscapedText(name, isParameterCharacter) || !isEscapedText(value ?? '', isParameterCharacter)) {
      return undefined;
    }
    parameters.set(name.toLowerCase(), value);
  }
  return parameters;
}

function isHeaderList(text: string): boolean {
  return /^[^=&]+=[^=&]*(?:&[^=&]+=[^=&]*)*$/.test(text) && isEscapedText(text, isHeaderCharacter);
}

function isEscapedText(text: string, isMember: CharacterClass): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '%') {
      if (!/^[0-9a-fA-F]{2}$/.test(text.slice(at + 1, at + 3))) return false;
      at += 2;
    } else if (!isMember(text.charCodeAt(at))) {
      return false;
    }
  }
  return true;
}
