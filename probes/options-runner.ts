import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Outcome, Schedule } from '../wire/measurement.ts';
import { addAnswer, addLateReply, addMiss, NO_ANSWERS, timeoutMs } from './measure/sip/adaptive-timeout.ts';
import { type OptionsAttempt, OptionsProber } from './measure/sip/options-probe.ts';
import type { Stray } from './measure/sip/stray.ts';
import type { ProbeTarget } from './probe-targets.ts';

/** What the runner needs from the outside. */
export type OptionsRunnerDeps = {
  readonly targets: readonly ProbeTarget[];
  readonly sourceAddress: string | undefined;
  readonly sourcePort: number;
  readonly bounds: { readonly minMs: number; readonly maxMs: number; readonly firstMs: number };
  readonly clock: { readonly nowMs: () => number };
  readonly userAgent: string;
  readonly onStray: (stray: Stray) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/**
 * Makes OPTIONS attempts, each with the time-out that its target's history asks for, over one socket per local address.
 * Without a configured source the host's route to the target decides the address; a target that cannot be reached by any
 * is looked at again at its next attempt.
 */
export class OptionsRunner {
  readonly #deps: OptionsRunnerDeps;
  readonly #targets: ReadonlyMap<string, ProbeTarget>;
  readonly #probers = new Map<string, Promise<OptionsProber>>();
  readonly #sources = new Map<string, string>();
  readonly #timeouts = new Map<string, typeof NO_ANSWERS>();

  constructor(deps: OptionsRunnerDeps) {
    this.#deps = deps;
    this.#targets = new Map(deps.targets.map((target) => [target.target, target]));
  }

  /**
   * One attempt at a target of the configuration. Never rejects for what the network does.
   *
   * Confirmations do not back the time-out off: they ask the same question again within half a second, and would only
   * delay its answer. A slow target is still learned, from the first miss and from replies that come late.
   */
  async attempt(name: string, schedule: Schedule, signal: AbortSignal): Promise<OptionsAttempt> {
    const target = this.#targets.get(name);
    if (!target) throw new Error(`no target ${name}`);
    const prober = await this.#proberFor(target);
    if (!prober) return this.#notMeasured('no-route');
    const history = this.#timeouts.get(name) ?? NO_ANSWERS;
    const limitMs = timeoutMs(history, this.#deps.bounds);
    const attempt = await prober.probe(target, { signal, timeoutMs: limitMs });
    this.#learn(name, schedule, attempt.outcome);
    if (attempt.outcome.kind === 'not-measured') this.#sources.delete(name);
    return attempt;
  }

  /** Closes every socket; attempts under way settle as not measured. */
  async close(): Promise<void> {
    for (const opening of this.#probers.values()) await (await opening).close();
  }

  #learn(name: string, schedule: Schedule, outcome: Outcome): void {
    const history = this.#timeouts.get(name) ?? NO_ANSWERS;
    if (outcome.kind === 'answered') this.#timeouts.set(name, addAnswer(history, outcome.rttMs));
    else if (outcome.kind === 'timed-out' && schedule !== 'confirm') this.#timeouts.set(name, addMiss(history));
  }

  async #proberFor(target: ProbeTarget): Promise<OptionsProber | undefined> {
    const source = this.#deps.sourceAddress ?? this.#sources.get(target.target) ?? (await localAddressTo(target));
    if (source === undefined) return undefined;
    this.#sources.set(target.target, source);
    const known = this.#probers.get(source);
    const opening = known ?? this.#open(source);
    if (!known) this.#probers.set(source, opening);
    try {
      return await opening;
    } catch (cause) {
      this.#probers.delete(source);
      this.#sources.delete(target.target);
      this.#deps.onFault('socket', cause);
      return undefined;
    }
  }

  #open(sourceAddress: string): Promise<OptionsProber> {
    const { clock, onFault, onStray, sourcePort, userAgent } = this.#deps;
    return OptionsProber.open({
      sourceAddress,
      sourcePort,
      clock,
      userAgent,
      randomToken: () => randomBytes(12).toString('hex'),
      onStray: (stray) => {
        this.#takeLateReply(stray);
        onStray(stray);
      },
      onSocketFault: (error) => onFault('socket', error),
    });
  }

  #takeLateReply(stray: Stray): void {
    if (stray.reason !== 'late') return;
    for (const { target, address, port } of this.#deps.targets) {
      if (stray.target.address !== address || stray.target.port !== port) continue;
      this.#timeouts.set(target, addLateReply(this.#timeouts.get(target) ?? NO_ANSWERS, stray.rttMs));
    }
  }

  #notMeasured(reason: 'no-route'): OptionsAttempt {
    return { outcome: { kind: 'not-measured', reason }, sentAtMs: this.#deps.clock.nowMs() };
  }
}

/** Address that the host would send from to this target, found by connecting a UDP socket, which sends nothing. */
async function localAddressTo({ address, port }: ProbeTarget): Promise<string | undefined> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(port, address, resolve);
    });
    return socket.address().address;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) return undefined;
    throw cause;
  } finally {
    socket.close();
  }
}
