import { setTimeout as delay } from 'node:timers/promises';
import type { SimAsterisk } from '../../support/sim-asterisk.ts';
import { SIM_FAILURES, type SimCall } from '../../support/sim-asterisk-call.ts';
import { SeededChance } from '../../support/sim-edge-chance.ts';
import type { EdgeRules } from '../../support/sim-edge-rules.ts';

/** One simulated PBX with its users. */
export type TrafficPbx = {
  readonly pbx: string;
  readonly asterisk: SimAsterisk;
  /** Trunk that leads a class on this PBX now. */
  readonly leadOf: (className: string) => string | undefined;
};

/** A trunk that calls may take. `rulesFor` tells how its edge treats a PBX now: calls meet what OPTIONS meet. */
export type TrafficTrunk = {
  readonly trunk: string;
  readonly endpoint: string;
  readonly contact: string;
  readonly isRegistered: boolean;
  readonly rulesFor: (pbx: string) => EdgeRules;
};

const BEGIN_EVERY_MS = 1200;
const REPORT_EVERY_MS = 1000;
const QUALIFY_S = 2;
const PACKETS_PER_REPORT = 50;
const REPORTS_PER_CALL = 5;
const CLASSES_CALLED = ['national', 'international'] as const;
/** Trunks that some users' calls take whatever the routes say. */
const BOUND_TO = ['b', 'c', 'd'] as const;
/** Between the tries of a qualify, as timer E has them. */
const TRIES_AT_MS = [0, 500, 1500];
const GIVE_UP_MS = 2500;

/** Users' calls through each PBX of the demo, the media that they meet, and the PBX's own qualify and registrations. */
export class SimTraffic {
  readonly #pbxes: readonly TrafficPbx[];
  readonly #trunks: ReadonlyMap<string, TrafficTrunk>;
  readonly #chance = new SeededChance(300);
  readonly #voiceLoss = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #work: Promise<void>[] = [];

  constructor(pbxes: readonly TrafficPbx[], trunks: readonly TrafficTrunk[]) {
    this.#pbxes = pbxes;
    this.#trunks = new Map(trunks.map((trunk) => [trunk.trunk, trunk]));
  }

  /** Sets contacts and registrations and begins to call. Once. */
  start(): void {
    for (const { asterisk, pbx } of this.#pbxes) {
      for (const trunk of this.#trunks.values()) {
        if (trunk.isRegistered) asterisk.register(trunk.endpoint, 'Registered');
        this.#qualify(asterisk, pbx, trunk);
      }
    }
    this.#work.push(...this.#pbxes.map((each) => this.#keepCalling(each)), this.#keepQualifying());
  }

  /** Loses this share of the voice that leaves PBXs for a trunk, and nothing else: OPTIONS and the way back stay well. */
  loseVoiceTo(trunk: string, lossRatio: number): void {
    this.#voiceLoss.set(trunk, lossRatio);
  }

  /** Ends it; calls stay as they are. Resolves once nothing runs any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#work);
  }

  /** A call at every beat: of each class on the trunk that leads it, and of users bound to a trunk. */
  async #keepCalling(users: TrafficPbx): Promise<void> {
    const calls = new Set<Promise<void>>();
    for (let turn = 0; await this.#wait(BEGIN_EVERY_MS); turn += 1) {
      const lane = turn % (CLASSES_CALLED.length + BOUND_TO.length);
      const className = CLASSES_CALLED[lane];
      const name = className === undefined ? BOUND_TO[lane - CLASSES_CALLED.length] : users.leadOf(className);
      const trunk = this.#trunks.get(name ?? '');
      if (!trunk) continue;
      const call = this.#call(users, trunk, { turn, className }).finally(() => calls.delete(call));
      calls.add(call);
    }
    await Promise.all(calls);
  }

  async #call(
    { asterisk, pbx }: TrafficPbx,
    { endpoint, rulesFor, trunk }: TrafficTrunk,
    { className, turn }: { readonly turn: number; readonly className: string | undefined },
  ): Promise<void> {
    const number = `4930${1000 + turn}`;
    const call = asterisk.beginCall({ endpoint, number, ...(className !== undefined && { className }) });
    if (!(await this.#wait(300 + 40 * (turn % 5)))) return;
    if (rulesFor(pbx).isBlackHole) {
      if (await this.#wait(GIVE_UP_MS)) call.fail(SIM_FAILURES.cancelled);
      return;
    }
    call.ring();
    if (!(await this.#wait(400))) return;
    if (turn % 11 === 10) {
      call.fail(SIM_FAILURES.busy);
      return;
    }
    call.answer();
    await this.#talk(call, () => rulesFor(pbx), `${pbx} ${trunk}`);
  }

  async #talk(call: SimCall, rules: () => EdgeRules, lane: string): Promise<void> {
    const [, trunk = ''] = lane.split(' ');
    for (let report = 0; report < REPORTS_PER_CALL; report += 1) {
      if (!(await this.#wait(REPORT_EVERY_MS))) return;
      const { delayMs, isBlackHole, lossInRatio, lossOutRatio } = rules();
      if (isBlackHole) break;
      const there = 1 - (1 - lossInRatio) * (1 - (this.#voiceLoss.get(trunk) ?? 0));
      call.passMedia({
        sent: { expected: PACKETS_PER_REPORT, lost: this.#lost(`to ${lane}`, there), jitterTicks: 14 },
        received: { expected: PACKETS_PER_REPORT, lost: this.#lost(`from ${lane}`, lossOutRatio), jitterTicks: 11 },
        rttSeconds: delayMs / 1000,
      });
    }
    call.hangup();
  }

  #lost(lane: string, lossRatio: number): number {
    const draws = Array.from({ length: PACKETS_PER_REPORT }, () => this.#chance.next(lane));
    return draws.filter((draw) => draw < lossRatio).length;
  }

  async #keepQualifying(): Promise<void> {
    while (await this.#wait(QUALIFY_S * 1000)) {
      for (const { asterisk, pbx } of this.#pbxes) {
        for (const trunk of this.#trunks.values()) this.#qualify(asterisk, pbx, trunk);
      }
    }
  }

  /** One qualify as PJSIP makes it: sent again until it is answered, so that loss shows as a late answer. */
  #qualify(asterisk: SimAsterisk, pbx: string, { contact, endpoint, rulesFor, trunk }: TrafficTrunk): void {
    const { delayMs, isBlackHole, lossInRatio, lossOutRatio } = rulesFor(pbx);
    const answered = 1 - (isBlackHole ? 1 : 1 - (1 - lossInRatio) * (1 - lossOutRatio));
    const atMs = TRIES_AT_MS.find(() => this.#chance.next(`qualify ${pbx} ${trunk}`) < answered);
    const noiseUs = Math.round(this.#chance.next(`noise ${pbx} ${trunk}`) * 900);
    asterisk.contacts.set(endpoint, {
      uri: contact,
      status: atMs === undefined ? 'Unreachable' : 'Reachable',
      roundTripUs: Math.round((delayMs + (atMs ?? 0)) * 1000) + noiseUs,
      frequencyS: QUALIFY_S,
    });
  }

  /** @returns false once the traffic is stopped. */
  async #wait(forMs: number): Promise<boolean> {
    try {
      await delay(forMs, undefined, { signal: this.#stop.signal });
      return true;
    } catch (cause) {
      if (this.#stop.signal.aborted) return false;
      throw cause;
    }
  }
}
