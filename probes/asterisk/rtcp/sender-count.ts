import type { HeardReport } from './rtcp-report.ts';

/** No codec sends more often than every 5 ms. */
const MAX_PACKETS_PER_MS = 0.2;
const NTP_UNITS_PER_MS = 65.536;
/** Sender reports that are remembered: the other side may speak of one before the last. */
const REMEMBERED_REPORTS = 4;
/** Further than this from where the events stand, the other side's word on the time cannot be right: some far ends never tell the delay. */
const MAX_APART_MS = 1000;

/** What a sender report said, by its sender's clock. */
type CountAt = { readonly packets: number; readonly ntpUnits: number };

/** How many packets one side has sent by its own last sender report, and how fast it goes on. */
export type SenderCount = {
  readonly packets: number;
  /** When the report came to be known here. */
  readonly atMs: number;
  /** Undefined while it cannot be told. */
  readonly packetsPerMs: number | undefined;
  /** Oldest first. */
  readonly reports: readonly CountAt[];
};

/** A report of that side; without packets it is a receiver report, which says that it sends nothing now. */
export type SenderWord = { readonly senderPackets: number | undefined; readonly senderNtpUnits: number | undefined };

/**
 * Folds in a report of that side.
 *
 * @param beganAtMs - when it began to count, where that is known: the first report alone then tells how fast it goes.
 */
export function foldSenderCount(
  count: SenderCount | undefined,
  { senderPackets: packets, senderNtpUnits: ntpUnits }: SenderWord,
  atMs: number,
  beganAtMs: number | undefined,
): SenderCount | undefined {
  if (packets === undefined) return count && { ...count, atMs, packetsPerMs: 0 };
  const before = count ?? (beganAtMs === undefined ? undefined : { packets: 0, atMs: beganAtMs });
  const packetsPerMs = before === undefined ? Number.NaN : (packets - before.packets) / (atMs - before.atMs);
  const isPlausible = packetsPerMs >= 0 && packetsPerMs <= MAX_PACKETS_PER_MS;
  const reports = ntpUnits === undefined ? [] : remember(count?.reports ?? [], { packets, ntpUnits });
  return { packets, atMs, packetsPerMs: isPlausible ? packetsPerMs : undefined, reports };
}

/**
 * The count at the moment of the other side's report, whole. Both sides report at times of their own: without this, a count
 * would be up to an interval old, and a different one at each report.
 *
 * @param heard - what the other side's report says of our clock. With it the moment is exact, whenever the events come to
 *   be read: a busy Asterisk hands them out late.
 * @returns undefined while it is not known how fast it goes.
 */
export function packetsAt(
  count: SenderCount | undefined,
  atMs: number,
  heard: HeardReport | undefined,
): number | undefined {
  if (count === undefined) return undefined;
  const exact = heard && packetsWhenHeard(count, atMs, heard);
  if (exact !== undefined) return Math.round(exact);
  if (count.packetsPerMs === undefined) return undefined;
  return Math.round(count.packets + count.packetsPerMs * Math.max(0, atMs - count.atMs));
}

/** The moment of a report by the clock of the side that it speaks of; the middle 32 bits of NTP time. */
export function momentHeardUnits({ ntpUnits, delayMs }: HeardReport): number {
  return (ntpUnits + Math.round(delayMs * NTP_UNITS_PER_MS)) % 0x1_0000_0000;
}

/**
 * The count at a moment by the sender's clock that lies between two of its reports: nothing of it is guessed.
 *
 * @returns undefined for any other moment.
 */
export function packetsBetweenReports(count: SenderCount | undefined, momentUnits: number): number | undefined {
  const reports = count?.reports ?? [];
  const index = reports.findIndex(({ ntpUnits }) => signed32(ntpUnits - momentUnits) >= 0);
  const [from, to] = [reports[index - 1], reports[index]];
  if (from === undefined || to === undefined) return undefined;
  const share = signed32(momentUnits - from.ntpUnits) / signed32(to.ntpUnits - from.ntpUnits);
  return Math.round(from.packets + share * (to.packets - from.packets));
}

/** By the sender's clock throughout: between two of its reports, or beyond the last as fast as the last two say. */
function packetsWhenHeard(count: SenderCount, atMs: number, heard: HeardReport): number | undefined {
  const { reports, packetsPerMs } = count;
  const last = reports.at(-1);
  if (last === undefined || packetsPerMs === undefined) return undefined;
  const sinceLastMs = signed32(heard.ntpUnits - last.ntpUnits) / NTP_UNITS_PER_MS + heard.delayMs;
  const awayMs = sinceLastMs - (atMs - count.atMs);
  if (Math.abs(awayMs) > MAX_APART_MS) return undefined;
  const pairs = reports.slice(1).map((to, index) => ({ from: reports[index] ?? to, to }));
  const pair =
    pairs.find(({ to }) => sinceLastMs <= signed32(to.ntpUnits - last.ntpUnits) / NTP_UNITS_PER_MS) ?? pairs.at(-1);
  if (pair === undefined || packetsPerMs === 0) return last.packets + packetsPerMs * sinceLastMs;
  const spanMs = signed32(pair.to.ntpUnits - pair.from.ntpUnits) / NTP_UNITS_PER_MS;
  const pace = (pair.to.packets - pair.from.packets) / spanMs;
  if (!(pace >= 0 && pace <= MAX_PACKETS_PER_MS)) return undefined;
  const sinceToMs = sinceLastMs - signed32(pair.to.ntpUnits - last.ntpUnits) / NTP_UNITS_PER_MS;
  return pair.to.packets + pace * sinceToMs;
}

function remember(reports: readonly CountAt[], report: CountAt): readonly CountAt[] {
  const before = reports.at(-1);
  const isLater = before !== undefined && signed32(report.ntpUnits - before.ntpUnits) > 0;
  return [...(isLater ? reports : []), report].slice(-REMEMBERED_REPORTS);
}

/** Differences of 32-bit times, across the wrap. */
function signed32(difference: number): number {
  return Math.trunc(difference) | 0;
}
