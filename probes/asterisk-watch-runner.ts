import type { EventBody } from '../wire/probe-frames.ts';
import type { AmiClient } from './asterisk/ami/ami-client.ts';
import type { AmiState } from './asterisk/ami/ami-contract.ts';
import { AmiError } from './asterisk/ami/ami-error.ts';
import { type AmiPacket, eventName, firstValue } from './asterisk/ami/ami-packet.ts';
import { eventFilterActions } from './asterisk/ami/event-filter.ts';
import type { CallFinding, CallTracker } from './asterisk/calls/call-tracker.ts';
import { fetchChannels } from './asterisk/calls/channels-client.ts';
import type { MediaWatch } from './asterisk-media-runner.ts';
import type { AsteriskPoll } from './asterisk-poll-runner.ts';

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
  #wasConnected = false;
  /** Asterisk has told its channels on this connection. */
  #areCallsKnown = false;
  #isAnnounced = false;
  #isFullyBooted = false;
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

  /** Provider legs up or being set up, both ways; undefined while Asterisk has not told its channels: unknown, not none (rule 2). */
  get liveLegs(): number | undefined {
    return this.#areCallsKnown ? this.#deps.calls.liveLegs : undefined;
  }

  #take(state: AmiState): void {
    if (state.kind === 'connected') {
      this.#connection += 1;
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
    this.#isFullyBooted = false;
    this.#deps.calls.markGap();
    if (!this.#wasConnected) return;
    this.#wasConnected = false;
    this.#deps.onLost();
    this.#deps.emit({ kind: 'asterisk-lost', reason: `${state.code}: ${state.reason}`.slice(0, 500) });
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
    const { ami, calls, clock } = this.#deps;
    this.#wasConnected = true;
    try {
      await Promise.all(eventFilterActions().map(async (action) => await ami.action(action)));
      const settings = await ami.action({ name: 'CoreSettings', fields: [] });
      if (connection !== this.#connection) return;
      this.#version = firstValue(settings.packet, 'AsteriskVersion') ?? 'unknown';
      const channels = await fetchChannels(ami);
      if (connection !== this.#connection) return;
      const at = { nowMs: clock.nowMs(), epochMs: clock.epochMs() };
      for (const finding of channels ? calls.reconcile(channels, at) : []) this.#deps.onFinding(finding);
      this.#areCallsKnown = channels !== undefined;
    } catch (cause) {
      if (!(cause instanceof AmiError)) throw cause;
      this.#deps.onFault('asterisk', cause);
    }
    if (connection !== this.#connection) return;
    this.#isAnnounced = true;
    this.#deps.poll.setUp(true);
    this.#announce();
  }

  #announce(): void {
    const version = this.#version ?? 'unknown';
    this.#deps.emit({ kind: 'asterisk-connected', version, fullyBooted: this.#isFullyBooted });
  }
}
