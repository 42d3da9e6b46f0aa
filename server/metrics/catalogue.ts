import type { MetricDefinition } from '../../metric-registry-server.ts';

const FAST_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * Every metric that the hub exposes on `/metrics`, beside those of the Node process. Series per path live on the
 * probes' own `/metrics`, so that a large fleet does not make the hub's scrape block.
 */
export const HUB_METRICS = {
  probeConnected: {
    name: 'trunkward_probe_connected',
    type: 'gauge',
    unit: 'state',
    help: '1 while the probe of a PBX is connected to the hub, else 0.',
    labels: ['site', 'pbx'],
  },
  probeSick: {
    name: 'trunkward_probe_sick',
    type: 'gauge',
    unit: 'state',
    help: "1 while the probe's instrument is out of order and its figures abstain, else 0.",
    labels: ['site', 'pbx'],
  },
  framesReceived: {
    name: 'trunkward_probe_frames_total',
    type: 'counter',
    unit: 'count',
    help: 'Frames received from probes, by type.',
    labels: ['type'],
  },
  framesRefused: {
    name: 'trunkward_probe_frames_refused_total',
    type: 'counter',
    unit: 'count',
    help: 'Frames and connections of probes that were refused, by reason.',
    labels: ['code'],
  },
  tracesOrdered: {
    name: 'trunkward_traces_ordered_total',
    type: 'counter',
    unit: 'count',
    help: 'Traces ordered from probes for verdicts that opened or became named.',
    labels: [],
  },
  measurements: {
    name: 'trunkward_measurements_total',
    type: 'counter',
    unit: 'count',
    help: 'Measurements taken in, by kind and outcome.',
    labels: ['kind', 'outcome'],
  },
  measurementsDropped: {
    name: 'trunkward_measurements_dropped_total',
    type: 'counter',
    unit: 'count',
    help: 'Measurements that probes say they dropped, oldest first, because their uplink was full.',
    labels: ['site', 'pbx'],
  },
  paths: {
    name: 'trunkward_paths',
    type: 'gauge',
    unit: 'count',
    help: 'Paths in each state of health.',
    labels: ['state'],
  },
  verdictsOpen: {
    name: 'trunkward_verdicts_open',
    type: 'gauge',
    unit: 'count',
    help: 'Open verdicts by kind of place and certainty.',
    labels: ['kind', 'certainty'],
  },
  verdictsOpened: {
    name: 'trunkward_verdicts_opened_total',
    type: 'counter',
    unit: 'count',
    help: 'Verdicts opened, by kind of place.',
    labels: ['kind'],
  },
  routesPanic: {
    name: 'trunkward_routes_panic',
    type: 'gauge',
    unit: 'state',
    help: '1 while no trunk of a (PBX, class) is left that is not bad; no series otherwise.',
    labels: ['pbx', 'class'],
  },
  flips: {
    name: 'trunkward_flips_total',
    type: 'counter',
    unit: 'count',
    help: 'Changes of the first trunk of a (PBX, class); in observe mode these are proposals.',
    labels: ['pbx', 'class', 'mode'],
  },
  planResults: {
    name: 'trunkward_plan_results_total',
    type: 'counter',
    unit: 'count',
    help: 'What became of plans on the PBXs, per class.',
    labels: ['outcome'],
  },
  planApplySeconds: {
    name: 'trunkward_plan_apply_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'From sending a plan to its read-back from AstDB.',
    labels: [],
    buckets: FAST_SECONDS,
  },
  enginePassSeconds: {
    name: 'trunkward_engine_pass_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'One pass over all paths, verdicts and routes.',
    labels: [],
    buckets: FAST_SECONDS,
  },
  journalEntries: {
    name: 'trunkward_journal_entries_total',
    type: 'counter',
    unit: 'count',
    help: 'Journal entries written, by kind.',
    labels: ['kind'],
  },
  journalWritable: {
    name: 'trunkward_journal_writable',
    type: 'gauge',
    unit: 'state',
    help: '1 while the journal can be written, else 0: then only moves off hard-down trunks go on.',
    labels: [],
  },
  faults: {
    name: 'trunkward_hub_faults_total',
    type: 'counter',
    unit: 'count',
    help: "Faults of the hub's own in handling a frame or a request, by place.",
    labels: ['place'],
  },
  liveViews: {
    name: 'trunkward_live_views',
    type: 'gauge',
    unit: 'count',
    help: 'Browser views open.',
    labels: [],
  },
  assignedRate: {
    name: 'trunkward_edge_assigned_attempts_per_second',
    type: 'gauge',
    unit: 'count',
    help: 'OPTIONS a second that the witnesses of an edge are assigned together, over all sites, confirmations left out.',
    labels: ['provider', 'target'],
  },
  assignedWitnesses: {
    name: 'trunkward_edge_witnesses',
    type: 'gauge',
    unit: 'count',
    help: 'PBXs that ask an edge, over all sites; the others inherit what they see.',
    labels: ['provider', 'target'],
  },
  qualifyRate: {
    name: 'trunkward_edge_qualify_attempts_per_second',
    type: 'gauge',
    unit: 'count',
    help: "OPTIONS a second of the PBXs' own qualify to an edge, summed over them.",
    labels: ['provider', 'target'],
  },
  budgetOverrun: {
    name: 'trunkward_edge_budget_overrun',
    type: 'gauge',
    unit: 'state',
    help: "1 while the PBXs' own qualify alone asks an edge more often than its provider allows, else 0.",
    labels: ['provider', 'target'],
  },
} as const satisfies Record<string, MetricDefinition>;

/** Key of a metric in {@link HUB_METRICS}. */
export type HubMetric = keyof typeof HUB_METRICS;
