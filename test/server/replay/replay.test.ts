import { describe, expect, it } from 'vitest';
import type { RecordedLine } from '../../../server/replay/recording-line.ts';
import { Replay, type ReplayFinding } from '../../../server/replay/replay.ts';
import { batchFrame, eventFrame } from '../../support/probe-frames.ts';
import { hello, START_MS, story } from '../../support/replay-story.ts';
import { hubConfig } from '../hub-fixture.ts';

function replayed(
  lines: Iterable<RecordedLine>,
  changes: Readonly<Record<string, unknown>> = {},
  isWhatIf = false,
): ReplayFinding[] {
  const replay = new Replay(hubConfig('.', changes), isWhatIf);
  const findings: ReplayFinding[] = [];
  for (const line of lines) {
    const step = replay.take(line);
    if (!step.ok) throw new Error(step.message);
    findings.push(...step.findings);
  }
  return findings;
}

const ENFORCED = { modes: [{ function: 'routing', mode: 'enforce' }] };
const FAST = { options: { attemptsPerMinute: 600 } };
const PROVIDERS = {
  providers: [
    { provider: 'telco-a', trunks: [{ trunk: 'a', edges: ['a1'] }], ...FAST },
    { provider: 'telco-b', trunks: [{ trunk: 'b', edges: ['b1'] }], ...FAST },
  ],
};

describe('a replay', () => {
  it('finds what befell a provider, when it did, and where the calls were to go', () => {
    const findings = replayed(story(120, 60, 90), { ...ENFORCED, ...PROVIDERS });
    const opened = findings.filter(({ kind }) => kind === 'verdict-opened');
    expect(opened).toMatchObject([{ verdict: { place: { kind: 'provider', provider: 'telco-a' } } }]);
    expect(opened[0]?.atEpochMs).toBeGreaterThan(START_MS + 60_000);
    expect(opened[0]?.atEpochMs).toBeLessThan(START_MS + 75_000);
    const flips = findings.flatMap((finding) => (finding.kind === 'flip' ? [finding.flip] : []));
    expect(flips[0]).toMatchObject({ class: 'national', direction: 'away', fromTrunk: 'a', toTrunk: 'b' });
  });

  it('finds nothing where nothing befell', () => {
    const findings = replayed(story(60, 1000, 1000), PROVIDERS);
    expect(findings.filter(({ kind }) => kind === 'verdict-opened' || kind === 'flip')).toEqual([]);
  });

  it('is the same each time, to the last digit', () => {
    const once = JSON.stringify(replayed(story(90, 30, 60), PROVIDERS));
    expect(JSON.stringify(replayed(story(90, 30, 60), PROVIDERS))).toBe(once);
  });

  it('says another thing under another policy', () => {
    const lines = [...story(70, 30, 40)];
    const kinds = (holdDownMs: number) =>
      replayed(lines, { ...ENFORCED, ...PROVIDERS, routing: { holdDownMs, halfOpenMs: 1000, halfOpenSamples: 3 } })
        .flatMap((finding) => (finding.kind === 'flip' ? [finding.flip.direction] : []))
        .filter((direction) => direction === 'back');
    expect(kinds(1000)).not.toEqual([]);
    expect(kinds(600_000)).toEqual([]);
  });

  it('follows what AstDB held under its own policy, and under another one only what that would have ordered', () => {
    const lines = [...story(60, 1000, 1000)];
    const at = lines.findIndex(({ receivedAtEpochMs }) => receivedAtEpochMs >= START_MS + 30_000);
    const result: RecordedLine = {
      receivedAtEpochMs: START_MS + 30_000,
      pbx: 'fra-1',
      frame: {
        v: 1,
        type: 'plan-result',
        fence: 1,
        version: 90,
        results: [{ class: 'national', outcome: 'applied', readBack: '2:1.90:b/100,a/0' }],
        finishedAtMs: 30_000,
        finishedAtEpochMs: START_MS + 30_000,
      },
    };
    const changes = (isWhatIf: boolean) =>
      replayed([...lines.slice(0, at), result, ...lines.slice(at)], { ...ENFORCED, ...PROVIDERS }, isWhatIf).filter(
        ({ kind }) => kind === 'plan-changed',
      );
    expect(changes(false)[0]).toMatchObject({ pbx: 'fra-1', class: 'national', trunks: ['b,100', 'a,0'] });
    expect(changes(true)).toEqual([]);
  });

  it('refuses a line that goes back in time, of an unknown PBX, or before its hello, and goes on', () => {
    const replay = new Replay(hubConfig('.'));
    const batch = { receivedAtEpochMs: START_MS, pbx: 'fra-1', frame: batchFrame() };
    expect(replay.take(batch)).toEqual({ ok: false, message: 'a batch of fra-1 came before its hello' });
    expect(replay.take({ ...batch, pbx: 'nowhere' })).toMatchObject({ ok: false });
    expect(replay.take(hello('fra-1'))).toMatchObject({ ok: true });
    expect(replay.take({ ...batch, receivedAtEpochMs: START_MS - 5 })).toEqual({
      ok: false,
      message: 'time goes back by 5 ms',
    });
    expect(replay.take({ receivedAtEpochMs: START_MS, pbx: 'fra-1', frame: eventFrame() })).toMatchObject({ ok: true });
  });

  it('a connection that was lost makes the paths of its PBX unknown, never bad', () => {
    const lines = [...story(20, 1000, 1000)].filter(
      (line) => line.pbx === 'ams-1' || line.receivedAtEpochMs < START_MS + 10_000,
    );
    const gone: RecordedLine = { receivedAtEpochMs: START_MS + 10_000, pbx: 'fra-1', gone: 'closed' };
    const at = lines.findIndex(({ receivedAtEpochMs }) => receivedAtEpochMs >= START_MS + 10_000);
    const findings = replayed([...lines.slice(0, at), gone, ...lines.slice(at)], PROVIDERS);
    expect(findings.filter(({ kind }) => kind === 'verdict-opened' || kind === 'flip')).toEqual([]);
  });
});
