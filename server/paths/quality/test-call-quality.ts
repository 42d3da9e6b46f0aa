import type { Figure } from '../../../wire/figures.ts';
import type { TestCallMeasurement } from '../../../wire/rtp-measurement.ts';
import { RttWindow } from '../rtt-quantiles.ts';
import { burstRatio, jitterFigure, lossFigure, type MediaSubject } from './figures/loss-figures.ts';
import { mosFigure } from './figures/mos-figure.ts';
import { orderFigures } from './figures/order-figures.ts';
import { type CallCounts, callShares, isMute, wasPlaced } from './figures/test-call-shares.ts';
import { MediaWindow } from './media-window.ts';
import { streamInterval } from './mesh-quality.ts';
import { MinuteSums } from './minute-sums.ts';

/** Test calls are few: their figures are over an hour. */
export const TEST_CALL_WINDOW_MS = 3_600_000;

type Lane = keyof CallCounts | 'received' | 'reordered' | 'duplicates' | `fault ${string}`;

/** What the test calls through one path met. Mutable; owned by the path's quality. Hub time. */
export class TestCallQuality {
  readonly #received = new MediaWindow();
  readonly #forward = new MediaWindow();
  readonly #pdd = new RttWindow();
  readonly #sums = new MinuteSums<Lane>();
  #last: { readonly atMs: number; readonly call: TestCallMeasurement } | undefined;

  /** A test call has ended, or was not placed. */
  add(call: TestCallMeasurement, atMs: number): void {
    const { byeCopies = 0, forward, inviteCopies = 0, mediaFault, outcome, pddMs, received, rttMs } = call;
    this.#last = { atMs, call };
    if (pddMs !== undefined) this.#pdd.add(atMs, pddMs);
    if (received) this.#received.add(atMs, streamInterval(received, rttMs));
    if (forward)
      this.#forward.add(atMs, { expected: forward.expected, lost: forward.lost, jitterMs: forward.jitterMs });
    const isAnswered = outcome === 'answered';
    this.#sums.add(atMs, {
      placed: wasPlaced(call) ? 1 : 0,
      answered: isAnswered ? 1 : 0,
      mute: isAnswered && call.far !== 'none' && isMute(call) ? 1 : 0,
      askedForMedia: isAnswered && call.far !== 'none' ? 1 : 0,
      inviteCopies,
      byeCopies,
      ...(received && {
        received: received.received,
        reordered: received.reordered,
        duplicates: received.duplicates,
      }),
      ...(mediaFault !== undefined && { [`fault ${mediaFault}`]: 1 }),
    });
  }

  /**
   * What is known now; nothing that was not measured.
   *
   * @param notes - what is said beside every figure of packets.
   */
  figures(nowMs: number, notes: readonly string[]): readonly Figure[] {
    if (!this.#last) return [];
    const { atMs, call } = this.#last;
    const sinceMs = nowMs - TEST_CALL_WINDOW_MS;
    const source = `test calls of the probe itself to ${call.far === 'echo' ? 'an echo' : 'a test'} number`;
    const way = call.receivedCovers === 'round-trip' ? 'round-trip' : 'reverse';
    const shared = { notes, windowMs: TEST_CALL_WINDOW_MS } as const;
    const sum = (lane: Lane) => this.#sums.sum(lane, sinceMs);
    const counts: CallCounts = {
      placed: sum('placed'),
      answered: sum('answered'),
      askedForMedia: sum('askedForMedia'),
      mute: sum('mute'),
      inviteCopies: sum('inviteCopies'),
      byeCopies: sum('byeCopies'),
    };
    const faults = [...this.#sums.sums(sinceMs)].flatMap(([name, calls]) =>
      name.startsWith('fault ') ? [`${calls} answers could not be met: ${name.slice('fault '.length)}`] : [],
    );
    return [
      ...callShares(counts, { source, faults, newestAtMs: atMs, ...shared }),
      ...this.#streamFigures(way, { source, ...shared }, sinceMs),
      ...this.#forwardFigures({ source: `${source}, by the far end's RTCP`, ...shared }, sinceMs),
      ...this.#pddFigures(source, nowMs),
    ];
  }

  #streamFigures(
    direction: 'round-trip' | 'reverse',
    subject: Omit<MediaSubject, 'kind' | 'direction'>,
    sinceMs: number,
  ): readonly Figure[] {
    const pool = this.#received.pool(sinceMs);
    if (!pool) return [];
    const counts = {
      received: this.#sums.sum('received', sinceMs),
      reordered: this.#sums.sum('reordered', sinceMs),
      duplicates: this.#sums.sum('duplicates', sinceMs),
    };
    const of = { ...subject, direction };
    const ground = { codec: this.#last?.call.codec, rttMs: pool.rttMs, burstRatio: burstRatio(pool) };
    const mos = direction === 'reverse' ? mosFigure(pool, ofTestCalls(of), ground) : undefined;
    return [
      lossFigure(pool, { ...of, kind: 'test-call-loss' }),
      jitterFigure(pool, { ...of, kind: 'test-call-jitter' }),
      ...orderFigures(counts, { ...of, kind: 'test-call-reordered', newestAtMs: pool.newestAtMs }, 'test-call'),
      mos,
    ].flatMap((figure) => figure ?? []);
  }

  #forwardFigures(subject: Omit<MediaSubject, 'kind' | 'direction'>, sinceMs: number): readonly Figure[] {
    const pool = this.#forward.pool(sinceMs);
    if (!pool) return [];
    const of = { ...subject, direction: 'forward' } as const;
    const ground = { codec: this.#last?.call.codec, rttMs: this.#received.pool(sinceMs)?.rttMs, burstRatio: 1 };
    return [
      lossFigure(pool, { ...of, kind: 'test-call-loss' }),
      jitterFigure(pool, { ...of, kind: 'test-call-jitter' }),
      mosFigure(pool, ofTestCalls(of), ground),
    ].flatMap((figure) => figure ?? []);
  }

  #pddFigures(source: string, nowMs: number): readonly Figure[] {
    const pdd = this.#pdd.estimate(TEST_CALL_WINDOW_MS, nowMs);
    if (!pdd || !this.#last) return [];
    return [
      {
        kind: 'test-call-pdd',
        direction: 'none',
        value: pdd.p50Ms,
        unit: 'milliseconds',
        n: pdd.n,
        sample: 'test call',
        windowMs: pdd.windowMs,
        newestAtEpochMs: this.#last.atMs,
        source: `${source}: INVITE to the first of 180, 183 or the final answer`,
        notes: [`95 of 100 under ${Math.round(pdd.p95Ms)} ms`, `last call: ${this.#last.call.outcome}`],
      },
    ];
  }
}

function ofTestCalls<Subject extends Omit<MediaSubject, 'kind'>>(subject: Subject): Subject {
  return { ...subject, notes: ['of test calls, not of calls of users', ...subject.notes] };
}
