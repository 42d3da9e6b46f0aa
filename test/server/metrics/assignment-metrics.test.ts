import { expect, it } from 'vitest';
import { observeMesh } from '../../../server/metrics/assignment-metrics.ts';
import { HubMetrics } from '../../../server/metrics/registry-server.ts';

it('counts pairs of the mesh that were given up by their cause, and shows how many measure now', async () => {
  const metrics = new HubMetrics();
  const note = { kind: 'mesh-elected', about: 'x', sentence: 'x' } as const;
  observeMesh(metrics, { ...note, cause: undefined, given: 0 }, 6);
  observeMesh(metrics, { ...note, cause: 'unheard', given: 3 }, 4);
  observeMesh(metrics, { ...note, cause: 'lossy', given: 1 }, 4);
  const { text } = await metrics.expose();
  const lines = text.split('\n').filter((line) => line.startsWith('trunkward_mesh'));
  expect(lines.toSorted()).toEqual([
    'trunkward_mesh_pairs_given_up_total{reason="lossy"} 1',
    'trunkward_mesh_pairs_given_up_total{reason="unheard"} 3',
    'trunkward_mesh_streams 4',
  ]);
});
