import type { EvidenceKind } from '../../../server/correlate/kinds/evidence-kinds.ts';
import { type LossChain, lossChain } from './loss-draw.ts';

/** One line of the table of kinds: 3×4 with a mesh, five minutes, and what each kind loses at the place at fault. */
export type KindRow = {
  readonly name: string;
  /** Kinds that have figures beside OPTIONS, which have 60 attempts on each path. */
  readonly measured: readonly EvidenceKind[];
  /** What the kinds lose at the place at fault; one that is not here goes on with its background. Empty: nobody is at fault. */
  readonly fault: Partial<Record<EvidenceKind, LossChain>>;
  /** Kinds of places that are drawn, evenly. */
  readonly places: readonly ('site' | 'provider' | 'peer-path' | 'trunk-path')[];
  /** Replies to ICMP are limited at the place drawn, which is not at fault for that. */
  readonly icmpLimit?: LossChain;
  /** The streams of the mesh lose one way alone. */
  readonly isOneWay?: boolean;
};

/** Loss of healthy paths: the same 0.2 % in all kinds, but calls: a provider refuses 1 % whatever the state of its lines. */
export const KIND_BACKGROUND: Readonly<Record<EvidenceKind, LossChain>> = {
  options: lossChain(0.002),
  icmp: lossChain(0.002),
  mesh: lossChain(0.002),
  rtcp: lossChain(0.002),
  calls: lossChain(0.01),
};

const FIVE = lossChain(0.05);
const TEN = lossChain(0.1);
/** Calls set SIP up over a way that loses 5 %, which repeats what is lost: of such calls few fail. Three in ten is a fault of its own. */
const FAILING = lossChain(0.3);
const EVERYWHERE = ['site', 'provider', 'peer-path', 'trunk-path'] as const;
const AT_TRUNKS = ['provider', 'trunk-path'] as const;
const AT_PEERS = ['site', 'peer-path'] as const;
const ALL = ['icmp', 'mesh', 'rtcp', 'calls'] as const;

/** Every row, in the order of the table. */
export const KIND_ROWS: readonly KindRow[] = [
  { name: 'OPTIONS alone 5%', measured: [], fault: { options: FIVE }, places: EVERYWHERE },
  { name: 'OPTIONS and ICMP 5%', measured: ['icmp'], fault: { options: FIVE, icmp: FIVE }, places: EVERYWHERE },
  { name: 'OPTIONS and mesh 5%', measured: ['mesh'], fault: { options: FIVE, mesh: FIVE }, places: EVERYWHERE },
  { name: 'OPTIONS and RTCP 5%', measured: ['rtcp'], fault: { options: FIVE, rtcp: FIVE }, places: EVERYWHERE },
  { name: 'OPTIONS and calls 5%', measured: ['calls'], fault: { options: FIVE, calls: FIVE }, places: EVERYWHERE },
  {
    name: 'all kinds 5%',
    measured: ALL,
    fault: { options: FIVE, icmp: FIVE, mesh: FIVE, rtcp: FIVE, calls: FIVE },
    places: EVERYWHERE,
  },
  { name: 'mesh 5%, all else clean', measured: ALL, fault: { mesh: FIVE }, places: AT_PEERS },
  { name: 'RTCP 5%, all else clean', measured: ALL, fault: { rtcp: FIVE }, places: AT_TRUNKS },
  { name: 'calls fail 30%, all else clean', measured: ALL, fault: { calls: FAILING }, places: AT_TRUNKS },
  {
    name: 'OPTIONS and mesh 5%, one way',
    measured: ['mesh'],
    fault: { options: FIVE, mesh: FIVE },
    places: AT_PEERS,
    isOneWay: true,
  },
  { name: 'mesh 10% one way, all else clean', measured: ALL, fault: { mesh: TEN }, places: AT_PEERS, isOneWay: true },
  { name: 'mesh 5% one way, all else clean', measured: ALL, fault: { mesh: FIVE }, places: AT_PEERS, isOneWay: true },
  { name: 'none', measured: ALL, fault: {}, places: EVERYWHERE },
  {
    name: 'none, ICMP limited by a provider to 80%',
    measured: ALL,
    fault: {},
    places: ['provider'],
    icmpLimit: lossChain(0.2),
  },
  {
    name: 'none, ICMP limited by a provider to 30%',
    measured: ALL,
    fault: {},
    places: ['provider'],
    icmpLimit: lossChain(0.7),
  },
  {
    name: 'none, ICMP limited by a site to 80%',
    measured: ALL,
    fault: {},
    places: ['site'],
    icmpLimit: lossChain(0.2),
  },
];
