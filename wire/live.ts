/**
 * What the hub shows a browser on `WS /api/v1/live`: one snapshot, then deltas with consecutive sequence numbers.
 * A view that misses a number, or falls behind, is sent a new snapshot. All times are epoch milliseconds of the hub.
 * Plain types: the page trusts its own hub; nothing here is read by a probe.
 */
import type { Mode } from './plan.ts';

/** WebSocket subprotocol of this contract; the hub selects it, whatever else the browser offers. */
export const LIVE_PROTOCOL = 'trunkward.live.v1';

/**
 * Offered beside {@link LIVE_PROTOCOL} by a page that holds a token: this prefix and the token's UTF-8 bytes in base64url
 * without padding. Browsers cannot set headers on a WebSocket, and a token in a URL would reach logs. Never selected.
 */
export const LIVE_BEARER_PREFIX = 'bearer.';

/** Close code after which the page asks for a token: none was offered, or it is unknown. Sent after the upgrade, as a refused upgrade shows the page no reason. */
export const LIVE_CLOSE_TOKEN_NEEDED = 4401;

/** Close code for a known token whose role may not view. */
export const LIVE_CLOSE_FORBIDDEN = 4403;

/** One PBX with its probe as the hub sees it. */
export type LivePbx = {
  readonly pbx: string;
  readonly site: string;
  readonly probe: 'connected' | 'silent' | 'never-seen';
  readonly sinceEpochMs: number;
  readonly asteriskVersion?: string;
  /** Why its probe has no Asterisk, as `AsteriskAway` of the wire names it; absent where it has one, or does not say. */
  readonly asteriskAway?: string;
  /** What only one of the two files knows, the hub's and its probe's, in words; absent where they agree. */
  readonly fileDifferences?: readonly string[];
  readonly softwareVersion?: string;
  /** The probe's own instrument is out of order, so its figures abstain. */
  readonly isSick: boolean;
  readonly eventLoopDelayP99Ms?: number;
  readonly selfProbeRttMs?: number;
  /** Loopback attempts of the probe's own instrument, and the interval that they and the delay above are of. */
  readonly selfProbeSent?: number;
  readonly selfProbeLost?: number;
  readonly instrumentWindowMs?: number;
  readonly clockOffsetMs?: number;
  /** The host's clock against true time, as its own time daemon or kernel says; absent: unknown. */
  readonly hostClock?: {
    readonly offsetMs: number;
    readonly errorMs: number;
    readonly source: 'chrony' | 'kernel';
    readonly isSynchronised: boolean;
  };
  readonly droppedMeasurements: number;
};

/** One path of the matrix: row `pbx`, column `target`. */
export type LivePath = {
  readonly key: string;
  readonly pbx: string;
  readonly site: string;
  readonly target: string;
  /** Trunk paths have a provider, trunk and edge; peer paths a peer. */
  readonly provider?: string;
  readonly trunk?: string;
  readonly edge?: string;
  readonly peer?: string;
  readonly state: 'unknown' | 'unmeasurable' | 'probe-blocked' | 'healthy' | 'degraded' | 'hard-down';
  readonly sinceEpochMs: number;
  readonly reason: string;
  readonly sent: number;
  readonly lost: number;
  readonly lossLowRatio: number;
  readonly lossHighRatio: number;
  readonly windowMs: number;
  readonly rttP50Ms?: number;
  readonly rttP95Ms?: number;
  readonly rttN: number;
  readonly icmpSent: number;
  readonly icmpLost: number;
  /** Wilson 95 % interval of the ICMP loss, 0 to 1; absent where none was sent. */
  readonly icmpLowRatio?: number;
  readonly icmpHighRatio?: number;
  /** Window of the ICMP counts; absent: `windowMs`. */
  readonly icmpWindowMs?: number;
  /** When the newest sample of this path was taken; absent when none ever came. */
  readonly lastSampleAtEpochMs?: number;
  /** The instrument was sick: this path takes no part in verdicts. */
  readonly isAbstaining?: boolean;
  /** PBXs of the same site whose figures these are: this PBX asks nothing. */
  readonly inheritedFrom?: readonly string[];
  /** What the loss is told from; ICMP is no ground by itself. */
  readonly lossEvidence?: 'options' | 'icmp' | 'none';
  /** Interval at which the hub has this path asked. */
  readonly intervalMs?: number;
};

