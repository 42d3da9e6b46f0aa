import { describe, expect, it } from 'vitest';
import { PathQuality } from '../../../../server/paths/quality/path-quality.ts';
import type { MeshMeasurement, StreamFigures, TestCallMeasurement } from '../../../../wire/rtp-measurement.ts';

const NOW = 10 * 3_600_000;
const NO_RUNS = [0, 0, 0, 0, 0, 0, 0, 0];
const STREAM: StreamFigures = {
  expected: 500,
  received: 500,
  lost: 0,
  duplicates: 0,
  reordered: 0,
  lossRuns: NO_RUNS,
  jitterMs: 2,
};
const MESH: MeshMeasurement = {
  kind: 'rtp-mesh',
  target: 'peer.pbx-2',
  session: 'session-0001',
  direction: 'forward',
  sequence: 0,
  startedAtMs: 0,
  intervalMs: 10_000,
  packetMs: 20,
  payloadBytes: 160,
  figures: STREAM,
};
const CALL: TestCallMeasurement = {
  kind: 'test-call',
  target: 'a.a1',
  trunk: 'a',
  edge: 'a1',
  startedAtMs: 0,
  outcome: 'answered',
  talkMs: 10_000,
  endedBy: 'bye',
  far: 'echo',
};

function kindsOf(quality: PathQuality, nowMs = NOW): readonly string[] {
  return quality.figures(nowMs).map(({ direction, kind }) => `${kind} ${direction}`);
}

describe('PathQuality', () => {
  it('knows nothing before anything was measured, and no mesh figure outlives its window (rule 2)', () => {
    const quality = new PathQuality();
    expect(quality.figures(NOW)).toEqual([]);
    quality.addMesh(MESH, NOW);
    expect(kindsOf(quality)).toEqual([
      'mesh-loss forward',
      'mesh-jitter forward',
      'mesh-reordered forward',
      'mesh-duplicates forward',
      'mos-nb forward',
    ]);
    expect(quality.figures(NOW + 600_000)).toEqual([]);
  });

  it('keeps both directions of a mesh stream apart', () => {
    const quality = new PathQuality();
    quality.addMesh(MESH, NOW);
    const lossy = { ...STREAM, received: 400, lost: 100, lossRuns: [100, 0, 0, 0, 0, 0, 0, 0] };
    quality.addMesh({ ...MESH, direction: 'reverse', figures: lossy }, NOW);
    const loss = quality.figures(NOW).filter(({ kind }) => kind === 'mesh-loss');
    expect(loss.map(({ direction, value }) => [direction, value])).toEqual([
      ['forward', 0],
      ['reverse', 0.2],
    ]);
  });

  it('bounds one-way delay by the error of both clocks, and gives none where a clock is unknown', () => {
    const quality = new PathQuality();
    quality.addMesh({ ...MESH, figures: { ...STREAM, oneWayDelay: { minMs: 9, p50Ms: 10, errorMs: 4 } } }, NOW);
    const delay = quality.figures(NOW).find(({ kind }) => kind === 'mesh-one-way-delay');
    expect(delay).toMatchObject({ value: 10, low: 6, high: 14, n: 500, windowMs: 10_000 });
    quality.addMesh(MESH, NOW);
    expect(kindsOf(quality)).not.toContain('mesh-one-way-delay forward');
  });

  it('calls the loss of an echo round trip, and that of a tone the way back alone', () => {
    const echo = new PathQuality();
    echo.addTestCall({ ...CALL, received: STREAM, receivedCovers: 'round-trip', pddMs: 900 }, NOW);
    expect(kindsOf(echo)).toContain('test-call-loss round-trip');
    expect(kindsOf(echo)).not.toContain('test-call-loss reverse');
    const tone = new PathQuality();
    const forward = { expected: 100, lost: 7 };
    tone.addTestCall({ ...CALL, far: 'tone', received: STREAM, receivedCovers: 'reverse', forward }, NOW);
    const loss = tone.figures(NOW).filter(({ kind }) => kind === 'test-call-loss');
    expect(loss.map(({ direction }) => direction)).toEqual(['reverse', 'forward']);
    expect(loss[1]).toMatchObject({ value: 0.07, n: 100 });
  });

  it('a test call that measured nothing gives no loss', () => {
    const quality = new PathQuality();
    quality.addTestCall({ ...CALL, outcome: 'timed-out', talkMs: 0 }, NOW);
    expect(kindsOf(quality)).toEqual(['test-call-answered none', 'test-call-copies none']);
  });

  it('a transfer that did not run leaves the last rate as it was', () => {
    const quality = new PathQuality();
    const line = {
      kind: 'line',
      target: 'peer.pbx-2',
      direction: 'forward',
      startedAtMs: 0,
      durationMs: 1000,
    } as const;
    quality.addLine({ ...line, bytes: 125_000, outcome: 'measured' }, NOW);
    quality.addLine({ ...line, bytes: 0, outcome: 'yielded' }, NOW);
    expect(quality.figures(NOW)).toMatchObject([{ kind: 'line-rate', value: 1_000_000 }]);
  });

  it('counts the days of a certificate below 0 once it has ended, and says why it is not accepted', () => {
    const quality = new PathQuality();
    const seen = { kind: 'certificate', target: 'a.a1', observedAtMs: 0, isAccepted: false } as const;
    quality.addCertificate({ ...seen, validUntilEpochMs: NOW - 2 * 86_400_000, fault: 'CERT_HAS_EXPIRED' }, NOW);
    expect(quality.figures(NOW)).toMatchObject([{ value: -2, notes: ['not accepted: CERT_HAS_EXPIRED'] }]);
  });
});
