import type { AsteriskAway, EventBody } from '../wire/probe-frames.ts';
import type { AmiClient } from './asterisk/ami/ami-client.ts';
import type { AmiState } from './asterisk/ami/ami-contract.ts';
import { AMI_RETRYABLE, AmiError } from './asterisk/ami/ami-error.ts';
import { type AmiPacket, eventName, firstValue } from './asterisk/ami/ami-packet.ts';
import { awayBy } from './asterisk/ami/away.ts';
import { eventFilterActions } from './asterisk/ami/event-filter.ts';
import type { CallFinding, CallTracker } from './asterisk/calls/call-tracker.ts';
import { fetchChannels } from './asterisk/calls/channels-client.ts';
import type { MediaWatch } from './asterisk-media-runner.ts';
import type { AsteriskPoll } from './asterisk-poll-runner.ts';

/** Wait before Asterisk is asked again for what it has not told. */
const ASK_AGAIN_MS = 30_000;

/** What the watch needs from the outside. None of the callbacks may throw. */
export type AsteriskWatchDeps = {
  readonly ami: AmiClient;
  readonly calls: CallTracker;
  readonly media: MediaWatch;
  readonly poll: AsteriskPoll;
  readonly clock: { readonly nowMs: () => number; readonly epochMs: () => number };
  readonly onFinding: (finding: CallFinding) => void;
  /** Logged in; AstDB can be read. `isFullyBooted` comes true once Asterisk says so. */
  readonly onUp: (isFullyBooted: boolean) => void;
  readonly onLost: () => void;
  readonly emit: (body: EventBody) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/**
 * Follows the Asterisk beside the probe: its coming and going, its calls. A gap in the events is closed by comparing with
 * the channels that are up; nothing is ended for want of data (safety rule 2).
 */
export class AsteriskWatch {
  readonly #deps: AsteriskWatchDeps;
  #version: string | undefined;
  #isConnected = false;
  #wasEverConnected = false;
  #away: AsteriskAway = 'connecting';
  /** The code of the loss or failed attempt told last, since the last login. */
  #toldCode: string | undefined;
  /** Asterisk has told its channels on this connection. */
  #areCallsKnown = false;
  #isAnnounced = false;
  #isFullyBooted = false;
  /** When to ask again; no time while an answer is awaited, or nothing is left to ask. */
  #askAtMs = Number.POSITIVE_INFINITY;
  /** Counts comings and goings, so that an answer of a connection that is gone is recognised. */
  #connection = 0;

  constructor(deps: AsteriskWatchDeps) {
    this.#deps = deps;
    deps.ami.onState((state) => this.#take(state));
    deps.ami.onEvent((packet) => this.#takeEvent(packet));
  }

  /** Version of the Asterisk that is connected; undefined while none is. */
  get version(): string | undefined {
    return this.#version;
  }

  /** Logged in, whether or not it has told its version. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Why there is no {@link version}; undefined while there is one. */
  get away(): AsteriskAway | undefined {
    return this.#version === undefined ? this.#away : undefined;
  }

  /** Provider legs up or being set up, both ways; undefined while Asterisk has not told its channels: unknown, not none (rule 2). */
  get liveLegs(): number | undefined {
    return this.#areCallsKnown ? this.#deps.calls.liveLegs : undefined;
  }

  /** Asks again for what Asterisk has not told on this connection: a question may be lost where the next is not. About once a second. */
  tick(): void {
    if (this.#deps.clock.nowMs() < this.#askAtMs) return;
    this.#askAgain(this.#connection).catch((cause: unknown) => this.#deps.onFault('asterisk', cause));
  }

  #take(state: AmiState): void {
    if (state.kind === 'connected') {
      this.#connection += 1;
      this.#isConnected = true;
      this.#wasEverConnected = true;
      this.#toldCode = undefined;
      this.#away = 'unnamed';
      this.#deps.onUp(false);
      this.#introduce(this.#connection).catch((cause: unknown) => this.#deps.onFault('asterisk', cause));
      return;
    }
    if (state.kind !== 'lost') return;
    this.#connection += 1;
    this.#deps.poll.setUp(false);
    this.#deps.media.markGap();
    this.#version = undefined;
    this.#isAnnounced = false;
    this.#areCallsKnown = false;
    this.#askAtMs = Number.POSITIVE_INFINITY;
    this.#isFullyBooted = false;
    this.#deps.calls.markGap();
    this.#away = awayBy(state.code);
    this.#tellLoss(state);
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#deps.onLost();
  }

  /**
   * A loss is told. A failed attempt is told only where it is news: of an Asterisk that was never reached, or that will not be
   * reached by waiting, and not in the same way as before. A restart of Asterisk fills no outbox.
   */
  #tellLoss({ code, reason }: Extract<AmiState, { kind: 'lost' }>): void {
    const isNews = code !== this.#toldCode && (!this.#wasEverConnected || !AMI_RETRYABLE[code]);
    if (!this.#isConnected && !isNews) return;
    this.#toldCode = code;
    this.#deps.emit({
      kind: 'asterisk-lost',
      reason: `${code}: ${reason}`.slice(0, 500),
      away: this.#away,
      ...(!this.#isConnected && { wasReached: false }),
    });
  }

  #takeEvent(packet: AmiPacket): void {
    const at = { nowMs: this.#deps.clock.nowMs(), epochMs: this.#deps.clock.epochMs() };
    if (eventName(packet) === 'FullyBooted') {
      this.#deps.onUp(true);
      const isNews = this.#isAnnounced && !this.#isFullyBooted;
      this.#isFullyBooted = true;
      if (isNews) this.#announce();
      return;
    }
    if (this.#deps.media.takeEvent(packet)) return;
    if (eventName(packet) === 'Registry') this.#deps.poll.registrationChanged();
    const { calls, media, onFinding } = this.#deps;
    const leg = calls.leg(firstValue(packet, 'Uniqueid') ?? '');
    for (const finding of calls.take(packet, at)) onFinding(finding);
    if (leg !== undefined && calls.leg(leg.uniqueId) === undefined) media.end(leg);
  }

  async #introduce(connection: number): Promise<void> {
    const { ami } = this.#deps;
    await this.#bearing(() => Promise.all(eventFilterActions().map(async (action) => await ami.action(action))));
    await this.#bearing(() => this.#learn(connection));
    if (connection !== this.#connection) return;
    this.#isAnnounced = true;
    this.#deps.poll.setUp(true);
    this.#announce();
    this.#setNextAsking();
  }

  async #askAgain(connection: number): Promise<void> {
    this.#askAtMs = Number.POSITIVE_INFINITY;
    const wasNamed = this.#version !== undefined;
    await this.#bearing(() => this.#learn(connection));
    if (connection !== this.#connection) return;
    if (!wasNamed && this.#version !== undefined) this.#announce();
    this.#setNextAsking();
  }

  #setNextAsking(): void {
    const isAllTold = this.#areCallsKnown && this.#version !== undefined;
    this.#askAtMs = isAllTold ? Number.POSITIVE_INFINITY : this.#deps.clock.nowMs() + ASK_AGAIN_MS;
  }

  /** A question without an answer is told as a fault, and keeps no other from being asked. */
  async #bearing(ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask();
    } catch (cause) {
      if (!(cause instanceof AmiError)) throw cause;
      this.#deps.onFault('asterisk', cause);
    }
  }

  /** Asks for what is not known yet: the version, and the channels that are up. */
  async #learn(connection: number): Promise<void> {
    const { ami, calls, clock, onFinding } = this.#deps;
    if (connection !== this.#connection) return;
    if (this.#version === undefined) {
      const settings = await ami.action({ name: 'CoreSettings', fields: [] });
      if (connection !== this.#connection) return;
      this.#version = firstValue(settings.packet, 'AsteriskVersion') ?? 'unknown';
    }
    if (this.#areCallsKnown) return;
    const channels = await fetchChannels(ami);
    if (connection !== this.#connection || channels === undefined) return;
    const at = { nowMs: clock.nowMs(), epochMs: clock.epochMs() };
    for (const finding of calls.reconcile(channels, at)) onFinding(finding);
    this.#areCallsKnown = true;
  }

  #announce(): void {
    const version = this.#version ?? 'unknown';
    this.#deps.emit({ kind: 'asterisk-connected', version, fullyBooted: this.#isFullyBooted });
  }
}
