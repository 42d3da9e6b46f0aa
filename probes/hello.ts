import type { PlanReadBack } from '../wire/plan.ts';
import type { AsteriskAway, HelloFrame, TargetDescription } from '../wire/probe-frames.ts';
import type { ProbeConfig } from './config-schema.ts';
import { linePeers } from './line-peers.ts';
import { meshPeers } from './mesh-peers.ts';
import type { ProbeTarget } from './probe-targets.ts';
import { testCallEntry } from './test-call-config.ts';

/** What stays the same over the life of a probe. */
export type ProbeIdentity = Pick<HelloFrame, 'bootId' | 'machineId' | 'instanceId' | 'softwareVersion' | 'configHash'>;

/** How things stand at the moment of a hello. */
export type HelloMoment = {
  readonly nowMs: number;
  readonly epochMs: number;
  readonly heldFence: number;
  readonly outboxPending: number;
  /** AstDB as last read; undefined while it is not known. */
  readonly plan: PlanReadBack | undefined;
  readonly asteriskVersion: string | undefined;
  /** Why there is no version. */
  readonly asteriskAway: AsteriskAway | undefined;
  readonly canTrace: boolean;
  readonly targets: readonly ProbeTarget[];
  /** Of {@link targets}, and of edges by name that are yet to be found. */
  readonly descriptions: readonly TargetDescription[];
};

/** The hello of one connection: who speaks, what it watches and lets be touched, and the plan that Asterisk follows now. */
export function helloFrame(config: ProbeConfig, identity: ProbeIdentity, moment: HelloMoment): HelloFrame {
  const { plan, asteriskAway, asteriskVersion } = moment;
  return {
    v: 1,
    type: 'hello',
    probe: config.probe,
    pbx: config.pbx,
    ...identity,
    sentAtMs: moment.nowMs,
    sentAtEpochMs: moment.epochMs,
    targets: [...moment.descriptions],
    trunks: config.trunks.map(({ trunk }) => trunk),
    classes: config.classes.map((entry) => entry.class),
    abilities: {
      meshPeers: meshPeers(config).map(({ pbx: peer }) => peer),
      testCallTargets: testCallTargets(config, moment.targets),
      canTrace: moment.canTrace,
      keepsDriftPolicy: true,
      linePeers: config.line.isEnabled ? linePeers(config).map(({ pbx: peer }) => peer) : [],
    },
    heldFence: moment.heldFence,
    outboxPending: moment.outboxPending,
    ...(plan && { plan }),
    ...(asteriskVersion !== undefined && { asteriskVersion }),
    ...(asteriskAway !== undefined && { asteriskAway }),
  };
}

function testCallTargets(config: ProbeConfig, targets: readonly ProbeTarget[]): string[] {
  const called = targets.filter((target) => testCallEntry(config.testCalls, target) !== undefined);
  return called.map(({ target }) => target);
}