/** What a trouble has touched and cost so far. What nobody could count is absent: unknown is not zero. */
export type LiveCost = {
  /** Calls are counted by their end, from here on. */
  readonly fromEpochMs: number;
  readonly pbxes: number;
  readonly sites: number;
  /** Classes routed over the touched trunks, or with calls there. */
  readonly classes: readonly { readonly class: string; readonly attempted: number; readonly failed: number }[];
  readonly calls?: {
    readonly attempted: number;
    readonly answered: number;
    readonly failed: number;
    /** By SIP status (`408`), else by Q.850 cause (`cause 38`). */
    readonly failedBy: readonly { readonly by: string; readonly calls: number }[];
    readonly givenUp: number;
    readonly short: number;
    readonly unknown: number;
  };
  /** Calls whose media were counted since the opening, and how many were bad one way; `isCut` where not all were followed. */
  readonly media?: { readonly calls: number; readonly bad: number; readonly isCut?: boolean };
  /** Why there are no calls: `no-trunk` or `asterisk-not-reached`. */
  readonly noCalls?: string;
  /** Touched PBXs whose calls are not fully known. */
  readonly blindPbxes: readonly string[];
  /** All of it in words. */
  readonly sentence: string;
};

/** An open (or just cleared) verdict. */
export type LiveVerdict = {
  readonly verdictId: string;
  readonly symptom: string;
  readonly certainty: 'named' | 'ambiguous' | 'suspect';
  /** Readable place: `provider telco-a`, `site fra`, `path fra-1 > a.a1`. */
  readonly place: string;
  readonly group: readonly string[];
  readonly posterior: number;
  readonly runnerUp?: { readonly place: string; readonly posterior: number };
  readonly direction: string;
  readonly witnesses: readonly string[];
  readonly sentence: string;
  /** When it began, and the interval that holds it with 95 %. Without the first it began before the last of them, without the second it may have begun before anything remembered. */
  readonly sinceEpochMs?: number;
  readonly sinceLowEpochMs?: number;
  readonly sinceHighEpochMs?: number;
  /** How often within a day trouble of this symptom came back to this place. */
  readonly reopenings?: number;
  readonly cost?: LiveCost;
  /** Id of the verdict that this one has turned out to be a part of. */
  readonly mergedInto?: string;
  readonly openedAtEpochMs: number;
  readonly updatedAtEpochMs: number;
  readonly clearedAtEpochMs?: number;
  /** Window that the counts below were taken over. */
  readonly windowMs?: number;
  /** Counts of the paths as they went into the verdict: what the posterior stands on. */
  readonly evidence?: readonly {
    readonly pathKey: string;
    readonly sent: number;
    readonly lost: number;
    readonly lowRatio: number;
    readonly highRatio: number;
  }[];
  /** What other kinds than OPTIONS counted at the place and elsewhere: `icmp` echoes, `mesh` and `rtcp` packets, `calls`. */
  readonly kinds?: readonly {
    readonly kind: 'icmp' | 'mesh' | 'rtcp' | 'calls';
    readonly sent: number;
    readonly lost: number;
    readonly sentOutside: number;
    readonly lostOutside: number;
    readonly isLossy: boolean;
  }[];
  /** Which further probe would split an ambiguity group, when one would. */
  readonly wouldSplit?: string;
};

/** The route of one class on one PBX: what is planned, what Asterisk has, and why. */
export type LiveRoute = {
  readonly pbx: string;
  readonly class: string;
  readonly mode: Mode;
  /** Planned order. In observe mode a proposal only. */
  readonly planned: readonly { readonly trunk: string; readonly weight: number }[];
  /** Order in the configuration. */
  readonly configured: readonly string[];
  /** AstDB text last read back, when known. */
  readonly readBack?: string;
  readonly isApplied: boolean;
  readonly fence: number;
  readonly version: number;
  readonly reason: string;
  /** Per trunk: tier and reason, also for "why not". */
  readonly trunks: readonly { readonly trunk: string; readonly tier: string; readonly reason: string }[];
  readonly changedAtEpochMs: number;
};

