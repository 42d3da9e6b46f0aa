import type { EventFrame } from '../wire/probe-frames.ts';
import type { Engine } from './engine.ts';
import { eventEntry, toJson } from './hub-entries.ts';
import type { JournalRunner } from './journal-runner.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import { countedCall } from './paths/quality/ended-call.ts';
import type { ProbeStatuses } from './probe-statuses.ts';
import type { QualityRunner } from './quality-runner.ts';
import type { ObserveScore } from './routing/observe-score.ts';
import type { Store } from './store/database-store.ts';
import type { EventIntake } from './store/event-store.ts';

/** Whom an event concerns. */
export type EventParts = {
  readonly engine: Pick<Engine, 'asterisk' | 'callEnded'>;
  readonly store: Pick<Store, 'events'>;
  readonly journal: JournalRunner;
  readonly metrics: HubMetrics;
  readonly quality: QualityRunner;
  readonly score: Pick<ObserveScore, 'callEnded'>;
  readonly statuses: ProbeStatuses;
  /** Hub time. */
  readonly nowMs: () => number;
};

/** Puts durable events on disk, once each, and hands those that are new to all whom they concern (safety rule 8). */
export class EventRunner {
  readonly #parts: EventParts;
  readonly #intakes = new Map<string, EventIntake>();

  constructor(parts: EventParts) {
    this.#parts = parts;
  }

  /** A connection of a PBX begins: its events are taken in the order in which they come. */
  hello(pbx: string): void {
    this.#intakes.set(pbx, this.#parts.store.events.openIntake());
  }

  /**
   * Takes one event; settles once it is on disk, or was before.
   *
   * @throws StoreError when the disk takes no writes: it may be sent again.
   */
  async take(pbx: string, frame: EventFrame): Promise<void> {
    const { journal, metrics, nowMs } = this.#parts;
    metrics.count('framesReceived', { type: 'event' });
    const intake = this.#intakes.get(pbx);
    if (!intake) throw new Error(`an event of ${pbx} came before its hello`);
    const { body, occurredAtEpochMs, outboxId, sequence } = frame;
    const event = { outboxId, sequence, pbx, occurredAtEpochMs, kind: body.kind, body: toJson(body) };
    const receipt = await intake.append(event, eventEntry(pbx, body, occurredAtEpochMs));
    if (receipt.outcome === 'repeated') return;
    if (receipt.outcome === 'conflicting') {
      const sentence = `event ${sequence} of outbox ${outboxId} on ${pbx} differs from the one on disk: was its disk restored?`;
      journal.writeSparsely({ kind: 'event-conflict', actor: 'hub', scope: { pbx }, sentence }, pbx, nowMs());
      return;
    }
    this.#told(pbx, body, occurredAtEpochMs);
    if (receipt.entry) journal.noted(receipt.entry);
  }

  #told(pbx: string, body: EventFrame['body'], occurredAtEpochMs: number): void {
    const { engine, nowMs, quality, score, statuses } = this.#parts;
    if (body.kind === 'asterisk-lost') {
      engine.asterisk(pbx, false);
      statuses.update(pbx, (status) => ({ ...status, asteriskVersion: undefined, asteriskAway: body.away }));
    }
    if (body.kind === 'asterisk-connected') {
      engine.asterisk(pbx, true);
      statuses.update(pbx, (status) => ({ ...status, asteriskVersion: body.version, asteriskAway: undefined }));
    }
    if (body.kind === 'call-ended') {
      engine.callEnded(pbx, body, Math.min(occurredAtEpochMs, nowMs()));
      quality.called(body);
      score.callEnded(pbx, { trunk: body.trunk, class: body.class }, countedCall(body));
    }
  }
}
