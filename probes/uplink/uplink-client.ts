import { encodeFrame, MAX_FRAME_BYTES, parseHubFrame, WIRE_VERSION } from '../../wire/codec.ts';
import type { HubFrame, PlanFrame } from '../../wire/hub-frames.ts';
import type { ProbeFrame } from '../../wire/probe-frames.ts';
import { type HubConnection, openHubConnection } from './hub-connection-client.ts';
import { checkHubUrl } from './hub-url.ts';
import type { Uplink, UplinkOptions, UplinkReport } from './uplink-options.ts';
import { advance, maySendBatch } from './uplink-session.ts';
import { newUplink, type UplinkEffect, type UplinkInput, type UplinkPhase } from './uplink-state.ts';

/** Wait for the hub's welcome after the socket is open. */
const WELCOME_WAIT_MS = 10_000;

/**
 * Starts the probe's connection to the hub, and keeps it.
 *
 * @throws Error naming the address where one of `urls` is none or would be plaintext (safety rule 10).
 */
export function createUplink(options: UplinkOptions): Uplink {
  const urls = options.urls.map((text) => {
    const checked = checkHubUrl(text, options.allowPlaintext ?? false);
    if (!checked.ok) throw new Error(`hub address ${URL.parse(text)?.host ?? 'unreadable'} refused: ${checked.fault}`);
    return checked.url;
  });
  if (urls.length === 0) throw new Error('no hub address');
  const client = new UplinkClient(options, urls);
  client.take({ kind: 'connect' });
  return {
    sendBatchSoon: (measurement, isUrgent = false) => {
      options.queue.push(measurement, options.clock.nowMs(), isUrgent);
      client.flush();
    },
    sendInstrument: (reading) => {
      options.queue.setInstrument(reading, options.clock.nowMs());
      client.flush();
    },
    sendPlanResult: (frame) => client.send(frame),
    sendReadBack: (frame) => client.send(frame),
    sendTargets: (frame) => client.send(frame),
    notifyOutbox: () => client.take({ kind: 'outbox-changed' }),
    phase: () => client.phase,
    heldFence: () => client.heldFence,
    close: () => client.close(),
  };
}

class UplinkClient {
  readonly #options: UplinkOptions;
  readonly #urls: readonly URL[];
  #state: ReturnType<typeof newUplink>;
  #connection: HubConnection | undefined;
  #batchSequence = 0;
  #retry: NodeJS.Timeout | undefined;
  #batch: NodeJS.Timeout | undefined;
  #welcome: NodeJS.Timeout | undefined;
  readonly #gone = Promise.withResolvers<void>();

  constructor(options: UplinkOptions, urls: readonly URL[]) {
    this.#options = options;
    this.#urls = urls;
    this.#state = newUplink(options.outbox.outboxId, options.fence ?? 0);
  }

  get phase(): UplinkPhase {
    return this.#state.phase;
  }

  get heldFence(): number {
    return this.#state.fence;
  }

