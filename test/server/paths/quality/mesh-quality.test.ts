import { describe, expect, it } from 'vitest';
import { IDLE_CLAUSES } from '../../../../server/paths/quality/figures/no-data.ts';
import { MeshQuality } from '../../../../server/paths/quality/mesh-quality.ts';
import { MeshIdleMeasurement, type MeshMeasurement } from '../../../../wire/rtp-measurement.ts';

const NOW = 10 * 3_600_000;
const WINDOW_MS = 300_000;
const REPORT: MeshMeasurement = {
  kind: 'rtp-mesh',
  target: 'peer.pbx-2',
  session: 'session-0001',
  direction: 'forward',
  sequence: 0,
  startedAtMs: 0,
  intervalMs: 10_000,
  packetMs: 20,
  payloadBytes: 160,
  figures: {
    expected: 500,
    received: 500,
    lost: 0,
    duplicates: 0,
    reordered: 0,
    lossRuns: [0, 0, 0, 0, 0, 0, 0, 0],
    jitterMs: 2,
  },
};
const REVERSE: MeshMeasurement = { ...REPORT, direction: 'reverse' };

function idle(because: MeshIdleMeasurement['because']): MeshIdleMeasurement {
  return { kind: 'rtp-mesh-idle', target: 'peer.pbx-2', session: 'session-0001', observedAtMs: 0, because };
}

describe('MeshQuality', () => {
  it('says why a stream has no figures, once for both ways, and until it has some again', () => {
    const mesh = new MeshQuality();
    expect(mesh.noData(WINDOW_MS, NOW)).toEqual([]);
    mesh.addIdle(idle('live-calls'), NOW);
    expect(mesh.noData(WINDOW_MS, NOW + 1)).toEqual([
      {
        what: 'mesh',
        direction: 'round-trip',
        because: 'it yields to live calls at one of the two PBXs',
        newestAtEpochMs: NOW,
      },
    ]);
    expect(mesh.figures(WINDOW_MS, NOW, [])).toEqual([]);
    mesh.add(REPORT, NOW + 10_000);
    mesh.add(REVERSE, NOW + 10_000);
    expect(mesh.noData(WINDOW_MS, NOW + 10_000)).toEqual([]);
  });

  it('names the one direction that is silenced while the other is told of in the same report', () => {
    const mesh = new MeshQuality();
    mesh.add(REPORT, NOW - 10_000);
    mesh.add(REVERSE, NOW - 10_000);
    mesh.addIdle(idle('own-drops'), NOW);
    mesh.add(REVERSE, NOW);
    expect(mesh.noData(WINDOW_MS, NOW)).toMatchObject([{ direction: 'forward', newestAtEpochMs: NOW }]);
  });

  it('says nothing any more once its word is older than the window (rule 2: unknown)', () => {
    const mesh = new MeshQuality();
    mesh.addIdle(idle('no-reflector'), NOW);
    expect(mesh.noData(WINDOW_MS, NOW + WINDOW_MS)).toHaveLength(1);
    expect(mesh.noData(WINDOW_MS, NOW + WINDOW_MS + 1)).toEqual([]);
  });

  it('has a clause for each reason that the wire knows', () => {
    const known = MeshIdleMeasurement.properties.because.anyOf.map((each) => each.const);
    expect(Object.keys(IDLE_CLAUSES).toSorted()).toEqual(known.toSorted());
  });

  it('shares out reordered packets and copies over what came, by direction', () => {
    const mesh = new MeshQuality();
    const figures = { ...REPORT.figures, received: 400, lost: 100, reordered: 8, duplicates: 20 };
    mesh.add({ ...REPORT, figures }, NOW);
    mesh.add(REVERSE, NOW);
    const shares = mesh
      .figures(WINDOW_MS, NOW, [])
      .filter(({ kind }) => kind === 'mesh-reordered' || kind === 'mesh-duplicates')
      .map(({ direction, kind, n, value }) => [kind, direction, n, value]);
    expect(shares).toEqual([
      ['mesh-reordered', 'forward', 400, 0.02],
      ['mesh-duplicates', 'forward', 400, 0.05],
      ['mesh-reordered', 'reverse', 500, 0],
      ['mesh-duplicates', 'reverse', 500, 0],
    ]);
  });
});
