import type { MeshDuties } from './assign/mesh-duties.ts';
import { stableHash } from './assign/stable-hash.ts';
import type { HubConfig } from './config-schema.ts';
import type { Engine } from './engine.ts';
import type { Fleet } from './fleet.ts';
import type { JournalRunner } from './journal-runner.ts';
import { lineOrderEntry, lineResultEntry } from './line-entries.ts';
import { recallLines } from './line-recall.ts';
import { observeLine } from './metrics/line-metrics.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import { type LineOrderDeps, LineOrderRunner } from './orders/line-order-runner.ts';
import type { Store } from './store/database-store.ts';

/** What measuring lines is made of. */
export type LineParts = Pick<LineOrderDeps, 'fence' | 'nowMs' | 'send'> & {
  readonly config: Pick<HubConfig, 'line'>;
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly store: Store;
  readonly journal: JournalRunner;
  readonly metrics: HubMetrics;
  readonly mesh: Pick<MeshDuties, 'isElected'>;
};

/** Takes up what earlier lives measured, and orders transfers from then on; each order and result is in journal and metrics. */
export async function openLines(parts: LineParts): Promise<LineOrderRunner> {
  const { config, engine, fence, fleet, journal, mesh, metrics, nowMs, send, store } = parts;
  return new LineOrderRunner({
    policy: config.line,
    siteOf: fleet.siteOf,
    measuredAtMs: await recallLines(engine, store.journal, nowMs()),
    isElected: (one, other) => mesh.isElected(one, other),
    lotOf: stableHash,
    nowMs,
    fence,
    send,
    onOrdered: (order) => {
      metrics.count('linesOrdered', { reason: order.cause });
      journal.write(lineOrderEntry(order));
    },
    onEnded: (result) => {
      observeLine(metrics, result);
      journal.write(lineResultEntry(result));
    },
  });
}
