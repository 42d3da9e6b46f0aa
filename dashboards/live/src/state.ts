import type {
  LiveChange,
  LiveDelta,
  LiveHub,
  LiveJournalEntry,
  LiveMessage,
  LiveOrders,
  LivePath,
  LivePbx,
  LiveResume,
  LiveRoute,
  LiveSnapshot,
  LiveVerdict,
} from '../../../wire/live.ts';
import { ALL_CHANGED, type Changed, UNCHANGED } from './changed.ts';

/** Most journal lines kept, newest first. */
export const JOURNAL_KEPT = 200;

/** How long a cleared verdict stays, counted in the hub's time. */
export const CLEARED_KEPT_MS = 3_600_000;

/** What the page knows: the last snapshot with every delta since. */
export type ViewState = {
  /** Number of the last message folded in; `undefined` while this connection's snapshot is awaited. */
  readonly sequence: number | undefined;
  /** The hub's clock at that message. */
  readonly atEpochMs: number;
  readonly hub: LiveHub | undefined;
  /** By name. */
  readonly pbxes: ReadonlyMap<string, LivePbx>;
  /** By key. */
  readonly paths: ReadonlyMap<string, LivePath>;
  /** By verdict id, cleared ones of the last hour included. */
  readonly verdicts: ReadonlyMap<string, LiveVerdict>;
  /** By {@link routeKey}. */
  readonly routes: ReadonlyMap<string, LiveRoute>;
  /** What people ordered of routes; undefined where the hub told of none. */
  readonly orders: LiveOrders | undefined;
  readonly journal: readonly LiveJournalEntry[];
  /** A number was missed and the hub has been asked to go on or start over. */
  readonly isAwaitingResume: boolean;
};

/** Nothing known yet. */
export const EMPTY_STATE: ViewState = {
  sequence: undefined,
  atEpochMs: 0,
  hub: undefined,
  pbxes: new Map(),
  paths: new Map(),
  verdicts: new Map(),
  routes: new Map(),
  orders: undefined,
  journal: [],
  isAwaitingResume: false,
};

/**
 * What folding a message gave. `taken`: it is in. `repeated`: its number was already in, it was dropped. `early`: a delta
 * before the connection's snapshot, dropped, as the snapshot holds it. `gap`: numbers are missing before it, it was
 * dropped; `resume` is present once per gap and has to be sent to the hub.
 */
export type Folded =
  | { readonly kind: 'taken' | 'repeated' | 'early'; readonly state: ViewState; readonly changed: Changed }
  | { readonly kind: 'gap'; readonly state: ViewState; readonly changed: Changed; readonly resume?: LiveResume };

/**
 * The state at the start of a new connection: what is known stays on show, but no delta is folded into it before the
 * snapshot, as another run of the hub may count the same numbers anew.
 */
export function reconnected(state: ViewState): ViewState {
  return { ...state, sequence: undefined, isAwaitingResume: false };
}

/** Names a route in {@link ViewState.routes}; neither part can hold a `/` (identifiers of wire/). */
export function routeKey(route: { readonly pbx: string; readonly class: string }): string {
  return `${route.pbx}/${route.class}`;
}

/** True while the hub may change no route: by the global switch, or by that of routing. */
export function isRoutingStopped({ hub, orders }: Pick<ViewState, 'hub' | 'orders'>): boolean {
  return hub?.isStopped === true || orders?.routingStop.isStopped === true;
}

/** Folds one message of the hub into the state. Pure; maps are copied only where something in them changed. */
export function fold(state: ViewState, message: LiveMessage): Folded {
  if (message.type === 'snapshot') return { kind: 'taken', state: fromSnapshot(message), changed: ALL_CHANGED };
  if (state.sequence === undefined) return { kind: 'early', state, changed: UNCHANGED };
  if (message.sequence <= state.sequence) return { kind: 'repeated', state, changed: UNCHANGED };
  if (message.sequence !== state.sequence + 1) {
    if (state.isAwaitingResume) return { kind: 'gap', state, changed: UNCHANGED };
    const resume: LiveResume = { type: 'resume', sequence: state.sequence };
    return { kind: 'gap', state: { ...state, isAwaitingResume: true }, changed: UNCHANGED, resume };
  }
  return { kind: 'taken', ...withChanges(state, message) };
}

