import { Cursor } from './cursor.ts';
import { bracketed, parseIpAddress } from './host.ts';
import { fieldValue, type SipMessage, type SipResponse } from './message.ts';
import { type NameAddr, parseContacts } from './name-addr.ts';
import { parseUri } from './uri.ts';

/** What is needed to send a request within a call, plain data so that it can be kept on disk. */
export type Dialog = {
  readonly remoteTag: string;
  /** To as the far end wrote it, tag included; it goes back unchanged. */
  readonly remote: string;
  /** Contact URI of the far end. */
  readonly remoteTarget: string;
  /** Values of Record-Route, the hop next to us first. */
  readonly routeSet: readonly string[];
};

/** Request-URI and Route values of a request within a dialog. */
export type DialogRoute = { readonly requestUri: string; readonly routes: readonly string[] };

/**
 * The dialog that an answer makes, or has made early.
 *
 * @param dialled - Request-URI of the INVITE; stands for a Contact that is missing or unreadable.
 * @returns `undefined` for a provisional answer without a tag: no dialog. A 2xx without one, of RFC 2543, has an empty tag.
 * @see RFC 3261 §12.1.2
 */
export function dialogOf(response: SipResponse, dialled: string): Dialog | undefined {
  const remoteTag = response.to.parameters.get('tag') ?? (response.statusCode >= 200 ? '' : undefined);
  const remote = fieldValue(response, 'to');
  if (remoteTag === undefined || remote === undefined) return undefined;
  return {
    remoteTag,
    remote,
    remoteTarget: targetOf(response) ?? dialled,
    routeSet: routeValues(response).toReversed(),
  };
}

/** The dialog with the target that a re-INVITE or UPDATE of the far end names. @see RFC 3261 §12.2.2 */
export function refreshed(dialog: Dialog, request: SipMessage): Dialog {
  return { ...dialog, remoteTarget: targetOf(request) ?? dialog.remoteTarget };
}

/**
 * Where a request within the dialog is addressed to. A first route without `lr` is a strict router: its URI becomes the
 * Request-URI and the target goes behind the last route.
 *
 * @see RFC 3261 §12.2.1.1
 */
export function routeOf({ remoteTarget, routeSet }: Dialog): DialogRoute {
  const [first, ...others] = routeSet;
  const uri = first === undefined ? undefined : uriOf(first);
  const parsed = uri === undefined ? undefined : parseUri(uri);
  if (parsed?.kind !== 'sip' || parsed.parameters.has('lr')) return { requestUri: remoteTarget, routes: routeSet };
  return { requestUri: uri ?? remoteTarget, routes: [...others, `<${remoteTarget}>`] };
}

/** Address and port that a request within the dialog leaves to, where its next hop is named by a literal address. */
export function nextHop(dialog: Dialog): { readonly address: string; readonly port: number } | undefined {
  const [first] = dialog.routeSet;
  const uri = parseUri((first === undefined ? undefined : uriOf(first)) ?? dialog.remoteTarget);
  if (uri?.kind !== 'sip' || uri.scheme !== 'sip') return undefined;
  const address = (uri.parameters.get('maddr') ?? uri.host).replace(/^\[|\]$/g, '');
  return parseIpAddress(address) ? { address, port: uri.port || 5060 } : undefined;
}

/** Writes an address as a Contact or From value of ours: `<sip:user@host:port>`. */
export function ownUri(user: string, address: string, port?: number): string {
  return `sip:${user}@${bracketed(address)}${port === undefined ? '' : `:${port}`}`;
}

function targetOf(message: SipMessage): string | undefined {
  const value = fieldValue(message, 'contact');
  const first: NameAddr | undefined = value === undefined ? undefined : parseContacts(value)?.[0];
  return value === undefined || first === undefined ? undefined : uriOf(value);
}

function routeValues(message: SipMessage): readonly string[] {
  return message.fields.flatMap(({ name, value }) => (name === 'record-route' ? splitValues(value) : []));
}

/** Takes a comma-separated list of name-addr apart; commas within quotes and brackets do not count. */
function splitValues(list: string): readonly string[] {
  const values: string[] = [];
  const cursor = new Cursor(list);
  let start = 0;
  let isBracketed = false;
  while (!cursor.isAtEnd) {
    if (!isBracketed && cursor.takeQuoted() !== undefined) continue;
    if (cursor.accept('<')) isBracketed = true;
    else if (cursor.accept('>')) isBracketed = false;
    else if (!isBracketed && cursor.accept(',')) {
      values.push(list.slice(start, cursor.position - 1).trim());
      start = cursor.position;
    } else cursor.position += 1;
  }
  values.push(list.slice(start).trim());
  return values.filter((value) => value !== '');
}

/** The URI in the first value of a name-addr list. */
function uriOf(list: string): string | undefined {
  const first = splitValues(list)[0] ?? '';
  const inBrackets = /^(?:"(?:[^"\\]|\\.)*"|[^<"]*)<([^>]*)>/.exec(first)?.[1];
  return inBrackets ?? first.split(';')[0];
}
