import type { LivePbx } from '../wire/live.ts';
import type { InstrumentReading } from '../wire/measurement.ts';
import type { AsteriskAway, HelloFrame } from '../wire/probe-frames.ts';

/** One PBX's probe as the hub sees it. Times are hub time. */
export type ProbeStatus = {
  readonly pbx: string;
  readonly site: string;
  readonly state: LivePbx['probe'];
  readonly sinceMs: number;
  readonly asteriskVersion: string | undefined;
  /** Why its probe has no Asterisk; undefined where it has one, or does not say. */
  readonly asteriskAway: AsteriskAway | undefined;
  readonly softwareVersion: string | undefined;
  readonly instanceId: string | undefined;
  readonly instrument: InstrumentReading | undefined;
  /** Probe's wall clock minus the hub's at its last frame, the way included: an upper estimate when positive. */
  readonly clockOffsetMs: number | undefined;
  /** What only one of the two files knows, the hub's and its probe's, in words. */
  readonly fileDifferences: readonly string[];
};

/** A PBX whose probe has not been heard in this life of the hub. */
export function neverSeen(pbx: string, site: string, nowMs: number): ProbeStatus {
  return {
    pbx,
    site,
    state: 'never-seen',
    sinceMs: nowMs,
    asteriskVersion: undefined,
    asteriskAway: undefined,
    softwareVersion: undefined,
    instanceId: undefined,
    instrument: undefined,
    clockOffsetMs: undefined,
    fileDifferences: [],
  };
}

/** A hello has come. */
export function greeted(status: ProbeStatus, hello: HelloFrame, nowMs: number): ProbeStatus {
  return {
    ...status,
    state: 'connected',
    sinceMs: nowMs,
    asteriskVersion: hello.asteriskVersion,
    asteriskAway: hello.asteriskAway,
    softwareVersion: hello.softwareVersion,
    instanceId: hello.instanceId,
    instrument: undefined,
    clockOffsetMs: hello.sentAtEpochMs - nowMs,
  };
}

/** The status as a view shows it. */
export function livePbx(status: ProbeStatus, isSick: boolean): LivePbx {
  const { instrument, asteriskAway, asteriskVersion, fileDifferences, softwareVersion, clockOffsetMs } = status;
  return {
    pbx: status.pbx,
    site: status.site,
    probe: status.state,
    sinceEpochMs: status.sinceMs,
    isSick,
    droppedMeasurements: instrument?.droppedMeasurements ?? 0,
    ...(asteriskVersion !== undefined && { asteriskVersion }),
    ...(asteriskAway !== undefined && { asteriskAway }),
    ...(fileDifferences.length > 0 && { fileDifferences }),
    ...(softwareVersion !== undefined && { softwareVersion }),
    ...(clockOffsetMs !== undefined && { clockOffsetMs: Math.round(clockOffsetMs) }),
    ...(instrument && {
      eventLoopDelayP99Ms: instrument.eventLoopDelayP99Ms,
      selfProbeSent: instrument.selfProbeSent,
      selfProbeLost: instrument.selfProbeLost,
      instrumentWindowMs: instrument.intervalMs,
    }),
    ...(instrument?.clock && { hostClock: instrument.clock }),
    ...(instrument?.selfProbeRttMs !== undefined && { selfProbeRttMs: instrument.selfProbeRttMs }),
  };
}
