import { setTimeout as delay } from 'node:timers/promises';
import type { LiveVerdict } from '../../wire/live.ts';
import type { Fleet } from './fleet.ts';
import type { Lab } from './lab.ts';
import type { ActiveDrop, Drop } from './loss-rules.ts';
import { pollFor, pollUntil } from './poll.ts';
import { VerdictWatch } from './verdict-watch.ts';

/** One or several faults at once, and what must be said of each. */
export type BlameCase = {
  readonly name: string;
  readonly faults: readonly BlamedFault[];
};

/** Packets that are dropped, and the words that a verdict must have for it. */
export type BlamedFault = {
  /** As the verdict writes it. */
  readonly place: string;
  /** What must be told in the end; until then it may be unknown, and nothing else. */
  readonly direction: 'towards' | 'from' | 'both' | 'unknown' | 'both or unknown';
  readonly drops: readonly Drop[];
};

/** Bounds of a case, milliseconds. */
export type BlamePatience = {
  /** From the start of the fault until it is told. */
  readonly toldMs: number;
  /** From then on it lasts so long, for somebody else to be accused. */
  readonly afterMs: number;
  /** From its end until no verdict is open. */
  readonly calmMs: number;
};

/** A fair draw lies beyond so many standard deviations once in a million. */
const FAIR_SIGMA = 5;

/**
 * Starts a fault, waits until each of its places is named with its direction, lets it last, ends it, and waits until nothing is
 * said any more. Checked is all that was ever said meanwhile.
 */
export async function playBlame(fleet: Fleet, blame: BlameCase, patience: BlamePatience): Promise<void> {
  const { lab } = fleet;
  const { reader } = fleet.sites;
  const { faults, name } = blame;
  const watch = new VerdictWatch(reader);
  try {
    const beganAtMs = Date.now();
    const rules = await lab.network.loss.drop(...faults.flatMap(({ drops }) => drops));
    const tookMs: Record<string, number> = {};
    const told = await pollFor(
      `${name} is told`,
      async () => {
        const open = await openVerdicts(fleet);
        const own = faults.map((fault) =>
          open.find((verdict) => isNamed(verdict, fault.place) && isAsWanted(verdict.direction, fault.direction)),
        );
        for (const [at, { place }] of faults.entries()) {
          if (watch.named(place)) tookMs[`${place} named`] ??= Date.now() - beganAtMs;
          if (own[at]) tookMs[`${place} told`] ??= Date.now() - beganAtMs;
        }
        return own.every((verdict) => verdict !== undefined) ? own : undefined;
      },
      { timeoutMs: patience.toldMs, intervalMs: 250, signal: lab.signal },
    ).catch(() => undefined);
    await delay(patience.afterMs);
    const last = await openVerdicts(fleet);
    await checkDrops(lab, name, rules);
    const endedAtMs = Date.now();
    for (const rule of rules) await rule.remove();
    const clearedMs = await waitCalm(fleet, patience.calmMs).catch(() => undefined);

    const places = faults.map(({ place }) => place);
    const values = { tookMs, lastedMs: endedAtMs - beganAtMs, last: last.map(({ sentence }) => sentence) };
    const areNamed = places.every((place) => last.some((verdict) => isNamed(verdict, place)));
    lab.check(`${name}: the verdict names ${places.join(' and ')}`, areNamed, values);
    const accused = watch.accusedBut(...places);
    lab.check(`${name}: nobody else is accused`, accused.length === 0, {
      accused,
      seen: watch.seen.map(({ certainty, place, symptom }) => `${certainty} ${symptom} ${place}`),
    });
    for (const { direction, place } of faults) {
      const seen = watch.directionsOf(place);
      const isRight = seen.every((each) => each === 'unknown' || isAsWanted(each, direction));
      lab.check(
        `${name}: the direction of ${place} is ${direction}, and was never told otherwise`,
        isRight && told !== undefined,
        { seen },
      );
    }
    lab.check(`${name}: it is cleared once the loss is over`, clearedMs !== undefined, { clearedMs });
  } finally {
    watch.stop();
  }
}

/** Waits until every path has been asked so often within its window. */
export async function waitSent(fleet: Fleet, count: number): Promise<void> {
  const isAsked = async (): Promise<boolean> => {
    const paths = await fleet.sites.reader.paths().catch(() => []);
    return paths.length === fleet.pathCount && paths.every(({ sent }) => sent >= count);
  };
  await pollUntil('some quiet before', isAsked, { timeoutMs: 60_000, intervalMs: 250, signal: fleet.lab.signal });
}

/** Waits until no verdict is open; milliseconds. @throws Error with those that are, when the time is over. */
export async function waitCalm(fleet: Fleet, timeoutMs: number): Promise<number> {
  let last: readonly LiveVerdict[] = [];
  const look = async (): Promise<boolean> => {
    last = await openVerdicts(fleet);
    return last.length === 0;
  };
  return await pollUntil('no verdict', look, { timeoutMs, intervalMs: 250, signal: fleet.lab.signal }).catch(
    (cause: unknown) => {
      throw new Error(last.map(({ sentence }) => sentence).join(' '), { cause });
    },
  );
}

/** Open verdicts now; a hub that does not answer is asked again. */
async function openVerdicts(fleet: Fleet): Promise<readonly LiveVerdict[]> {
  const { value } = await pollFor(
    'the hub answers',
    async () => await fleet.sites.reader.verdicts().catch(() => undefined),
    { timeoutMs: 15_000, signal: fleet.lab.signal },
  );
  return value.filter(({ clearedAtEpochMs }) => clearedAtEpochMs === undefined);
}

function isNamed({ certainty, place, symptom }: LiveVerdict, wanted: string): boolean {
  return certainty === 'named' && symptom === 'loss' && place === wanted;
}

function isAsWanted(direction: string, wanted: BlamedFault['direction']): boolean {
  return wanted === 'both or unknown' ? direction === 'both' || direction === 'unknown' : direction === wanted;
}

/** The kernel drops what it was told to: within five standard deviations of a fair draw. */
export async function checkDrops(lab: Lab, name: string, rules: readonly ActiveDrop[]): Promise<void> {
  for (const rule of rules) {
    const { droppedPackets, lossRatio, seenPackets } = await rule.counter();
    const ratio = rule.drop.percent / 100;
    const sigma = Math.sqrt(seenPackets * ratio * (1 - ratio));
    const isFair = seenPackets > 0 && Math.abs(droppedPackets - seenPackets * ratio) <= FAIR_SIGMA * sigma + 1;
    lab.check(`${name}: the kernel lost what was asked for`, isFair, {
      ...rule.drop,
      seenPackets,
      droppedPackets,
      lossRatio,
    });
  }
}
