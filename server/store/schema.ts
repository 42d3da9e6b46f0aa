import type { Generated } from 'kysely';

/** Columns whose names end in `_epoch_ms` are whole wall-clock milliseconds; JSON columns hold text. */
export type JournalTable = {
  readonly id: Generated<number>;
  readonly at_epoch_ms: number;
  readonly kind: string;
  readonly actor: string;
  readonly site: string | null;
  readonly provider: string | null;
  readonly trunk: string | null;
  readonly pbx: string | null;
  readonly class: string | null;
  readonly sentence: string;
  readonly detail: string | null;
  /** 1 where the row waited in memory for the disk to become writable. */
  readonly is_buffered: Generated<number>;
};

/** One row: rows of the journal older than `horizon_epoch_ms` may be deleted. It never moves back. */
export type JournalRetentionTable = { readonly id: number; readonly horizon_epoch_ms: number };

/** What is known of each probe outbox; outlives its events. */
export type OutboxTable = {
  readonly outbox_id: string;
  readonly pbx: string;
  readonly highest_sequence: number;
  /** Events up to this one were deleted by retention; -1 for none. */
  readonly trimmed_sequence: Generated<number>;
  readonly received_at_epoch_ms: number;
};

/** Durable events of probes; (`outbox_id`, `sequence`) names one for ever. */
export type ProbeEventTable = {
  readonly id: Generated<number>;
  readonly outbox_id: string;
  readonly sequence: number;
  readonly pbx: string;
  readonly occurred_at_epoch_ms: number;
  readonly received_at_epoch_ms: number;
  readonly kind: string;
  readonly body: string;
};

/** One row per (PBX, class) of each plan issued. */
export type PlanTable = {
  readonly id: Generated<number>;
  readonly pbx: string;
  readonly class: string;
  readonly fence: number;
  readonly version: number;
  readonly trunks: string;
  readonly mode: 'observe' | 'enforce';
  readonly reason: string;
  readonly issued_at_epoch_ms: number;
  readonly outcome: string | null;
  readonly outcome_reason: string | null;
  readonly applied_at_epoch_ms: number | null;
  readonly read_back: string | null;
};

/** What a stage needs after a restart, by key. */
export type MemoryTable = { readonly key: string; readonly value: string; readonly updated_at_epoch_ms: number };

/** Mode per function and scope; `scope_name` is empty for the fleet. */
export type ModeTable = {
  readonly function: string;
  readonly scope_kind: 'fleet' | 'site' | 'pbx' | 'class';
  readonly scope_name: string;
  readonly mode: 'observe' | 'enforce';
  readonly actor: string;
  readonly changed_at_epoch_ms: number;
};

/** One row, absent until the switch was first used. */
export type StopSwitchTable = {
  readonly id: number;
  readonly is_stopped: number;
  readonly actor: string;
  readonly changed_at_epoch_ms: number;
};

/** One row: the last fencing token taken. */
export type HubFenceTable = { readonly id: number; readonly fence: number; readonly taken_at_epoch_ms: number };

/** One row while it is tried whether the disk takes writes again. */
export type WriteTrialTable = { readonly id: number; readonly ballast: string };

/** The latest state of each verdict. */
export type VerdictTable = {
  readonly id: Generated<number>;
  readonly verdict_id: string;
  readonly latest: string;
  readonly opened_at_epoch_ms: number;
  readonly updated_at_epoch_ms: number;
  readonly cleared_at_epoch_ms: number | null;
};

/** Snapshots of what a verdict rested on. */
export type VerdictEvidenceTable = {
  readonly id: Generated<number>;
  readonly verdict_id: string;
  readonly at_epoch_ms: number;
  readonly snapshot: string;
};

/** Sums of one path over one span. */
export type PathRollupTable = {
  readonly id: Generated<number>;
  readonly path_key: string;
  readonly start_epoch_ms: number;
  readonly length_ms: number;
  readonly sent: number;
  readonly lost: number;
  readonly rtt_p50_ms: number | null;
  readonly rtt_p95_ms: number | null;
};

/** What stood beside a verdict when it was judged. */
export type VerdictContextTable = {
  readonly id: Generated<number>;
  readonly verdict_id: string;
  readonly at_epoch_ms: number;
  readonly context: string;
};

/** Packets of one direction of one mesh stream, or of one PBX's calls at one trunk, in a minute. */
export type MediaMinuteTable = {
  readonly id: Generated<number>;
  readonly media_key: string;
  readonly source: 'mesh' | 'calls';
  readonly direction: 'forward' | 'reverse';
  readonly start_epoch_ms: number;
  readonly sent: number;
  readonly lost: number;
  readonly intervals: number;
  readonly lost_squares: number;
};

/** What people ordered of routes. `asked` is the order as its JSON came; `until_epoch_ms` is null where it holds until it is taken away. */
export type RouteOrderTable = {
  readonly kind: 'pin' | 'maintenance';
  readonly order_id: string;
  readonly asked: string;
  readonly actor: string;
  readonly reason: string;
  readonly ordered_at_epoch_ms: number;
  readonly from_epoch_ms: number;
  readonly until_epoch_ms: number | null;
  readonly began_at_epoch_ms: number | null;
  readonly ended_at_epoch_ms: number | null;
  readonly ended_by: string | null;
};

/** One row, absent until the switch of routing was first used. */
export type RoutingStopTable = {
  readonly id: number;
  readonly is_stopped: number;
  readonly actor: string;
  readonly reason: string;
  readonly changed_at_epoch_ms: number;
};

/** Deliveries of webhooks and programs that are yet to be made, or were given up. */
export type DeliveryTable = {
  readonly id: Generated<number>;
  readonly delivery_id: string;
  readonly actuator: 'webhook' | 'exec';
  readonly hook: string;
  readonly lane: string;
  readonly body: string;
  readonly state: 'pending' | 'dead';
  readonly attempts: Generated<number>;
  readonly made_at_epoch_ms: number;
  readonly due_at_epoch_ms: number;
  readonly last_reason: string | null;
};

/** Rate decks that were imported and may still be asked for. */
export type RateImportTable = {
  readonly import_id: Generated<number>;
  readonly provider: string;
  readonly how: 'replace' | 'merge';
  readonly actor: string;
  readonly file_name: string;
  readonly sha256: string;
  readonly row_count: number;
  readonly reject_count: number;
  readonly begins_at_epoch_ms: number;
  readonly imported_at_epoch_ms: number;
};

/** Rows of a rate deck, in parts; `body` is an array of rows. */
export type RateRowsTable = { readonly import_id: number; readonly part: number; readonly body: string };

/** The tables at the latest migration. */
export type Schema = {
  readonly journal: JournalTable;
  readonly journal_retention: JournalRetentionTable;
  readonly outboxes: OutboxTable;
  readonly probe_events: ProbeEventTable;
  readonly plans: PlanTable;
  readonly memory: MemoryTable;
  readonly modes: ModeTable;
  readonly stop_switch: StopSwitchTable;
  readonly hub_fence: HubFenceTable;
  readonly write_trial: WriteTrialTable;
  readonly verdicts: VerdictTable;
  readonly verdict_evidence: VerdictEvidenceTable;
  readonly path_rollups: PathRollupTable;
  readonly verdict_contexts: VerdictContextTable;
  readonly media_minutes: MediaMinuteTable;
  readonly deliveries: DeliveryTable;
  readonly route_orders: RouteOrderTable;
  readonly routing_stop: RoutingStopTable;
  readonly rate_imports: RateImportTable;
  readonly rate_rows: RateRowsTable;
};
