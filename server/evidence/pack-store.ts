import type { Store } from '../store/database-store.ts';
import { MAX_PAGE_ITEMS } from '../store/page.ts';
import { HEALTHY_ROLLUP_MS, UNHEALTHY_ROLLUP_MS } from '../store/rollup-store.ts';
import { type KeptVerdict, readVerdict } from './kept-verdict.ts';
import { mediaRoles } from './pack-directions.ts';
import type { CallInput, ContextAt, JournalLine, MediaMinuteInput, PackTime, Rollup } from './pack-input.ts';
import { type ContextPath, readContext } from './verdict-context.ts';

/** Pages of the journal that are read of a verdict's time, from its beginning. */
const MAX_JOURNAL_PAGES = 10;
/** Snapshots name every path of a verdict: few are read at a time, so that nobody waits for it. */
const SNAPSHOTS_AT_ONCE = 10;
/** Pages of ended calls that are looked through, and calls that are shown. */
const MAX_CALL_PAGES = 4;
const MAX_CALLS = 20;

/** Reads from the hub's store what a pack is made of; every reading is bounded. Rejects with StoreError. */
export class PackStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The verdict as it was each time it was judged anew, oldest first. */
  async snapshots(verdictId: string): Promise<readonly KeptVerdict[]> {
    const found: KeptVerdict[] = [];
    let cursor: number | undefined;
    for (let pages = 0; pages < MAX_PAGE_ITEMS / SNAPSHOTS_AT_ONCE; pages += 1) {
      const page = await this.#store.verdicts.evidence(verdictId, {
        limit: SNAPSHOTS_AT_ONCE,
        order: 'oldest',
        ...(cursor !== undefined && { cursor }),
      });
      found.push(...page.items.flatMap(({ snapshot }) => readVerdict(snapshot) ?? []));
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    return found;
  }

  /** What stood beside it each time, oldest first; what is not understood is left out. */
  async contexts(verdictId: string): Promise<readonly ContextAt[]> {
    const found: ContextAt[] = [];
    for await (const { atEpochMs, context } of this.#store.evidence.contexts(verdictId)) {
      const read = readContext(context);
      if (read) found.push({ atEpochMs, context: read });
    }
    return found;
  }

  /** Minutes and quarters of an hour of each path. */
  async rollups(paths: readonly ContextPath[], span: PackTime): Promise<readonly Rollup[]> {
    const found: Rollup[] = [];
    for (const { pathKey } of paths) {
      const { fromEpochMs, minutesToEpochMs, toEpochMs } = span;
      found.push(
        ...(await this.#rollupsOf({
          pathKey,
          lengthMs: UNHEALTHY_ROLLUP_MS,
          fromEpochMs,
          toEpochMs: minutesToEpochMs,
        })),
        ...(await this.#rollupsOf({ pathKey, lengthMs: HEALTHY_ROLLUP_MS, fromEpochMs, toEpochMs })),
      );
    }
    return found;
  }

  async #rollupsOf(filter: {
    readonly pathKey: string;
    readonly lengthMs: typeof UNHEALTHY_ROLLUP_MS | typeof HEALTHY_ROLLUP_MS;
    readonly fromEpochMs: number;
    readonly toEpochMs: number;
  }): Promise<readonly Rollup[]> {
    const found: Rollup[] = [];
    let cursor: number | undefined;
    do {
      const page = await this.#store.rollups.list({
        ...filter,
        limit: MAX_PAGE_ITEMS,
        order: 'oldest',
        ...(cursor !== undefined && { cursor }),
      });
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }

  /** Media of the paths by the minute. */
  async media(paths: readonly ContextPath[], { fromEpochMs, minutesToEpochMs }: PackTime) {
    const found: MediaMinuteInput[] = [];
    for (const mediaKey of mediaRoles(paths).keys()) {
      found.push(...(await this.#store.evidence.media(mediaKey, fromEpochMs, minutesToEpochMs)));
    }
    return found;
  }

  /** The journal of a time, from its beginning. */
  async journal({ fromEpochMs, toEpochMs }: PackTime) {
    const lines: JournalLine[] = [];
    let cursor: number | undefined;
    let pages = 0;
    do {
      const page = await this.#store.journal.list({
        fromEpochMs,
        toEpochMs,
        limit: MAX_PAGE_ITEMS,
        order: 'oldest',
        ...(cursor !== undefined && { cursor }),
      });
      lines.push(...page.items);
      cursor = page.nextCursor;
      pages += 1;
    } while (cursor !== undefined && pages < MAX_JOURNAL_PAGES);
    return { lines, isCut: cursor !== undefined };
  }

  /** Calls at the trunks of the place that ended from the beginning of the trouble to the end of the verdict, failed ones first. */
  async calls({ clearedAtMs, openedAtMs, sinceHighMs, sinceMs }: KeptVerdict, paths: readonly ContextPath[]) {
    const wanted = new Set(
      paths.flatMap(({ pbx, role, trunk }) => (role === 'inside' && trunk !== undefined ? [`${pbx}>${trunk}`] : [])),
    );
    const found: CallInput[] = [];
    let cursor: number | undefined;
    for (let pages = 0; wanted.size > 0 && pages < MAX_CALL_PAGES; pages += 1) {
      const page = await this.#store.events.list({
        kinds: ['call-ended'],
        fromEpochMs: Math.floor(sinceMs ?? sinceHighMs ?? openedAtMs),
        limit: MAX_PAGE_ITEMS,
        order: 'newest',
        ...(clearedAtMs !== undefined && { toEpochMs: Math.ceil(clearedAtMs) }),
        ...(cursor !== undefined && { cursor }),
      });
      for (const { body, pbx } of page.items) {
        const call: unknown = body;
        const told = call as CallInput & { readonly missedEvents?: boolean };
        const ended = callOf(pbx, told);
        if (told.missedEvents !== true && wanted.has(`${pbx}>${ended.trunk}`)) found.push(ended);
      }
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    const failedFirst = found.toSorted((one, other) => rank(one) - rank(other));
    return { shown: failedFirst.slice(0, MAX_CALLS), isCut: found.length > MAX_CALLS || cursor !== undefined };
  }
}

/** Failed calls before answered ones; the newest first among equals. */
function rank({ answeredAtEpochMs, endedAtEpochMs }: CallInput): number {
  return (answeredAtEpochMs === undefined ? 0 : 1e15) - endedAtEpochMs;
}

function callOf(pbx: string, call: CallInput): CallInput {
  const { answeredAtEpochMs, causeCode, class: name, edge, endedBy, pddMs, statusCode } = call;
  const { endedAtEpochMs, linkedId, startedAtEpochMs, trunk, uniqueId } = call;
  return {
    pbx,
    trunk,
    ...(edge !== undefined && { edge }),
    ...(name !== undefined && { class: name }),
    linkedId,
    uniqueId,
    startedAtEpochMs,
    ...(answeredAtEpochMs !== undefined && { answeredAtEpochMs }),
    endedAtEpochMs,
    ...(statusCode !== undefined && { statusCode }),
    ...(causeCode !== undefined && { causeCode }),
    ...(pddMs !== undefined && { pddMs }),
    ...(endedBy !== undefined && { endedBy }),
  };
}
