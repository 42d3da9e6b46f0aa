import type { MetricDefinition } from '../../metric-registry-server.ts';

const RTT_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2];

/**
 * Every metric that a probe exposes on its own `/metrics`: its paths and itself. `target` names one trunk edge or peer of
 * this PBX, so the number of series grows with its own configuration only.
 */
export const PROBE_METRICS = {
  optionsSent: {
    name: 'trunkward_sip_options_sent_total',
    type: 'counter',
    unit: 'count',
    help: 'SIP OPTIONS attempts that were measured, by schedule; liveness and loss are unbiased samples.',
    labels: ['target', 'schedule'],
  },
  optionsLost: {
    name: 'trunkward_sip_options_lost_total',
    type: 'counter',
    unit: 'count',
    help: 'SIP OPTIONS attempts without an answer within the time-out, or refused, by schedule.',
    labels: ['target', 'schedule'],
  },
  optionsNotMeasured: {
    name: 'trunkward_sip_options_not_measured_total',
    type: 'counter',
    unit: 'count',
    help: 'SIP OPTIONS attempts that could not be made; no evidence of anything.',
    labels: ['target', 'reason'],
  },
  optionsRtt: {
    name: 'trunkward_sip_options_rtt_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'Round trip of answered SIP OPTIONS.',
    labels: ['target'],
    buckets: RTT_SECONDS,
  },
  icmpSent: {
    name: 'trunkward_icmp_sent_total',
    type: 'counter',
    unit: 'count',
    help: 'ICMP echo attempts that were measured.',
    labels: ['target'],
  },
  icmpLost: {
    name: 'trunkward_icmp_lost_total',
    type: 'counter',
    unit: 'count',
    help: 'ICMP echo attempts without an answer.',
    labels: ['target'],
  },
  icmpRtt: {
    name: 'trunkward_icmp_rtt_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'Round trip of answered ICMP echoes.',
    labels: ['target'],
    buckets: RTT_SECONDS,
  },
  strayReplies: {
    name: 'trunkward_sip_stray_datagrams_total',
    type: 'counter',
    unit: 'count',
    help: 'Datagrams that became no measurement, by reason.',
    labels: ['reason'],
  },
  invites: {
    name: 'trunkward_invites_total',
    type: 'counter',
    unit: 'count',
    help: "INVITEs of real calls by trunk, and whether the trunk's edge itself answered.",
    labels: ['trunk', 'outcome'],
  },
  downMarks: {
    name: 'trunkward_probe_down_marked',
    type: 'gauge',
    unit: 'state',
    help: '1 while the probe itself holds a trunk hard-down, else 0; in observe mode nothing is written.',
    labels: ['trunk'],
  },
  asteriskConnected: {
    name: 'trunkward_asterisk_connected',
    type: 'gauge',
    unit: 'state',
    help: '1 while AMI is logged in, else 0.',
    labels: [],
  },
  hubConnected: {
    name: 'trunkward_hub_connected',
    type: 'gauge',
    unit: 'state',
    help: '1 while a hub has welcomed this probe, else 0.',
    labels: [],
  },
  outboxEvents: {
    name: 'trunkward_outbox_events',
    type: 'gauge',
    unit: 'count',
    help: 'Durable events not yet acknowledged by a hub.',
    labels: [],
  },
  outboxRejected: {
    name: 'trunkward_outbox_rejected_total',
    type: 'counter',
    unit: 'count',
    help: 'Durable events that could not be kept; each is also in the log.',
    labels: [],
  },
  measurementsDropped: {
    name: 'trunkward_measurements_dropped',
    type: 'gauge',
    unit: 'count',
    help: 'Measurements dropped oldest first since the start because no hub took them.',
    labels: [],
  },
  amiEventsIgnored: {
    name: 'trunkward_ami_events_ignored',
    type: 'gauge',
    unit: 'count',
    help: 'AMI events of kinds that say nothing here, passed over since the start.',
    labels: [],
  },
  eventLoopDelay: {
    name: 'trunkward_probe_event_loop_delay_p99_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: "Event-loop delay of the measuring thread over the last interval, 99th percentile: the instrument's own error.",
    labels: [],
  },
  selfProbeRtt: {
    name: 'trunkward_probe_self_probe_rtt_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Median round trip to the loopback self-probe over the last interval.',
    labels: [],
  },
  faults: {
    name: 'trunkward_probe_faults_total',
    type: 'counter',
    unit: 'count',
    help: "Faults of the probe's own, by place.",
    labels: ['place'],
  },
} as const satisfies Record<string, MetricDefinition>;

/** Key of a metric in {@link PROBE_METRICS}. */
export type ProbeMetric = keyof typeof PROBE_METRICS;
