import { Cursor, isTokenCharacter } from './cursor.ts';
import { takeHostPort } from './host.ts';
import { encodeParameters, type Parameters, takeParameters } from './parameters.ts';

/** One Via value: a hop that the request passed. */
export type Via = {
  /** As written: UDP, TCP, TLS, SCTP or any token. */
  readonly transport: string;
  /** sent-by host as written; IPv6 in brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** `branch`, `received`, `rport` and others; `rport` without a value asks for it (RFC 3581). */
  readonly parameters: Parameters;
};

/** What begins every branch made by RFC 3261. A branch that is only this names no transaction. */
export const MAGIC_COOKIE = 'z9hG4bK';

/**
 * Reads one Via header, which may hold several values.
 *
 * @param value - unfolded.
 * @returns the values in order, at least one; `undefined` when any is malformed or of a protocol other than SIP/2.0.
 * @see RFC 3261 §20.42 and §25.1, `via-parm`.
 */
export function parseVias(value: string): readonly Via[] | undefined {
  const cursor = new Cursor(value);
  const vias: Via[] = [];
  do {
    cursor.skipBlanks();
    const via = takeVia(cursor);
    if (!via) return undefined;
    vias.push(via);
  } while (cursor.accept(','));
  return cursor.isAtEnd ? vias : undefined;
}

function takeVia(cursor: Cursor): Via | undefined {
  if (cursor.takeWhile(isTokenCharacter).toUpperCase() !== 'SIP' || !cursor.acceptSeparator('/')) return undefined;
  if (cursor.takeWhile(isTokenCharacter) !== '2.0' || !cursor.acceptSeparator('/')) return undefined;
  const transport = cursor.takeWhile(isTokenCharacter);
  if (transport === '' || !cursor.skipBlanks()) return undefined;
  const sentBy = takeHostPort(cursor);
  const parameters = sentBy && takeParameters(cursor);
  return parameters && { transport, ...sentBy, parameters };
}

/** Writes one Via value. */
export function encodeVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `SIP/2.0/${via.transport} ${via.host}${port}${encodeParameters(via.parameters)}`;
}
