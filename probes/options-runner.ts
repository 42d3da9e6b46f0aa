import type { Outcome, Schedule } from '../wire/measurement.ts';
import { addAnswer, addLateReply, addMiss, NO_ANSWERS, timeoutMs } from './measure/sip/adaptive-timeout.ts';
import type { DigestCredentials } from './measure/sip/digest.ts';
import { answerChallenge, type DigestSession, nextAuthorization } from './measure/sip/digest-session.ts';
import type { OptionsAttempt } from './measure/sip/options-probe.ts';
import { quietMs } from './measure/sip/retry-after.ts';
import type { Stray } from './measure/sip/stray.ts';
import { OptionsSockets, randomToken } from './options-sockets-runner.ts';
import type { ProbeTarget } from './probe-targets.ts';

/** What answers a trunk's challenges. */
export type TrunkCredentials = DigestCredentials & {
  /** Answer this realm alone; any when absent. */
  readonly realm?: string | undefined;
};

/** What the runner needs from the outside. */
export type OptionsRunnerDeps = {
  readonly targets: readonly ProbeTarget[];
  readonly sourceAddress: string | undefined;
  readonly sourcePort: number;
  readonly bounds: { readonly minMs: number; readonly maxMs: number; readonly firstMs: number };
  /** Longest silence that a 503 with Retry-After can ask for, seconds. */
  readonly retryAfterMaxS: number;
  /** Of trunks that challenge. */
  readonly credentials: ReadonlyMap<string, TrunkCredentials>;
  readonly clock: { readonly nowMs: () => number };
  readonly userAgent: string;
  readonly onStray: (stray: Stray) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** Makes OPTIONS attempts, each with the time-out that its target's history asks for. */
export class OptionsRunner {
  readonly #deps: OptionsRunnerDeps;
  #targets: ReadonlyMap<string, ProbeTarget>;
  readonly #sockets: OptionsSockets;
  readonly #timeouts = new Map<string, typeof NO_ANSWERS>();
  /** As they were before the present misses, but for replies that came late: confirmations wait so long. */
  readonly #calm = new Map<string, typeof NO_ANSWERS>();
  readonly #digests = new Map<string, DigestSession>();
  readonly #quietUntilMs = new Map<string, number>();

  constructor(deps: OptionsRunnerDeps) {
    this.#deps = deps;
    this.#targets = new Map(deps.targets.map((target) => [target.target, target]));
    this.#sockets = new OptionsSockets({
      ...deps,
      onStray: (stray) => {
        this.#takeLateReply(stray);
        deps.onStray(stray);
      },
    });
  }

  /**
   * One attempt at a target of the configuration. Never rejects for what the network does.
   *
   * Confirmations neither back the time-out off nor wait longer for the misses that they confirm: they ask the same question
   * again within half a second, and would only delay its answer. A slow target is still learned, from other misses and
   * from replies that come late.
   */
  async attempt(name: string, schedule: Schedule, signal: AbortSignal): Promise<OptionsAttempt> {
    const target = this.#targets.get(name);
    if (!target) throw new Error(`no target ${name}`);
    const nowMs = this.#deps.clock.nowMs();
    if (nowMs < (this.#quietUntilMs.get(name) ?? 0)) {
      return { outcome: { kind: 'not-measured', reason: 'retry-after' }, sentAtMs: nowMs };
    }
    const calm = schedule === 'confirm' ? this.#calm.get(name) : undefined;
    const limitMs = timeoutMs(calm ?? this.#timeouts.get(name) ?? NO_ANSWERS, this.#deps.bounds);
    const attempt = await this.#authorizedAttempt(target, { signal, timeoutMs: limitMs });
    this.#learn(name, schedule, attempt.outcome);
    return attempt;
  }

  /**
   * Takes over other targets, before the schedule does. What was learned of an address is forgotten with it; attempts under way
   * go on, but those on a connection to a target that is gone settle as not measured.
   */
  async retarget(targets: readonly ProbeTarget[]): Promise<void> {
    const before = this.#targets;
    this.#targets = new Map(targets.map((target) => [target.target, target]));
    for (const [name, old] of before) {
      const now = this.#targets.get(name);
      if (now && isSamePlace(now, old)) continue;
      for (const memory of [this.#timeouts, this.#calm, this.#digests, this.#quietUntilMs]) memory.delete(name);
    }
    await this.#sockets.retain(targets);
  }

  /** Closes every socket; attempts under way settle as not measured. */
  close(): Promise<void> {
    return this.#sockets.close();
  }

  /**
   * Sends with the nonce that is in use, and once more where the answer is a challenge that can be met (RFC 3261 §22.2).
   * What counts is then the second request: its round trip, its outcome, its time of sending.
   */
  async #authorizedAttempt(
    target: ProbeTarget,
    limits: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ): Promise<OptionsAttempt> {
    const credentials = target.trunk === undefined ? undefined : this.#deps.credentials.get(target.trunk);
    if (!credentials) return this.#sockets.ask(target, limits);
    const options = { ...limits, callId: randomToken(), fromTag: randomToken() };
    const used = this.#digests.get(target.target);
    const first = await this.#sockets.ask(target, { ...options, ...this.#authorize(target, credentials, used) });
    const next = first.response && answerChallenge(first.response, used, credentials.realm, randomToken());
    if (!next) return first;
    const second = await this.#sockets.ask(target, { ...options, ...this.#authorize(target, credentials, next) });
    return {
      ...second,
      ...(first.phases && { phases: first.phases }),
      ...(first.certificate && { certificate: first.certificate }),
    };
  }

  #authorize(target: ProbeTarget, credentials: DigestCredentials, session: DigestSession | undefined) {
    if (!session) return {};
    const next = nextAuthorization(session, credentials, target.requestUri);
    this.#digests.set(target.target, next.session);
    return { authorization: next.line };
  }

  #learn(name: string, schedule: Schedule, outcome: Outcome): void {
    const history = this.#timeouts.get(name) ?? NO_ANSWERS;
    if (outcome.kind === 'timed-out' && schedule !== 'confirm') {
      if (!this.#calm.has(name)) this.#calm.set(name, history);
      this.#timeouts.set(name, addMiss(history));
    }
    if (outcome.kind !== 'answered') return;
    this.#calm.delete(name);
    this.#timeouts.set(name, addAnswer(history, outcome.rttMs));
    if (outcome.retryAfterS === undefined) return;
    const { clock, retryAfterMaxS } = this.#deps;
    this.#quietUntilMs.set(name, clock.nowMs() + quietMs(outcome.retryAfterS, retryAfterMaxS));
  }

  #takeLateReply(stray: Stray): void {
    if (stray.reason !== 'late') return;
    for (const { target, address, port, transport } of this.#targets.values()) {
      if (transport !== 'udp' || stray.target.address !== address || stray.target.port !== port) continue;
      this.#timeouts.set(target, addLateReply(this.#timeouts.get(target) ?? NO_ANSWERS, stray.rttMs));
      const calm = this.#calm.get(target);
      if (calm) this.#calm.set(target, addLateReply(calm, stray.rttMs));
    }
  }
}

function isSamePlace(one: ProbeTarget, other: ProbeTarget): boolean {
  return one.address === other.address && one.port === other.port && one.transport === other.transport;
}