  take(input: UplinkInput): void {
    const before = this.#state.phase;
    const step = advance(this.#state, input, this.#options.clock.nowMs());
    this.#state = step.state;
    if (this.#state.phase !== before) {
      this.#report({ kind: 'phase', phase: this.#state.phase, hubUrl: this.#url() });
    }
    if (this.#state.phase !== 'greeting') clearTimeout(this.#welcome);
    for (const effect of step.effects) this.#perform(effect);
    this.flush();
  }

  send(frame: ProbeFrame): boolean {
    if (this.#state.phase !== 'flowing' || !this.#connection) return false;
    return this.#write(frame);
  }

  /** Sends what is due of the queue, and sets the timer for the rest. */
  flush(): void {
    clearTimeout(this.#batch);
    const { queue, clock } = this.#options;
    while (maySendBatch(this.#state)) {
      const content = queue.take(clock.nowMs());
      if (!content) break;
      this.#write({
        v: WIRE_VERSION,
        type: 'batch',
        sequence: this.#batchSequence,
        sentAtMs: clock.nowMs(),
        sentAtEpochMs: clock.epochMs(),
        measurements: [...content.measurements],
        ...(content.instrument ? { instrument: content.instrument } : {}),
      });
      this.#batchSequence += 1;
    }
    if (!maySendBatch(this.#state) || queue.dueAtMs === Number.POSITIVE_INFINITY) return;
    this.#batch = setTimeout(() => this.flush(), Math.max(0, queue.dueAtMs - clock.nowMs()));
  }

  async close(): Promise<void> {
    const isOpen = this.#connection !== undefined;
    clearTimeout(this.#retry);
    clearTimeout(this.#batch);
    this.take({ kind: 'stop' });
    if (isOpen) await this.#gone.promise;
  }

  #perform(effect: UplinkEffect): void {
    switch (effect.kind) {
      case 'open':
        this.#open(effect.connection);
        break;
      case 'send-hello':
        this.#welcome = setTimeout(() => this.#connection?.close(), WELCOME_WAIT_MS);
        void this.#sendHello(this.#state.connection);
        break;
      case 'load-events':
        void this.#load(effect.connection, effect.after, effect.limit);
        break;
      case 'send-event':
        this.#write(effect.frame);
        break;
      case 'acknowledge':
        void this.#acknowledge(effect.outboxId, effect.sequence);
        break;
      case 'deliver':
        this.#deliver(effect.frame);
        break;
      case 'refuse-plan':
        this.#refusePlan(effect.plan, effect.reason);
        break;
      case 'disconnect':
        this.#connection?.close();
        break;
      case 'reconnect':
        this.#retry = setTimeout(() => this.take({ kind: 'connect' }), effect.afterMs);
        break;
      case 'report':
        this.#report({ kind: 'notice', notice: effect.notice });
        break;
      default:
        effect satisfies never;
    }
  }

  #open(connection: number): void {
    const { token, ca, clock, random } = this.#options;
    const url = this.#urls[(connection - 1) % this.#urls.length];
    if (!url) throw new Error('no hub address');
    this.#connection = openHubConnection(
      { url, token, clock, ...(ca === undefined ? {} : { ca }) },
      {
        onOpened: () => this.take({ kind: 'opened' }),
        onText: (text) => {
          const parsed = parseHubFrame(text);
          if (parsed.ok) this.take({ kind: 'frame', frame: parsed.frame });
          else this.take({ kind: 'unreadable', fault: parsed.fault });
        },
        onBinary: () =>
          this.take({ kind: 'unreadable', fault: { code: 'not-json', place: '', message: 'a binary message' } }),
        onCongestion: (isCongested) => this.take({ kind: 'congestion', isCongested }),
        onTick: () => this.take({ kind: 'tick' }),
        onClosed: (end) => {
          this.#connection = undefined;
          this.#report({ kind: 'ended', hubUrl: this.#url(), end });
          this.take({ kind: 'disconnected', isTokenRefused: end.code === 'token-refused', random: random() });
          if (this.#state.phase === 'stopped') this.#gone.resolve();
        },
      },
    );
  }

  async #sendHello(connection: number): Promise<void> {
    try {
      const frame = await this.#options.hello(this.#state.fence);
      if (connection === this.#state.connection && this.#state.phase === 'greeting') this.#write(frame);
    } catch (cause) {
      this.#report({ kind: 'fault', text: 'hello could not be made', cause });
      this.#connection?.close();
    }
  }

  async #load(connection: number, after: number, limit: number): Promise<void> {
    try {
      const events = await this.#options.outbox.unacknowledged(after, limit);
      this.take({ kind: 'events-loaded', connection, events });
    } catch (cause) {
      this.#report({ kind: 'fault', text: 'the outbox cannot be read', cause });
      this.take({ kind: 'load-failed', connection });
    }
  }

  async #acknowledge(outboxId: string, sequence: number): Promise<void> {
    try {
      await this.#options.outbox.acknowledge(outboxId, sequence);
    } catch (cause) {
      this.#report({ kind: 'fault', text: `acknowledged events up to ${sequence} stay in the outbox`, cause });
    }
  }

  #deliver(frame: HubFrame): void {
    try {
      this.#options.onFrame(frame);
    } catch (cause) {
      this.#report({ kind: 'fault', text: `handling of ${frame.type} failed`, cause });
    }
  }

  #refusePlan(plan: PlanFrame, reason: string): void {
    const { clock } = this.#options;
    this.send({
      v: WIRE_VERSION,
      type: 'plan-result',
      fence: plan.fence,
      version: plan.version,
      results: plan.routes.map((route) => ({ class: route.class, outcome: 'refused', reason })),
      finishedAtMs: clock.nowMs(),
      finishedAtEpochMs: clock.epochMs(),
    });
  }

  #write(frame: ProbeFrame): boolean {
    const text = encodeFrame(frame);
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_FRAME_BYTES) {
      this.#report({ kind: 'fault', text: `${frame.type} of ${bytes} bytes exceeds ${MAX_FRAME_BYTES}` });
      return false;
    }
    this.#connection?.send(text);
    return this.#connection !== undefined;
  }

  #report(report: UplinkReport): void {
    this.#options.onState(report);
  }

  #url(): string {
    return this.#urls[Math.max(0, this.#state.connection - 1) % this.#urls.length]?.host ?? '';
  }
}
