import type { Figure } from '../../../../wire/figures.ts';
import type { TestCallMeasurement } from '../../../../wire/rtp-measurement.ts';
import { wilsonInterval } from '../../wilson.ts';

/** Test calls of a window. `placed`: an INVITE left for it. `mute`: answered, and no media that could be counted came back. */
export type CallCounts = {
  readonly placed: number;
  readonly answered: number;
  /** Answered calls to a number that gives media. */
  readonly askedForMedia: number;
  readonly mute: number;
  readonly inviteCopies: number;
  readonly byeCopies: number;
};

/** How the shares of a window are told. */
export type ShareGround = {
  readonly source: string;
  /** Why media could not be met, with how often. */
  readonly faults: readonly string[];
  readonly notes: readonly string[];
  readonly windowMs: number;
  readonly newestAtMs: number;
};

/** False for a call that the budget stopped, and for one of an earlier run of the probe: neither says anything of the trunk. */
export function wasPlaced({ outcome }: TestCallMeasurement): boolean {
  return outcome !== 'over-budget' && outcome !== 'recovered';
}

/** True of an answered call that brought nothing to hear: its answer could not be met, or no packet came. */
export function isMute({ mediaFault, received }: TestCallMeasurement): boolean {
  return mediaFault !== undefined || received === undefined || received.received === 0;
}

/** Shares of test calls that were answered and that had media, and the copies of requests; nothing without a call. */
export function callShares(counts: CallCounts, ground: ShareGround): readonly Figure[] {
  const { answered, askedForMedia, byeCopies, inviteCopies, mute, placed } = counts;
  const { faults, newestAtMs, notes, source, windowMs } = ground;
  const shared = { direction: 'none', windowMs, newestAtEpochMs: newestAtMs } as const;
  const share = (kind: 'test-call-answered' | 'test-call-media', hits: number, of: number, said: string) => {
    const { highRatio, lowRatio } = wilsonInterval({ sent: of, lost: hits });
    const more = kind === 'test-call-media' ? faults : [];
    return {
      ...shared,
      kind,
      value: hits / of,
      unit: 'ratio',
      low: lowRatio,
      high: highRatio,
      n: of,
      sample: kind === 'test-call-media' ? 'answered test call' : 'test call',
      source: `${said}; ${source}`,
      notes: [...more, ...notes],
    } as const;
  };
  if (placed === 0) return [];
  const media = 'answered calls that brought media which could be counted, of those to a number that gives media';
  return [
    share('test-call-answered', answered, placed, 'calls that were answered, of those that were placed'),
    ...(askedForMedia > 0 ? [share('test-call-media', askedForMedia - mute, askedForMedia, media)] : []),
    {
      ...shared,
      kind: 'test-call-copies',
      value: inviteCopies + byeCopies,
      unit: 'count',
      n: placed,
      sample: 'test call',
      source: `INVITEs and BYEs sent beyond the first of each; ${source}`,
      notes: [
        `${inviteCopies} of INVITE, ${byeCopies} of BYE`,
        'a copy leaves when no answer came in time: the request or its answer was lost, or late; which way is not known',
        'no interval: one loss can bring several copies',
        ...notes,
      ],
    },
  ];
}
