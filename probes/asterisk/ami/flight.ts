import type { AmiErrorCode } from './ami-error.ts';
import { type AmiPacket, firstValue } from './ami-packet.ts';

/** How an action ended. `answered` holds Success and Error alike; `items` is empty for an action that is no list. */
export type ActionOutcome =
  | { readonly kind: 'answered'; readonly response: AmiPacket; readonly items: readonly AmiPacket[] }
  | { readonly kind: 'failed'; readonly code: AmiErrorCode; readonly reason: string };

/** Caps on what one list answer may hold in memory. */
export type FlightLimits = { readonly maxListItems: number; readonly maxListBytes: number };

/** Items of a list, newest first: appending is constant in time and leaves the older state intact. */
type Collected = { readonly packet: AmiPacket; readonly before: Collected | undefined };

/** One action on its way. `isSettled`: the caller has its outcome, what still comes is only recognised and dropped. */
export type Flight = {
  readonly name: string;
  readonly isList: boolean;
  /** Monotonic, ms: of the answer, or of the memory once settled. */
  readonly deadlineMs: number;
  readonly isSettled: boolean;
  readonly response: AmiPacket | undefined;
  readonly items: Collected | undefined;
  readonly itemCount: number;
  readonly itemBytes: number;
};

/**
 * What a packet did to a flight: `flight` undefined means it is over; `passedOn` says that the packet is not (only) the
 * flight's own and goes on to listeners.
 */
export type FlightStep = {
  readonly flight: Flight | undefined;
  readonly outcome?: ActionOutcome;
  readonly passedOn?: 'event' | 'stray';
};

/** A flight just sent. */
export function beginFlight(name: string, isList: boolean, deadlineMs: number): Flight {
  return {
    name,
    isList,
    deadlineMs,
    isSettled: false,
    response: undefined,
    items: undefined,
    itemCount: 0,
    itemBytes: 0,
  };
}

/** Takes the response of the flight's ActionID. For a list that Asterisk begins, the items are still to come. */
export function takeResponse(flight: Flight, packet: AmiPacket): FlightStep {
  const isSuccess = firstValue(packet, 'Response')?.toLowerCase() === 'success';
  const begins = firstValue(packet, 'EventList')?.toLowerCase() === 'start';
  if (flight.isSettled) return { flight: begins ? flight : undefined, passedOn: 'stray' };
  if (flight.response !== undefined) return { flight, passedOn: 'stray' };
  if (flight.isList && isSuccess && begins) return { flight: { ...flight, response: packet } };
  return { flight: undefined, outcome: { kind: 'answered', response: packet, items: [] } };
}

/** Takes an event of the flight's ActionID: an item or the end of a list, or an event that goes on to listeners. */
export function takeListEvent(flight: Flight, packet: AmiPacket, limits: FlightLimits): FlightStep {
  const ending = firstValue(packet, 'EventList')?.toLowerCase();
  if (flight.isSettled && flight.isList) return { flight: ending === undefined ? flight : undefined };
  if (flight.response === undefined) return { flight, passedOn: 'event' };
  if (ending === 'complete') {
    return {
      flight: undefined,
      outcome: { kind: 'answered', response: flight.response, items: inOrder(flight) },
    };
  }
  if (ending !== undefined) {
    return { flight: undefined, outcome: failed('AMI_LIST_CANCELLED', `${flight.name}: list ended as ${ending}`) };
  }
  const itemCount = flight.itemCount + 1;
  const itemBytes = flight.itemBytes + packet.wireBytes;
  if (itemCount > limits.maxListItems || itemBytes > limits.maxListBytes) {
    const size = `${itemCount} items, ${itemBytes} bytes; at most ${limits.maxListItems}, ${limits.maxListBytes}`;
    return {
      flight: { ...flight, isSettled: true, items: undefined },
      outcome: failed('AMI_LIST_TOO_LONG', `${flight.name}: ${size}`),
    };
  }
  return { flight: { ...flight, items: { packet, before: flight.items }, itemCount, itemBytes } };
}

function inOrder(flight: Flight): readonly AmiPacket[] {
  const packets: AmiPacket[] = [];
  for (let item = flight.items; item !== undefined; item = item.before) packets.push(item.packet);
  return packets.toReversed();
}

function failed(code: AmiErrorCode, reason: string): ActionOutcome {
  return { kind: 'failed', code, reason };
}
