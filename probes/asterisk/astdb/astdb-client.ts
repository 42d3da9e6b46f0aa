import { MAX_ROUTE_VALUE_BYTES } from '../../../wire/route-value.ts';
import type { AmiAction } from '../ami/action-encoder.ts';
import type { ActionOptions, AmiListResponse, AmiResponse } from '../ami/ami-contract.ts';
import { AmiError } from '../ami/ami-error.ts';
import { firstValue } from '../ami/ami-packet.ts';
import { ASTDB_FAMILY, type AstDbEntry, readTreeEntry, type StoredPlan, toStoredPlan } from './astdb-entry.ts';

/** The part of the manager client that AstDB needs. */
export type AmiActions = {
  action(action: AmiAction, options?: ActionOptions): Promise<AmiResponse>;
  listAction(action: AmiAction, options?: ActionOptions): Promise<AmiListResponse>;
};

/**
 * Why AstDB could not be read or written. `unknown`: no answer, so the entry may be anything and a put may have
 * happened. `refused`: Asterisk answered and did nothing, `message` is its text. `bad-value`: not sent at all.
 */
export type AstDbFault =
  | { readonly kind: 'unknown'; readonly cause: AmiError }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'bad-value'; readonly message: string };

/** The fault in words, for a reason or the log. */
export function faultText(fault: AstDbFault): string {
  return fault.kind === 'unknown' ? `no answer from Asterisk (${fault.cause.code})` : fault.message;
}

/** A value, or why there is none. `undefined` as a value means that Asterisk said the entry is absent. */
export type AstDbResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: AstDbFault };

/** Names whose keys are asked one by one where Asterisk cannot list a family. */
export type AstDbNames = { readonly classes: readonly string[]; readonly trunks: readonly string[] };

const NOT_FOUND = 'Database entry not found';
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/**
 * Our family of Asterisk's own database, over the manager connection. Every write is one entry, is read back, and
 * happens at most once: nothing is repeated by itself. Needs the manager class `system`.
 *
 * @see https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Actions/DBGetTree/ (since 16.28, 18.14, 19.6)
 */
export class AstDbClient {
  readonly #ami: AmiActions;
  readonly #names: AstDbNames;

  constructor(ami: AmiActions, names: AstDbNames) {
    this.#ami = ami;
    this.#names = names;
  }

  /**
   * Reads every route and every mark of ours. One list action, or one question per known class and trunk where Asterisk
   * has no `DBGetTree`; any question without an answer makes the whole plan unknown, never partly empty.
   */
  async readPlan(options: ActionOptions = {}): Promise<AstDbResult<StoredPlan>> {
    return answered(async () => {
      const tree = await this.#ami.listAction(entryAction('DBGetTree', undefined), options);
      if (tree.isSuccess) {
        return good(toStoredPlan(tree.items.map(readTreeEntry).filter((entry) => entry !== undefined)));
      }
      return tree.message.startsWith('Invalid/unknown command') ? this.#readEach(options) : refused(tree.message);
    });
  }

  /**
   * Puts one route and reads it back.
   *
   * @param text - of at most {@link MAX_ROUTE_VALUE_BYTES}, as `wire/route-value.ts` writes it.
   * @returns the text that Asterisk holds after the put; whether it equals `text` is the caller's to judge.
   */
  putRoute(className: string, text: string, options: ActionOptions = {}): Promise<AstDbResult<string | undefined>> {
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_ROUTE_VALUE_BYTES) {
      return Promise.resolve(bad(`route of ${bytes} bytes exceeds ${MAX_ROUTE_VALUE_BYTES}`));
    }
    return this.#put('route', className, text, options);
  }

  /**
   * Marks a trunk down until a time.
   *
   * @param untilEpochS - seconds since 1970, an integer.
   * @returns the text read back.
   */
  putDown(trunk: string, untilEpochS: number, options: ActionOptions = {}): Promise<AstDbResult<string | undefined>> {
    if (!Number.isSafeInteger(untilEpochS) || untilEpochS < 0) {
      return Promise.resolve(bad(`${untilEpochS} is no time in whole seconds`));
    }
    return this.#put('down', trunk, String(untilEpochS), options);
  }

  /** Takes a mark away; one that was not there is as good. The value is undefined once it is read back as absent. */
  async clearDown(trunk: string, options: ActionOptions = {}): Promise<AstDbResult<string | undefined>> {
    if (!NAME.test(trunk)) return bad(`"${trunk.slice(0, 40)}" is no trunk's name`);
    return answered(async () => {
      // Asterisk answers Error both for an absent entry and for a failure: only the reading afterwards tells.
      const deleted = await this.#ami.action(entryAction('DBDel', `down/${trunk}`), options);
      const left = await this.#get(`down/${trunk}`, options);
      return left.ok && left.value !== undefined && !deleted.isSuccess ? refused(deleted.message) : left;
    });
  }

  async #put(
    kind: 'route' | 'down',
    name: string,
    value: string,
    options: ActionOptions,
  ): Promise<AstDbResult<string | undefined>> {
    if (!NAME.test(name)) return bad(`"${name.slice(0, 40)}" is no name of a class or trunk`);
    return answered(async () => {
      const put = await this.#ami.action(entryAction('DBPut', `${kind}/${name}`, value), options);
      return put.isSuccess ? this.#get(`${kind}/${name}`, options) : refused(put.message);
    });
  }

  async #get(key: string, options: ActionOptions): Promise<AstDbResult<string | undefined>> {
    const got = await this.#ami.listAction(entryAction('DBGet', key), options);
    if (!got.isSuccess) return got.message === NOT_FOUND ? good(undefined) : refused(got.message);
    const value = got.items.map((item) => firstValue(item, 'Val')).find((text) => text !== undefined);
    return value === undefined ? refused('DBGet gave no value') : good(value);
  }

  async #readEach(options: ActionOptions): Promise<AstDbResult<StoredPlan>> {
    const keys = [
      ...this.#names.classes.map((name) => `route/${name}`),
      ...this.#names.trunks.map((name) => `down/${name}`),
    ];
    const entries: AstDbEntry[] = [];
    for (const key of keys) {
      const got = await this.#get(key, options);
      if (!got.ok) return got;
      if (got.value !== undefined) entries.push({ key, value: got.value });
    }
    return good(toStoredPlan(entries));
  }
}

function entryAction(
  name: 'DBGetTree' | 'DBGet' | 'DBPut' | 'DBDel',
  key: string | undefined,
  value?: string,
): AmiAction {
  const fields: [string, string][] = [['Family', ASTDB_FAMILY]];
  if (key !== undefined) fields.push(['Key', key]);
  if (value !== undefined) fields.push(['Val', value]);
  return { name, fields };
}

async function answered<Value>(ask: () => Promise<AstDbResult<Value>>): Promise<AstDbResult<Value>> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AmiError)) throw error;
    if (error.code === 'AMI_BAD_ACTION') return bad(error.message);
    return { ok: false, fault: { kind: 'unknown', cause: error } };
  }
}

function good<Value>(value: Value): AstDbResult<Value> {
  return { ok: true, value };
}

function refused(message: string): AstDbResult<never> {
  return { ok: false, fault: { kind: 'refused', message } };
}

function bad(message: string): AstDbResult<never> {
  return { ok: false, fault: { kind: 'bad-value', message } };
}
