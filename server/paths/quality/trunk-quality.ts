import type { QualifyMeasurement, RegistrationMeasurement } from '../../../wire/call-measurement.ts';
import type { Figure } from '../../../wire/figures.ts';
import type { RtpCallBlindMeasurement, RtpCallMeasurement } from '../../../wire/rtp-measurement.ts';
import { CallLosses, type EdgeCalls } from './call-losses.ts';
import { type CallPool, CallWindow, type CountedCall } from './call-window.ts';
import { codecGround } from './e-model/codec-table.ts';
import { jitterFigure, lossFigure } from './figures/loss-figures.ts';
import { mosFigure } from './figures/mos-figure.ts';
import { callFigures } from './figures/share-figure.ts';
import { MediaWindow } from './media-window.ts';
import { MinuteSums } from './minute-sums.ts';
import { NameQuality } from './name-quality.ts';
import { QualifyLog } from './qualify-log.ts';
import { estimateTail } from './qualify-tail.ts';
import type { SpreadCount } from './spread-loss.ts';

/** Codecs that are told apart, both directions together; of further ones the name is left out. */
const MAX_CODECS = 16;
/** Contacts whose qualify is followed. */
const MAX_CONTACTS = 32;
const HOUR_MS = 3_600_000;
/** Packets that a MOS to route by needs: a minute of one call. */
const MOS_PACKETS = 3000;

/** One edge and class that calls were counted for; absent where the probe could not tell. */
export type CallPlace = { readonly edge: string | undefined; readonly class: string | undefined };

/** When a call ended, hub time, and whether the PBX's probe was sick then. */
export type CallGround = { readonly atMs: number; readonly isSick: boolean };

/** What the calls and the signalling of one PBX met at one trunk. Mutable; owned by the quality table. */
export class TrunkQuality {
  readonly #media = new Map<
    string,
    { readonly direction: 'forward' | 'reverse'; readonly codec: string | undefined; readonly window: MediaWindow }
  >();
  readonly #rtt = new MediaWindow();
  readonly #abstained = new MinuteSums<'reports'>();
  readonly #blind = new MinuteSums<string>();
  readonly #calls = new Map<string, { readonly place: CallPlace; readonly window: CallWindow }>();
  readonly #all = new CallWindow();
  readonly #losses = new CallLosses();
  readonly #qualify = new Map<string, QualifyLog>();
  /** Look-ups of edges by name. */
  readonly names = new NameQuality();
  #registration: { readonly atMs: number; readonly state: RegistrationMeasurement['state'] } | undefined;
  #mes: { readonly atMs: number; readonly value: number } | undefined;

  /** One interval of a call's media. `sent` left this PBX: forward. */
  addMedia(measurement: RtpCallMeasurement, atMs: number): void {
    const direction = measurement.direction === 'sent' ? 'forward' : 'reverse';
    const { asteriskMes, codec: named, expected, isSilentReceiver, jitterMs, lost, rttMs } = measurement;
    const isRoom = this.#media.size < MAX_CODECS || this.#media.has(`${direction} ${named ?? ''}`);
    const codec = isRoom ? named : undefined;
    const key = `${direction} ${codec ?? ''}`;
    const known = this.#media.get(key) ?? { direction, codec, window: new MediaWindow() };
    this.#media.set(key, known);
    known.window.add(atMs, { expected, lost, jitterMs, rttMs, isSilent: isSilentReceiver === true });
    if (rttMs !== undefined) this.#rtt.add(atMs, { expected: 1, lost: 0, rttMs });
    if (asteriskMes !== undefined) this.#mes = { atMs, value: asteriskMes };
  }

  /** A report of a probe whose instrument was sick: it is left out, and counted (safety rule 1). */
  addAbstained(atMs: number): void {
    this.#abstained.add(atMs, { reports: 1 });
  }

