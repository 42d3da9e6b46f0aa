import { isoTime } from '../routing/ordered-span.ts';
import type { FlipProposal, PlannedRoute } from '../routing/route-plan.ts';
import type { NewDelivery } from '../store/delivery-store.ts';
import type { HookNews, HookPolicy } from './hook-policy.ts';

/** Who is told of flips besides Asterisk. None of it waits for anybody outside. */
export type FlipNews = {
  /** What flips call for, to be written together with them. */
  readonly deliveriesOf: (
    flips: readonly FlipProposal[],
    routeOf: (flip: FlipProposal) => PlannedRoute | undefined,
    fence: number,
  ) => readonly NewDelivery[];
  /** Deliveries that are on disk may be made. */
  readonly take: (deliveries: readonly NewDelivery[]) => void;
  /** Deliveries that are not yet on disk are put there, and made. */
  readonly deliver: (deliveries: readonly NewDelivery[]) => void;
};

/** A flip with what it is told by. */
export type ToldFlip = {
  readonly flip: FlipProposal;
  /** The route that carries it; its trunks' tiers are the numbers. */
  readonly route: PlannedRoute | undefined;
  readonly fence: number;
};

/**
 * What webhooks and programs are told of a flip, as JSON text: `type`, `timestamp` and `data`, as the Standard Webhooks
 * specification has it. No secret, no address, no telephone number.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (payload structure)
 */
export function flipMessage({ fence, flip, route }: ToldFlip): string {
  return JSON.stringify({
    type: newsOf(flip),
    timestamp: isoTime(flip.atMs),
    data: {
      pbx: flip.pbx,
      class: flip.class,
      direction: flip.direction,
      fromTrunk: flip.fromTrunk,
      toTrunk: flip.toTrunk,
      trunks: flip.trunks,
      plan: { fence, version: flip.version },
      mode: flip.mode,
      orderedBy: flip.orderedBy,
      verdictId: flip.verdictId,
      isPanic: route?.isPanic,
      sentence: flip.sentence,
      reason: route?.reason,
      perTrunk: route?.perTrunk.map(({ factors, reason, score, tier, trunk }) => ({
        trunk,
        tier,
        score,
        factors,
        reason,
      })),
    },
  });
}

/**
 * The deliveries that flips call for. Ids follow from hook, route and plan, so that a flip which is announced twice is delivered
 * under one id.
 */
export function flipDeliveries(hooks: readonly HookPolicy[], told: readonly ToldFlip[]): readonly NewDelivery[] {
  return told.flatMap((each) => {
    const { fence, flip } = each;
    const listeners = hooks.filter(({ on }) => on.includes(newsOf(flip)));
    if (listeners.length === 0) return [];
    const body = flipMessage(each);
    const stamp = flip.mode === 'enforce' ? `${fence}.${flip.version}` : `observe.${Math.round(flip.atMs)}`;
    return listeners.map(({ actuator, name }) => ({
      deliveryId: `${actuator}.${name}.${flip.pbx}.${flip.class}.${stamp}`,
      actuator,
      hook: name,
      lane: `${flip.pbx} ${flip.class}`,
      body,
      madeAtEpochMs: flip.atMs,
    }));
  });
}

function newsOf({ mode }: FlipProposal): HookNews {
  return mode === 'enforce' ? 'flip' : 'flip-proposed';
}
