import type { FigureSheet } from '../../wire/figures.ts';
import type { LiveOrders } from '../../wire/live.ts';
import type { Mode, ModeFunction } from '../../wire/plan.ts';
import type { ShownTrace } from '../../wire/traces.ts';
import type { EdgeView } from '../assign/assignment-view.ts';
import type { MeshView } from '../assign/mesh-view.ts';
import type { PackForm } from '../evidence/pack-form.ts';
import type { JournalLine } from '../evidence/pack-input.ts';
import type { KnownToken } from '../ingest/token-check.ts';
import type { LivePicture } from '../live/live-server.ts';
import type { CallSheet } from '../paths/quality/call-sheet.ts';
import type { OrderOutcome, RouteOrdersRunner } from '../route-orders-runner.ts';
import type { Observed } from '../routing/observe-score.ts';
import type { PlannedRoute } from '../routing/route-plan.ts';
import type { SimulationResult } from '../simulation-runner.ts';
import type { StoredDelivery } from '../store/delivery-store.ts';
import type { MaintenanceOrder, PinOrder } from './route-order-schemas.ts';
import type { SimulationQuestion } from './simulation-routes.ts';

/** Where a mode applies; the whole fleet when empty. At most one field is set. */
export type ModeScope = { readonly site?: string; readonly pbx?: string; readonly class?: string };

/** A change of mode with who wants it and why. */
export type ModeOrder = {
  readonly function: ModeFunction;
  /** Null takes the scope's own mode away. */
  readonly mode: Mode | null;
  readonly scope: ModeScope;
  readonly actor: string;
  readonly reason: string;
};

/** One journal entry as the API gives it. */
export type JournalRecord = JournalLine & { readonly id: number };

/** What to read of the journal: entries with an id below `before`, newest first. */
export type JournalQuery = {
  readonly limit: number;
  readonly before?: number;
  readonly kind?: string;
  readonly pbx?: string;
};

/** Whose traces are wanted: those of a path (`PBX>TARGET`) or of a verdict. */
export type TracesOf = { readonly key: string } | { readonly verdictId: string };

/** One page of deliveries that were given up. */
export type DeadLetters = { readonly items: readonly StoredDelivery[]; readonly nextCursor: number | undefined };

/** What the routes ask of the hub. Promises reject with a HubError or StoreError; an unknown name gives `undefined`. */
export type HubApi = {
  readonly picture: () => LivePicture;
  /** Routes as the latest pass planned them. */
  readonly plannedRoutes: () => readonly PlannedRoute[];
  /** What observe mode keeps of a route of which it proposes another; undefined where it proposes none. */
  readonly observed: (pbx: string, className: string) => Observed | undefined;
  /** What would become of the routes of a PBX; undefined for one whose probe never said hello. */
  readonly simulate: (question: SimulationQuestion, actor: string) => Promise<SimulationResult>;
  /** Every edge that is asked: by whom, how often, and who inherits. */
  readonly assignments: () => readonly EdgeView[];
  /** Every stream of the RTP mesh between sites: its two ends, duty, and what was last heard. */
  readonly meshStreams: () => readonly MeshView[];
  /** Every figure of a path, of a PBX's calls at a trunk (`*`: of the fleet's), or of a host; undefined for an unknown key. */
  readonly figures: (key: string) => FigureSheet | undefined;
  /** Calls that ended within `windowMs`, with their figures, of each PBX or of all together; `key` is unique among the rows. */
  readonly calls: (windowMs: number, by: 'pbx' | 'trunk') => readonly CallSheet[];
  readonly journal: (query: JournalQuery) => Promise<readonly JournalRecord[]>;
  readonly verdictEvidence: (verdictId: string) => Promise<unknown>;
  /**
   * Evidence of a verdict to be given away, as the bytes of one file; undefined for an unknown one, `busy` where too many are being
   * made. Who takes it with full numbers is journaled.
   */
  readonly evidencePack: (
    verdictId: string,
    numbers: 'masked' | 'full',
    actor: string,
    form: PackForm,
  ) => Promise<Uint8Array | 'busy' | undefined>;
  /** Traces of the way of one path, or of those that belong to a verdict, newest first; undefined for an unknown name. */
  readonly traces: (of: TracesOf) => Promise<readonly ShownTrace[] | undefined>;
  /** Resolves when journaled and in force; `unknown-scope` where the name is not configured. */
  readonly setMode: (order: ModeOrder) => Promise<'done' | 'unknown-scope'>;
  /** What the hub takes in from now on, for `forMs`, as text; journaled. Undefined where as many recordings run as may. */
  readonly record: (forMs: number, actor: string) => NodeJS.ReadableStream | undefined;
  /** Every mode that is set; the narrower scope wins, and what is not set observes. */
  readonly modes: () => readonly { readonly function: ModeFunction; readonly mode: Mode; readonly scope: ModeScope }[];
  readonly setStopped: (isStopped: boolean, actor: string, reason: string) => Promise<void>;
  /** What people order of routes. Promises resolve when it is journaled and in force. */
  readonly routeOrders: {
    readonly shown: () => LiveOrders;
    readonly pin: (order: PinOrder, actor: string) => Promise<OrderOutcome>;
    readonly maintain: (order: MaintenanceOrder, actor: string) => Promise<OrderOutcome>;
    readonly takeAway: RouteOrdersRunner['takeAway'];
    readonly setStopped: (isStopped: boolean, actor: string, reason: string) => Promise<LiveOrders['routingStop']>;
  };
  /** Deliveries that were given up, newest first. */
  readonly deadLetters: (request: { readonly limit: number; readonly cursor?: number }) => Promise<DeadLetters>;
  /** Sends a dead letter again, journaled; false where none such is known. */
  readonly retryDelivery: (deliveryId: string, actor: string) => Promise<boolean>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Empty when the hub can do all its work. */
  readonly notReady: () => readonly string[];
  readonly token: (text: string) => KnownToken | undefined;
  readonly isAnonymousViewerAllowed: boolean;
};
