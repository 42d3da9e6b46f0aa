import type { Shape } from '../../server/correlate/loss-simulation.ts';
import { type LossChain, lossChain } from './loss-draw.ts';

/** One line of the table: a fleet, what loses, and how many probes each path has in the window. */
export type Row = {
  readonly name: string;
  readonly shape: Shape;
  readonly faults: 0 | 1 | 2;
  readonly background: LossChain;
  readonly fault: LossChain;
  readonly probes: number;
  /** Part of the small size. */
  readonly isSmoke: boolean;
};

/** Loss of healthy paths: independent, or in bursts. */
const QUIET = lossChain(0.002);
const BURSTY = lossChain(0.005, 4);

const ONE: Shape = { sites: 1, providers: 3, hasMesh: false };
const TWO: Shape = { sites: 2, providers: 2, hasMesh: true };
const THREE: Shape = { sites: 3, providers: 4, hasMesh: true };
const FOUR: Shape = { sites: 4, providers: 6, hasMesh: true };
const TEN: Shape = { sites: 10, providers: 10, hasMesh: true };

/** Rows of the small size. */
const SMOKE = new Set([
  '3x4 mesh none n=60',
  '3x4 mesh single 10% n=60',
  '3x4 mesh double 10% n=120',
  '3x4 mesh none in bursty background n=60',
  '3x4 mesh single in bursty background 10% n=60',
]);

type Plan = {
  readonly kind: string;
  readonly faults: Row['faults'];
  readonly background: LossChain;
  readonly fault: LossChain;
  readonly label: string;
};

const NONE: Plan = { kind: 'none', faults: 0, background: QUIET, fault: QUIET, label: '' };
const NONE_BURSTY: Plan = { ...NONE, kind: 'none in bursty background', background: BURSTY };
const SINGLE: Plan = { kind: 'single', faults: 1, background: QUIET, fault: lossChain(0.1), label: ' 10%' };
const DOUBLE: Plan = { ...SINGLE, kind: 'double', faults: 2 };
const IN_BURSTY: Plan = { ...SINGLE, kind: 'single in bursty background', background: BURSTY };
const BURSTY_FAULT: Plan = { ...SINGLE, kind: 'bursty fault', fault: lossChain(0.1, 4) };

/** Every row, in the order of the table. */
export const ROWS: readonly Row[] = [
  ...[6, 18, 30, 60, 120, 300].flatMap((probes) => [row(THREE, NONE, probes), row(THREE, SINGLE, probes)]),
  ...[60, 120, 300].map((probes) => row(THREE, { ...SINGLE, fault: lossChain(0.05), label: ' 5%' }, probes)),
  ...[6, 18, 30].map((probes) => row(THREE, { ...SINGLE, fault: lossChain(0.3), label: ' 30%' }, probes)),
  ...[60, 120, 300].map((probes) => row(THREE, DOUBLE, probes)),
  ...[60, 300].map((probes) => row(THREE, NONE_BURSTY, probes)),
  ...[60, 120].map((probes) => row(THREE, IN_BURSTY, probes)),
  ...[60, 120, 300].map((probes) => row(THREE, BURSTY_FAULT, probes)),
  ...[60, 120].flatMap((probes) => [row(ONE, SINGLE, probes), row(bare(TWO), SINGLE, probes)]),
  ...[ONE, bare(TWO), TWO, bare(THREE), FOUR, bare(FOUR), TEN, bare(TEN)].map((shape) => row(shape, NONE, 60)),
  ...[TWO, bare(THREE), FOUR, bare(FOUR), TEN, bare(TEN)].map((shape) => row(shape, SINGLE, 60)),
  ...[TWO, FOUR].map((shape) => row(shape, SINGLE, 120)),
  ...[TWO, bare(THREE), FOUR, TEN].map((shape) => row(shape, DOUBLE, 120)),
];

function row(shape: Shape, plan: Plan, probes: number): Row {
  const mesh = shape.hasMesh ? ' mesh' : '';
  const name = `${shape.sites}x${shape.providers}${mesh} ${plan.kind}${plan.label} n=${probes}`;
  const { faults, background, fault } = plan;
  return { name, shape, faults, background, fault, probes, isSmoke: SMOKE.has(name) };
}

function bare(shape: Shape): Shape {
  return { ...shape, hasMesh: false };
}