function fromSnapshot(snapshot: LiveSnapshot): ViewState {
  return {
    sequence: snapshot.sequence,
    atEpochMs: snapshot.atEpochMs,
    hub: snapshot.hub,
    pbxes: new Map(snapshot.pbxes.map((pbx) => [pbx.pbx, pbx])),
    paths: new Map(snapshot.paths.map((path) => [path.key, path])),
    verdicts: new Map(snapshot.verdicts.map((verdict) => [verdict.verdictId, verdict])),
    routes: new Map(snapshot.routes.map((route) => [routeKey(route), route])),
    orders: snapshot.orders,
    journal: newestFirst(snapshot.journal),
    isAwaitingResume: false,
  };
}

function withChanges(state: ViewState, delta: LiveDelta): { state: ViewState; changed: Changed } {
  const pbxes = valuesOf(delta.changes, 'pbx').map((pbx) => [pbx.pbx, pbx] as const);
  const paths = valuesOf(delta.changes, 'path').map((path) => [path.key, path] as const);
  const verdicts = valuesOf(delta.changes, 'verdict').map((verdict) => [verdict.verdictId, verdict] as const);
  const routes = valuesOf(delta.changes, 'route').map((route) => [routeKey(route), route] as const);
  const journal = valuesOf(delta.changes, 'journal');
  const hub = valuesOf(delta.changes, 'hub').at(-1);
  const orders = valuesOf(delta.changes, 'orders').at(-1);
  const gone = valuesOf(delta.changes, 'gone');
  const gonePaths = gone.flatMap((thing) => (thing.of === 'path' ? thing.key : []));
  const goneRoutes = gone.flatMap((thing) => (thing.of === 'route' ? routeKey(thing) : []));
  const isNew = pbxes.some(([name]) => !state.pbxes.has(name)) || paths.some(([key]) => !state.paths.has(key));
  return {
    state: {
      sequence: delta.sequence,
      atEpochMs: delta.atEpochMs,
      hub: hub ?? state.hub,
      pbxes: merged(state.pbxes, pbxes),
      paths: without(merged(state.paths, paths), gonePaths),
      verdicts: withoutOld(merged(state.verdicts, verdicts), delta.atEpochMs),
      routes: without(merged(state.routes, routes), goneRoutes),
      orders: orders ?? state.orders,
      journal: journal.length === 0 ? state.journal : newestFirst([...journal, ...state.journal]),
      isAwaitingResume: false,
    },
    changed: {
      isAll: false,
      isShape: isNew || gonePaths.length > 0,
      isHub: hub !== undefined || orders !== undefined,
      isJournal: journal.length > 0,
      pbxes: new Set(pbxes.map(([name]) => name)),
      paths: new Set([...paths.map(([key]) => key), ...gonePaths]),
      verdicts: new Set(verdicts.map(([id]) => id)),
      routes: new Set([...routes.map(([key]) => key), ...goneRoutes]),
    },
  };
}

type ValueOf<K extends LiveChange['kind']> = Extract<LiveChange, { readonly kind: K }>['value'];

function valuesOf<K extends LiveChange['kind']>(changes: readonly LiveChange[], kind: K): ValueOf<K>[] {
  return changes.filter((change) => change.kind === kind).map((change) => change.value as ValueOf<K>);
}

function merged<V>(map: ReadonlyMap<string, V>, entries: readonly (readonly [string, V])[]): ReadonlyMap<string, V> {
  return entries.length === 0 ? map : new Map([...map, ...entries]);
}

function without<V>(map: ReadonlyMap<string, V>, keys: readonly string[]): ReadonlyMap<string, V> {
  if (keys.length === 0) return map;
  const gone = new Set(keys);
  return new Map([...map].filter(([key]) => !gone.has(key)));
}

function withoutOld(verdicts: ReadonlyMap<string, LiveVerdict>, nowEpochMs: number): ReadonlyMap<string, LiveVerdict> {
  const isOld = ({ clearedAtEpochMs }: LiveVerdict): boolean =>
    clearedAtEpochMs !== undefined && nowEpochMs - clearedAtEpochMs > CLEARED_KEPT_MS;
  const kept = [...verdicts].filter(([, verdict]) => !isOld(verdict));
  return kept.length === verdicts.size ? verdicts : new Map(kept);
}

function newestFirst(entries: readonly LiveJournalEntry[]): readonly LiveJournalEntry[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  return [...byId.values()].toSorted((a, b) => b.id - a.id).slice(0, JOURNAL_KEPT);
}
