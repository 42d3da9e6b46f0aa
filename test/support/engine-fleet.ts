import type { Fleet } from '../../server/fleet.ts';
import type { Measurement } from '../../wire/measurement.ts';
import type { PbxModes } from '../../wire/plan.ts';
import type { BatchFrame, HelloFrame, TargetDescription } from '../../wire/probe-frames.ts';
import { batchFrame, helloFrame } from './probe-frames.ts';

/** Every function acts, so that a pass plans for real. */
export const ENFORCING: PbxModes = {
  stopped: false,
  routing: 'enforce',
  spend: 'observe',
  security: 'observe',
  survival: 'observe',
  classes: [],
};

/** Targets of each PBX: one edge of each trunk, and two peers. */
export const TARGETS_PER_PBX = 20;
const TRUNKS = TARGETS_PER_PBX - 2;
const PBXES_PER_SITE = 100;

/** A fleet of so many PBXs, a hundred at a site, that all declare the same 18 edges of nine providers and two peers each. */
export type EngineFleet = { readonly fleet: Fleet; readonly hellos: readonly HelloFrame[] };

/** Builds the fleet; at least two sites. */
export function engineFleet(pbxCount: number): EngineFleet {
  const siteCount = Math.max(2, Math.ceil(pbxCount / PBXES_PER_SITE));
  const pbxes = Array.from({ length: pbxCount }, (_, at) => `pbx-${at}`);
  const siteOf = new Map(pbxes.map((pbx, at) => [pbx, `site-${at % siteCount}`]));
  const trunks = Array.from({ length: TRUNKS }, (_, at) => `t${at}`);
  const fleet: Fleet = {
    siteOf,
    probeOf: new Map(pbxes.map((pbx) => [pbx, `probe-of-${pbx}`])),
    providerOf: new Map(trunks.map((trunk, at) => [trunk, `telco-${Math.floor(at / 2)}`])),
    edgesOf: new Map(trunks.map((trunk) => [trunk, ['e']])),
    classes: ['national', 'mobile', 'international'].map((name, at) => ({
      class: name,
      trunks: [...trunks.slice(at), ...trunks.slice(0, at)],
    })),
    capacityOf: new Map(),
    sites: Array.from({ length: siteCount }, (_, at) => `site-${at}`),
  };
  const hellos = pbxes.map((pbx, at) => {
    const edges = trunks.map((trunk): TargetDescription => ({ target: `${trunk}.e`, kind: 'trunk', trunk, edge: 'e' }));
    const peers = [1, siteCount + 1].map((step): TargetDescription => {
      const peer = pbxes[(at + step) % pbxCount] ?? '';
      return { target: `peer.${peer}`, kind: 'peer', peer };
    });
    return helloFrame({
      pbx,
      probe: `probe-of-${pbx}`,
      instanceId: `instance-of-${pbx}`,
      targets: [...edges, ...peers],
      trunks,
      classes: fleet.classes.map((entry) => entry.class),
      plan: { readAtEpochMs: 0, routes: [], down: [] },
    });
  });
  return { fleet, hellos };
}

/** What befalls one attempt: true when it is lost. */
export type IsLost = (pbx: string, target: string, second: number) => boolean;

/**
 * Probes that ask each target once in `everyS` seconds, so that a batch a second holds an even share of them: at 10 the pace
 * that one edge is asked by default.
 */
export class SimulatedProbes {
  readonly #everyS: number;
  readonly #isLost: IsLost;

  constructor(everyS: number, isLost: IsLost) {
    this.#everyS = everyS;
    this.#isLost = isLost;
  }

  /** The batch of one PBX in one second of its own clock; `epochMs` is when it leaves, `asks` what it asks at all. */
  batch(
    { pbx, targets }: Pick<HelloFrame, 'pbx' | 'targets'>,
    second: number,
    epochMs: number,
    asks: (pbx: string, target: string) => boolean = () => true,
  ): BatchFrame {
    const measurements: Measurement[] = [];
    for (const [at, { target }] of targets.entries()) {
      if ((second + at) % this.#everyS !== 0 || !asks(pbx, target)) continue;
      measurements.push({
        kind: 'sip-options',
        target,
        sequence: second,
        schedule: 'liveness',
        sentAtMs: second * 1000 + at,
        outcome: this.#isLost(pbx, target, second)
          ? { kind: 'timed-out', waitedMs: 500 }
          : { kind: 'answered', rttMs: 5 + at, statusCode: 200 },
      });
    }
    return batchFrame({ sequence: second, sentAtMs: second * 1000 + 600, sentAtEpochMs: epochMs, measurements });
  }
}
