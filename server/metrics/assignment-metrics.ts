import type { AssignmentPlan } from '../assign/assignment-plan.ts';
import type { MeshNote } from '../assign/mesh-changes.ts';
import type { HubMetrics } from './registry-server.ts';

/** Sets the gauges that say how each edge is asked. */
export function observeAssignments(metrics: HubMetrics, plan: AssignmentPlan): void {
  for (const key of ['assignedRate', 'assignedWitnesses', 'qualifyRate', 'budgetOverrun'] as const) metrics.reset(key);
  for (const { edge, load, attemptsPerMinute, isOverrun, witnesses } of plan.edges) {
    const labels = { provider: edge.provider, target: edge.key };
    metrics.set('assignedRate', attemptsPerMinute / 60, labels);
    metrics.set('assignedWitnesses', witnesses.length, labels);
    metrics.set('qualifyRate', load.qualifyPerMinute / 60, labels);
    metrics.set('budgetOverrun', isOverrun ? 1 : 0, labels);
  }
}

/** Counts pairs of the mesh that were given up, and says how many measure now. */
export function observeMesh(metrics: HubMetrics, { cause, given }: MeshNote, streamCount: number): void {
  metrics.set('meshStreams', streamCount);
  if (cause !== undefined) metrics.count('meshGivenUp', { reason: cause }, given);
}