  /** Packets of calls in one direction since `sinceMs`, over all codecs; undefined where none were reported. */
  counts(direction: 'forward' | 'reverse', sinceMs: number): SpreadCount | undefined {
    const pools = [...this.#media.values()].flatMap((lane) =>
      lane.direction === direction ? (lane.window.pool(sinceMs) ?? []) : [],
    );
    if (pools.length === 0) return undefined;
    const sum = (of: keyof SpreadCount) => pools.reduce((total, pool) => total + pool[of], 0);
    return { sent: sum('sent'), lost: sum('lost'), intervals: sum('intervals'), lostSquares: sum('lostSquares') };
  }

  /** MOS (narrow band) of the worse direction in the whole minutes that began since then; undefined under a minute of packets. */
  mosSince(
    sinceMs: number,
    nowMs: number,
  ): { readonly value: number; readonly high: number; readonly n: number } | undefined {
    if (this.#media.size === 0) return undefined;
    const windowMs = nowMs - Math.ceil(sinceMs / 60_000) * 60_000;
    if (windowMs <= 0) return undefined;
    const figures = this.#mediaFigures(windowMs, nowMs).filter(({ kind, n }) => kind === 'mos-nb' && n >= MOS_PACKETS);
    const [worst] = figures.toSorted((a, b) => a.value - b.value);
    return worst && { value: worst.value, high: worst.high ?? worst.value, n: worst.n };
  }

  /** State of the registration as last told. */
  get registration(): RegistrationMeasurement['state'] | undefined {
    return this.#registration?.state;
  }

  /** A call whose media gave no figures. */
  addBlind({ because }: RtpCallBlindMeasurement, atMs: number): void {
    this.#blind.add(atMs, { [because]: 1 });
  }

  /** A call that has ended; while the probe was sick it counts as a call and not as evidence of a fault. */
  addCall(place: CallPlace, call: CountedCall, { atMs, isSick }: CallGround): void {
    const key = `${place.edge ?? ''} ${place.class ?? ''}`;
    const known = this.#calls.get(key) ?? { place, window: new CallWindow() };
    this.#calls.set(key, known);
    known.window.add(atMs, call);
    this.#all.add(atMs, call);
    if (!isSick) this.#losses.add(place.edge, call, atMs);
  }

  /** Calls since `sinceMs`, at most five minutes back, and how many the trunk failed, by edge. */
  callLosses(sinceMs: number): readonly EdgeCalls[] {
    return this.#losses.since(sinceMs);
  }

  /** One sample of the PBX's own qualify. */
  addQualify(measurement: QualifyMeasurement, atMs: number): void {
    const key = measurement.edge ?? '';
    if (this.#qualify.size >= MAX_CONTACTS && !this.#qualify.has(key)) return;
    const log = this.#qualify.get(key) ?? new QualifyLog();
    this.#qualify.set(key, log);
    log.add(measurement, atMs);
  }

  /** The state of the trunk's registration. */
  addRegistration({ state }: RegistrationMeasurement, atMs: number): void {
    this.#registration = { atMs, state };
  }

  /** Calls by edge and class, and all together first. */
  calls(windowMs: number, nowMs: number): readonly { readonly place: CallPlace; readonly pool: CallPool }[] {
    const all = { place: { edge: undefined, class: undefined }, window: this.#all };
    return [all, ...this.#calls.values()].flatMap(({ place, window }) => {
      const pool = window.pool(nowMs - windowMs, nowMs);
      return pool ? [{ place, pool }] : [];
    });
  }

  /** What is known now; nothing that was not measured. */
  figures(windowMs: number, nowMs: number): readonly Figure[] {
    const calls = this.#all.pool(nowMs - windowMs, nowMs);
    return [
      ...this.#mediaFigures(windowMs, nowMs),
      ...(calls ? callFigures(calls, windowMs) : []),
      ...this.#qualifyFigures(nowMs),
      ...this.#registrationFigures(),
    ];
  }

  #mediaFigures(windowMs: number, nowMs: number): readonly Figure[] {
    const sinceMs = nowMs - windowMs;
    const rttMs = this.#rtt.pool(sinceMs)?.rttMs;
    const blind = ['direct-media', 'no-rtcp', 'too-short'].flatMap((because) => {
      const calls = this.#blind.sum(because, sinceMs);
      return calls > 0 ? [`${calls} calls gave no figures (${because})`] : [];
    });
    const media = [...this.#media.values()].flatMap(({ codec, direction, window }) => {
      const pool = window.pool(sinceMs);
      if (!pool) return [];
      const source =
        direction === 'reverse'
          ? 'RTCP that Asterisk sent: what came here'
          : "the provider's RTCP: what it says came there";
      const notes = [
        codec === undefined ? 'codec unknown' : `codec ${codec}`,
        'jitter-buffer discards not included',
        ...blind,
        ...this.#leftOut(sinceMs),
      ];
      const subject = (kind: 'call-loss' | 'call-jitter' | 'mos-nb') => ({ kind, direction, source, notes, windowMs });
      const mos = mosFigure(pool, subject('mos-nb'), { codec, rttMs, burstRatio: 1 });
      const loss = lossFigure(pool, {
        ...subject('call-loss'),
        notes: mos ? notes : [...notes, codecGround(codec).sayHow],
      });
      return [loss, jitterFigure(pool, subject('call-jitter')), mos].flatMap((figure) => figure ?? []);
    });
    return [...media, ...(media.length > 0 ? this.#asteriskSays() : [])];
  }

  #leftOut(sinceMs: number): readonly string[] {
    const reports = this.#abstained.sum('reports', sinceMs);
    return reports > 0 ? [`${reports} reports left out: the probe's instrument was sick`] : [];
  }

  #asteriskSays(): readonly Figure[] {
    if (!this.#mes) return [];
    const shape = { kind: 'asterisk-says', direction: 'none', unit: 'score', sample: 'RTCP report' } as const;
    const source = "Asterisk's media experience score of the last report, 0 to 100";
    const notes = ['no MOS and not used for anything: it depends on the report interval and leaves the codec out'];
    return [{ ...shape, value: this.#mes.value, n: 1, windowMs: 0, newestAtEpochMs: this.#mes.atMs, source, notes }];
  }

  #qualifyFigures(nowMs: number): readonly Figure[] {
    return [...this.#qualify].flatMap(([edge, log]) => {
      const { atMs, last } = log;
      const estimate = estimateTail(log.samples(nowMs - HOUR_MS));
      if (!estimate.ok || !last) return [];
      const where = edge === '' ? [] : [`edge ${edge}`];
      const notes = [
        ...where,
        `asked each ${last.frequencyS} s by Asterisk, given up after ${last.timeoutS} s`,
        ...(estimate.unplaced > 0 ? [`${estimate.unplaced} answers belong to no try and are left out`] : []),
        'loss there and back together',
        ...this.#leftOut(nowMs - HOUR_MS),
      ];
      const shape = {
        kind: 'qualify-loss',
        direction: 'round-trip',
        unit: 'ratio',
        sample: 'try of a qualify',
      } as const;
      const source = "lost tries by the tail of the round trips of Asterisk's own qualify (RFC 3261 timer E)";
      const interval = {
        value: estimate.missRatio,
        low: estimate.lowRatio,
        high: estimate.highRatio,
        n: estimate.tries,
      };
      return [{ ...shape, ...interval, windowMs: HOUR_MS, newestAtEpochMs: atMs, source, notes }];
    });
  }

  #registrationFigures(): readonly Figure[] {
    if (!this.#registration) return [];
    const { atMs, state } = this.#registration;
    const shape = { kind: 'registration', direction: 'none', unit: 'state', sample: 'answer of Asterisk' } as const;
    const value = state === 'registered' ? 1 : 0;
    const source = 'state of the outbound registration as Asterisk tells it';
    return [{ ...shape, value, n: 1, windowMs: 0, newestAtEpochMs: atMs, source, notes: [state] }];
  }
}
