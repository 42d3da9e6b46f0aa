import { describe, expect, it } from 'vitest';
import { findChange } from '../../../server/correlate/change-point.ts';
import type { SecondCount } from '../../../server/paths/second-counts.ts';
import { seeded } from '../../support/seeded.ts';
import { type LossModel, SimulatedPath, trunkRef } from './loss-simulation.ts';

const T0 = 1_800_000_000_000;
const QUIET: LossModel = { kind: 'independent', ratio: 0.002 };
const BURSTY: LossModel = { kind: 'bursty', ratio: 0.005, meanBurst: 4 };

type Draw = {
  readonly paths: number;
  readonly beforeS: number;
  readonly faultS: number;
  readonly fault: LossModel;
  readonly background?: LossModel;
};

/** One attempt a second and path, somewhere in it; the fault begins `beforeS` after T0. */
function drawn({ background = QUIET, beforeS, fault, faultS, paths }: Draw, seed: number): readonly SecondCount[][] {
  const random = seeded(seed);
  return Array.from({ length: paths }, (_, at) => {
    const path = new SimulatedPath(trunkRef(`s${at}-1`, `s${at}`, 'a'), random);
    for (let atS = 0; atS < beforeS + faultS; atS += 1) {
      path.attempt(T0 + atS * 1000 + Math.floor(random() * 999), atS < beforeS ? background : fault);
    }
    return [...(path.evidence().secondsSince?.(T0) ?? [])];
  });
}

function second(at: number, lost: 0 | 1, isContinued = false): SecondCount {
  return { second: T0 / 1000 + at, sent: 1, lost, begun: lost === 1 && !isContinued ? 1 : 0, isContinued };
}

describe('findChange', () => {
  it('finds the second in which everything stopped, to the second', () => {
    const seconds = Array.from({ length: 120 }, (_, at) => second(at, at < 100 ? 0 : 1, at > 100));
    const found = findChange([seconds], T0 + 105_000);
    expect(found).toMatchObject({ atMs: T0 + 100_000, highMs: T0 + 101_000 });
    expect(found?.lowMs).toBeGreaterThanOrEqual(T0 + 98_000);
  });

  it('is wide where attempts are far apart: what happened between two of them is not known', () => {
    const seconds = Array.from({ length: 30 }, (_, at) => second(at * 10, at < 25 ? 0 : 1, at > 25));
    const found = findChange([seconds], T0 + 280_000);
    expect(found?.atMs).toBe(T0 + 250_000);
    expect(found?.lowMs).toBeLessThanOrEqual(T0 + 241_000);
    expect(found?.highMs).toBeLessThanOrEqual(T0 + 251_000);
  });

  it('says that it began before anything remembered where all of it is lossy', () => {
    const found = findChange(
      drawn({ paths: 4, beforeS: 0, faultS: 300, fault: { kind: 'independent', ratio: 0.1 } }, 1),
      T0 + 299_000,
    );
    expect(found?.atMs).toBeUndefined();
    expect(found?.lowMs).toBeUndefined();
    expect(found?.highMs).toBeLessThan(T0 + 60_000);
  });

  it('does not take a burst before it for the beginning', () => {
    const paths = drawn({ paths: 6, beforeS: 200, faultS: 60, fault: { kind: 'independent', ratio: 0.3 } }, 5);
    const burst = paths.map((seconds, at) =>
      at > 0 ? seconds : seconds.map((each, slot) => (slot >= 50 && slot < 56 ? second(slot, 1, slot > 50) : each)),
    );
    expect(findChange(burst, T0 + 240_000)?.lowMs).toBeGreaterThan(T0 + 180_000);
  });

  it('never lies after the time that is given as the latest', () => {
    const paths = drawn({ paths: 1, beforeS: 50, faultS: 200, fault: { kind: 'independent', ratio: 0.1 } }, 3);
    const found = findChange(paths, T0 + 60_500);
    expect(found?.highMs).toBeLessThanOrEqual(T0 + 60_500);
    expect(found?.atMs ?? 0).toBeLessThanOrEqual(T0 + 60_500);
  });

  it('says nothing where nothing was sent', () => {
    expect(findChange([], T0)).toBeUndefined();
    expect(findChange([[]], T0)).toBeUndefined();
    expect(findChange([[second(10, 1)]], T0)).toBeUndefined();
  });

  it.each<{ name: string; draw: Draw; medianS: number }>([
    {
      name: '12 paths, 10 %',
      draw: { paths: 12, beforeS: 200, faultS: 60, fault: { kind: 'independent', ratio: 0.1 } },
      medianS: 1,
    },
    {
      name: 'one path, 30 %',
      draw: { paths: 1, beforeS: 200, faultS: 60, fault: { kind: 'independent', ratio: 0.3 } },
      medianS: 3,
    },
    {
      name: 'one path, 10 %',
      draw: { paths: 1, beforeS: 150, faultS: 120, fault: { kind: 'independent', ratio: 0.1 } },
      medianS: 9,
    },
    {
      name: '3 paths, bursts',
      draw: {
        paths: 3,
        beforeS: 200,
        faultS: 90,
        fault: { kind: 'bursty', ratio: 0.1, meanBurst: 4 },
        background: BURSTY,
      },
      medianS: 16,
    },
    {
      name: '12 paths, 10 %, bursty background',
      draw: { paths: 12, beforeS: 200, faultS: 60, fault: { kind: 'independent', ratio: 0.1 }, background: BURSTY },
      medianS: 3,
    },
  ])('its interval holds the true beginning in about 95 of 100 draws: $name', ({ draw, medianS }) => {
    const draws = 300;
    let held = 0;
    const misses: number[] = [];
    for (let seed = 1; seed <= draws; seed += 1) {
      const found = findChange(drawn(draw, seed), T0 + (draw.beforeS + draw.faultS - 20) * 1000);
      const trueMs = T0 + draw.beforeS * 1000;
      if ((found?.lowMs ?? 0) <= trueMs && trueMs <= (found?.highMs ?? 0)) held += 1;
      misses.push(Math.abs((found?.atMs ?? T0) - trueMs) / 1000);
    }
    const median = misses.toSorted((one, other) => one - other)[draws / 2] ?? 0;
    expect(held / draws).toBeGreaterThan(0.91);
    expect(median).toBeLessThanOrEqual(medianS);
  });
});
