import type { RtpCallMeasurement } from '../../wire/rtp-measurement.ts';
import type { CallEnded } from '../paths/quality/ended-call.ts';
import { CostAccount } from './cost-account.ts';
import { costedCall, type IncidentCost } from './incident-cost.ts';
import { HOLD_MS } from './incidents.ts';
import { isUpBefore, type NewestLeg, newerLeg } from './newest-leg.ts';
import { RecentCalls } from './recent-calls.ts';
import { type DeclaredRefs, placesKey, touchedBy } from './touched.ts';
import type { Verdict } from './verdict.ts';
import type { VerdictEffect } from './verdict-effect.ts';

/** What a pass says of verdicts. */
export type Told = { readonly effects: readonly VerdictEffect[]; readonly open: readonly Verdict[] };

/** Verdicts looked at before others get a turn. */
const STEP_VERDICTS = 25;

/** What an earlier life of the hub had counted. */
type Stored = { readonly cost: IncidentCost; readonly isCleared: boolean };

/**
 * Keeps what each open verdict costs: every call that ends at a touched trunk of a touched PBX from the beginning of the trouble
 * on, with its class and how it ended, and the media of calls from the opening on. Free of I/O and clocks; mutable. Times are
 * hub time.
 */
export class CostBook {
  readonly #accounts = new Map<string, CostAccount>();
  /** By `PBX>TRUNK`: who counts its calls. */
  readonly #counting = new Map<string, Set<CostAccount>>();
  readonly #stored = new Map<string, Stored>();
  readonly #recent = new RecentCalls();
  readonly #newestLegs = new Map<string, NewestLeg>();
  /** As they were when an earlier life of the hub ended. */
  readonly #legsBefore = new Map<string, NewestLeg>();
  readonly #isReached = new Map<string, boolean>();
  readonly #classesOf: (trunks: ReadonlySet<string>) => readonly string[];

  /** @param classesOf - classes that are routed over any of these trunks. */
  constructor(classesOf: (trunks: ReadonlySet<string>) => readonly string[]) {
    this.#classesOf = classesOf;
  }

  /** Takes over what stored verdicts had cost; open ones go on from there, cleared ones when they reopen. */
  restore(verdicts: readonly Verdict[]): void {
    for (const { clearedAtMs, cost, verdictId } of verdicts) {
      if (cost) this.#stored.set(verdictId, { cost, isCleared: clearedAtMs !== undefined });
    }
  }

  /** Takes over the newest legs of an earlier life of the hub, by PBX: those calls are in what the verdicts had cost. */
  restoreLegs(legs: ReadonlyMap<string, NewestLeg>): void {
    for (const [pbx, leg] of legs) this.#legsBefore.set(pbx, leg);
  }

  /** The newest leg of a PBX whose media were told of, in this life of the hub or before. */
  newestLeg(pbx: string): NewestLeg | undefined {
    return this.#newestLegs.get(pbx) ?? this.#legsBefore.get(pbx);
  }

  /** Whether the Asterisk of a PBX is reached, as its probe says: without it no call of that PBX is told. */
  asterisk(pbx: string, isReached: boolean): void {
    this.#isReached.set(pbx, isReached);
  }

  /** A call has ended, as told for the first time. */
  callEnded(pbx: string, body: CallEnded, atMs: number): void {
    const call = costedCall(pbx, body, atMs);
    this.#recent.add(call);
    for (const account of this.#counting.get(`${pbx}>${body.trunk}`) ?? []) account.callEnded(call);
  }

  /** Media of a call over an interval, of a probe whose instrument is sound. */
  media(pbx: string, instanceId: string, measurement: RtpCallMeasurement, nowMs: number): void {
    const { leg, trunk } = measurement;
    this.#newestLegs.set(pbx, newerLeg(this.newestLeg(pbx), instanceId, leg));
    const isUpSinceBefore = isUpBefore(this.#legsBefore.get(pbx), instanceId, leg);
    for (const account of this.#counting.get(`${pbx}>${trunk}`) ?? []) {
      if (isUpSinceBefore && account.isCarriedOn) continue;
      account.media(pbx, instanceId, measurement, nowMs);
    }
  }

  /** Adds to the verdicts of a pass what they have cost so far, some verdicts a step. */
  *priced({ effects, open }: Told, refs: DeclaredRefs, nowMs: number): Generator<undefined, Told> {
    this.#forget(nowMs);
    const told: VerdictEffect[] = [];
    for (const { kind, verdict } of effects) {
      const account = this.#accountOf(verdict, refs, nowMs);
      told.push({ kind, verdict: { ...verdict, cost: account.cost(this.#isReached, this.#classesOf) } });
      if (kind === 'verdict-cleared') account.close(verdict.clearedAtMs ?? nowMs);
      if (told.length % STEP_VERDICTS === 0) yield;
    }
    const priced: Verdict[] = [];
    for (const verdict of open) {
      const account = this.#accountOf(verdict, refs, nowMs);
      priced.push({ ...verdict, cost: account.cost(this.#isReached, this.#classesOf) });
      if (priced.length % STEP_VERDICTS === 0) yield;
    }
    return { effects: told, open: priced };
  }

  #accountOf(verdict: Verdict, refs: DeclaredRefs, nowMs: number): CostAccount {
    const key = placesKey(verdict);
    const known = this.#accounts.get(verdict.verdictId);
    const account = known ?? this.#opened(verdict, nowMs);
    this.#accounts.set(verdict.verdictId, account);
    if (verdict.clearedAtMs === undefined) account.reopen(nowMs);
    if (account.isTouchedStale(key, refs.version)) {
      this.#uncount(account);
      account.touch(touchedBy(verdict, refs), key, refs.version);
      for (const trunk of account.touched.edges.keys()) this.#count(trunk, account);
    }
    account.recount(beginningOf(verdict), this.#recent);
    return account;
  }

  #opened(verdict: Verdict, nowMs: number): CostAccount {
    const stored = this.#stored.get(verdict.verdictId);
    this.#stored.delete(verdict.verdictId);
    const hasMedia = verdict.symptom !== 'probe-blocked' && verdict.symptom !== 'unmeasurable';
    if (!stored) return new CostAccount(hasMedia);
    const { cost, isCleared } = stored;
    return new CostAccount(hasMedia, { cost, fromMs: isCleared ? nowMs : (cost.newestAtMs ?? cost.fromMs - 1) + 1 });
  }

  #count(trunk: string, account: CostAccount): void {
    const counting = this.#counting.get(trunk);
    if (counting) counting.add(account);
    else this.#counting.set(trunk, new Set([account]));
  }

  #uncount(account: CostAccount): void {
    for (const trunk of account.touched.edges.keys()) {
      const counting = this.#counting.get(trunk);
      counting?.delete(account);
      if (counting?.size === 0) this.#counting.delete(trunk);
    }
  }

  #forget(nowMs: number): void {
    for (const [id, account] of this.#accounts) {
      account.forget(nowMs);
      if (account.clearedAtMs === undefined || nowMs - account.clearedAtMs < HOLD_MS) continue;
      this.#uncount(account);
      this.#accounts.delete(id);
    }
  }
}

function beginningOf({ openedAtMs, sinceHighMs, sinceMs }: Verdict): number {
  return sinceMs ?? sinceHighMs ?? openedAtMs;
}
