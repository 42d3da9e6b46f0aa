import { IDENTIFIER_PATTERN, IDENTIFIER_WORDS } from '../../wire/identifiers.ts';
import { shownPath } from '../../wire/schema-faults.ts';

/** What a JSON-schema validator says of a request. */
export type RequestError = {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
};

/**
 * Says what is wrong with a part of a request, in the order of its places: `body.mode: must be one of observe, enforce, null`.
 *
 * @param part - such as `body` or `querystring`.
 */
export function requestFaults(errors: readonly RequestError[], part: string): string {
  const byPlace = Map.groupBy(
    errors.filter(({ keyword }) => keyword !== 'anyOf'),
    (error) => placeOf(error),
  );
  return [...byPlace].map(([place, those]) => `${part}${place}: ${wanted(those)}`).join('; ');
}

function placeOf({ instancePath, params }: RequestError): string {
  const base = instancePath === '' ? '' : `.${shownPath(instancePath)}`;
  const key = params['missingProperty'] ?? params['additionalProperty'];
  return typeof key === 'string' ? `${base}.${key}` : base;
}

function wanted(errors: readonly RequestError[]): string {
  const literals = errors
    .filter(({ keyword }) => keyword === 'const')
    .map(({ params }) => String(params['allowedValue']));
  const isNullable = errors.some(({ keyword, params }) => keyword === 'type' && params['type'] === 'null');
  if (literals.length > 0) return `must be one of ${[...literals, ...(isNullable ? ['null'] : [])].join(', ')}`;
  const messages = errors.map(({ keyword, message = keyword, params }) => {
    if (keyword === 'required') return 'required, but missing';
    if (params['pattern'] === IDENTIFIER_PATTERN) return `must be ${IDENTIFIER_WORDS}`;
    return keyword === 'additionalProperties' ? 'unknown key' : message;
  });
  return [...new Set(messages)].join(' or ');
}
