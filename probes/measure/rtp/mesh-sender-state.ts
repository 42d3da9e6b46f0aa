import type { MeshReply } from './mesh-packet.ts';
import { NumberWindow } from './number-window.ts';
import { ReplyTimesTable } from './reply-times.ts';

/** True time less a stamp clock, and how far that may be out; `undefined` where nothing disciplines the host's clock. */
export type Correction = { readonly correctionMs: number; readonly errorMs: number } | undefined;

/** Numbers `from` to `to`, both included, of which so many came, neither none nor all; which of them is not known. */
export type Stretch = { readonly from: number; readonly to: number; readonly received: number };

/** The reflector's counts as one reply tells them: not the reply itself, which would keep its datagram. */
export type ToldCounts = Pick<MeshReply, 'highest' | 'distinct' | 'duplicates' | 'reordered'>;

/** What a sender knows of one session from the replies. Made by {@link newSender}, changed in place by mesh-sender.ts alone. */
export type SenderState = {
  readonly packetMs: number;
  /** Run of the reflector that is counted; `undefined` until one answers. */
  reflectorSsrc: number | undefined;
  /** First numbers that no report has covered yet. */
  forwardFrom: number;
  reverseFrom: number;
  forwardReceived: NumberWindow;
  readonly reverseReceived: NumberWindow;
  stretches: Stretch[];
  readonly times: ReplyTimesTable;
  newest: ToldCounts | undefined;
  /** The newest when the last report was made. */
  reported: ToldCounts | undefined;
  highestReply: number;
  reverseDuplicates: number;
  reverseReordered: number;
  reverseJitterMs: number;
  lastTransitMs: number | undefined;
  boundaries: Boundary[];
  intervalStartMs: number;
};

/** End of an interval that is not reported yet. */
export type Boundary = { readonly extended: number; readonly endMs: number; highestReply: number; nextStartMs: number };

/** Length of an interval, and time for its stragglers after it; what comes later is lost. */
export const REPORT_EVERY_MS = 10_000;
/** See {@link REPORT_EVERY_MS}. */
export const GRACE_MS = 2000;

/** @param nowMs - monotonic; start of the first interval. */
export function newSender(packetMs: number, nowMs: number): SenderState {
  return {
    packetMs,
    reflectorSsrc: undefined,
    forwardFrom: 0,
    reverseFrom: 0,
    forwardReceived: new NumberWindow(0),
    reverseReceived: new NumberWindow(0),
    stretches: [],
    times: new ReplyTimesTable(Math.ceil((REPORT_EVERY_MS + GRACE_MS) / packetMs)),
    newest: undefined,
    reported: undefined,
    highestReply: -1,
    reverseDuplicates: 0,
    reverseReordered: 0,
    reverseJitterMs: 0,
    lastTransitMs: undefined,
    boundaries: [],
    intervalStartMs: nowMs,
  };
}