/** One line of the journal. */
export type LiveJournalEntry = {
  readonly id: number;
  readonly atEpochMs: number;
  readonly kind: string;
  /** Who or what: `hub`, a probe, or a user's token name. */
  readonly actor: string;
  readonly sentence: string;
};

/** A pin that a person gave: trunks that lead, in this order, until it ends or is taken away. */
export type LivePin = {
  readonly id: string;
  /** The whole fleet and all classes where nothing is named. */
  readonly scope: { readonly site?: string; readonly pbx?: string; readonly class?: string };
  readonly trunks: readonly string[];
  /** Also where the trunk is hard-down or in maintenance. */
  readonly isForced: boolean;
  readonly orderedAtEpochMs: number;
  readonly untilEpochMs?: number;
  readonly actor: string;
  readonly reason: string;
};

/** A maintenance, in force or to come. Exactly one field of `of` is there. */
export type LiveMaintenance = {
  readonly id: string;
  readonly of: { readonly trunk?: string; readonly provider?: string; readonly site?: string; readonly pbx?: string };
  readonly fromEpochMs: number;
  readonly untilEpochMs: number;
  readonly actor: string;
  readonly reason: string;
};

/** What people ordered of routes, and the stop switch of routing with who used it last. */
export type LiveOrders = {
  readonly routingStop: {
    readonly isStopped: boolean;
    readonly actor?: string;
    readonly reason?: string;
    readonly changedAtEpochMs?: number;
  };
  readonly pins: readonly LivePin[];
  readonly maintenance: readonly LiveMaintenance[];
};

/** State of the hub itself. */
export type LiveHub = {
  readonly hubInstanceId: string;
  readonly softwareVersion: string;
  readonly startedAtEpochMs: number;
  /** Global stop switch: nothing is changed anywhere while true. */
  readonly isStopped: boolean;
  readonly fleetRoutingMode: Mode;
  readonly isJournalWritable: boolean;
  /** Role of the token this view was opened with. */
  readonly role: 'viewer' | 'operator' | 'admin';
};

/** Everything, in one message. */
export type LiveSnapshot = {
  readonly type: 'snapshot';
  readonly sequence: number;
  readonly atEpochMs: number;
  readonly hub: LiveHub;
  readonly pbxes: readonly LivePbx[];
  readonly paths: readonly LivePath[];
  readonly verdicts: readonly LiveVerdict[];
  readonly routes: readonly LiveRoute[];
  /** Absent: no person ever ordered anything. */
  readonly orders?: LiveOrders;
  /** Newest first, at most 100. */
  readonly journal: readonly LiveJournalEntry[];
};

/** Names a path or a route that is there no more: its PBX's probe or the hub's file names it no longer. */
export type LiveGone =
  | { readonly of: 'path'; readonly key: string }
  | { readonly of: 'route'; readonly pbx: string; readonly class: string };

/** One thing that is new, changed or gone; whole objects, keyed by their names. */
export type LiveChange =
  | { readonly kind: 'hub'; readonly value: LiveHub }
  | { readonly kind: 'pbx'; readonly value: LivePbx }
  | { readonly kind: 'path'; readonly value: LivePath }
  | { readonly kind: 'verdict'; readonly value: LiveVerdict }
  | { readonly kind: 'route'; readonly value: LiveRoute }
  | { readonly kind: 'orders'; readonly value: LiveOrders }
  | { readonly kind: 'journal'; readonly value: LiveJournalEntry }
  | { readonly kind: 'gone'; readonly value: LiveGone };

/** Changes since the message before; `sequence` is one up. Sent at least every 2 s, empty when nothing changed. */
export type LiveDelta = {
  readonly type: 'delta';
  readonly sequence: number;
  readonly atEpochMs: number;
  readonly changes: readonly LiveChange[];
};

/** Any message from the hub to a view. */
export type LiveMessage = LiveSnapshot | LiveDelta;

/** The only message from a view to the hub: "my last number was N, go on from there or send a snapshot". */
export type LiveResume = { readonly type: 'resume'; readonly sequence: number };
