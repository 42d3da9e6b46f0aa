import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { headerLine, recordedLine } from '../../../server/replay/recording-line.ts';
import type { ReplayFinding } from '../../../server/replay/replay.ts';
import { replayFile } from '../../../server/replay/replay-runner.ts';
import { story } from '../../support/replay-story.ts';
import { hubConfig } from '../hub-fixture.ts';

const FILE = fileURLToPath(new URL('../../../docs/examples/dead-provider.ndjson', import.meta.url));
const FAST = { options: { attemptsPerMinute: 600 } };

describe('docs/examples/dead-provider.ndjson', () => {
  it('is what its generator writes: others make cases in the same way', async () => {
    const config = hubConfig('.', {
      providers: [
        { provider: 'telco-a', trunks: [{ trunk: 'a', edges: ['a1'] }], ...FAST },
        { provider: 'telco-b', trunks: [{ trunk: 'b', edges: ['b1'] }], ...FAST },
      ],
    });
    const lines = [headerLine(config), ...[...story(60, 30, 50, 1)].map((line) => recordedLine(line))];
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(FILE);
  });

  it('replays to one verdict, on telco-a, and to the flips that it would have had', async () => {
    const findings: ReplayFinding[] = [];
    const result = await replayFile({
      file: FILE,
      config: undefined,
      onFinding: (finding) => findings.push(finding),
      onFault: (line, message) => expect.unreachable(`${line}: ${message}`),
    });
    expect(result).toMatchObject({ ok: true, faults: 0 });
    const opened = findings.filter(({ kind }) => kind === 'verdict-opened');
    expect(opened).toMatchObject([{ verdict: { place: { kind: 'provider', provider: 'telco-a' } } }]);
    const flips = findings.flatMap((finding) => (finding.kind === 'flip' ? [finding.flip] : []));
    expect(flips.map(({ fromTrunk, mode, pbx }) => `${pbx} ${fromTrunk} ${mode}`)).toEqual([
      'fra-1 a observe',
      'ams-1 a observe',
    ]);
    expect(readFileSync(FILE, 'utf8')).not.toContain('SET_BY_THE_TEST');
  });

  it('replays under another policy: enforced, and with a shorter way back, the calls return to the provider', async () => {
    const flipsUnder = async (routing: Readonly<Record<string, number>>) => {
      const flips: string[] = [];
      const result = await replayFile({
        file: FILE,
        config: undefined,
        policy: { routing, modes: [{ function: 'routing', mode: 'enforce' }] },
        onFinding: (found) => found.kind === 'flip' && flips.push(`${found.flip.mode} ${found.flip.direction}`),
        onFault: (line, message) => expect.unreachable(`${line}: ${message}`),
      });
      expect(result).toMatchObject({ ok: true });
      return flips;
    };
    expect(await flipsUnder({})).toEqual(['enforce away', 'enforce away']);
    const quick = { holdDownMs: 2000, halfOpenMs: 2000, halfOpenSamples: 3, maxChangedRatio: 1 };
    expect(await flipsUnder(quick)).toEqual(['enforce away', 'enforce away', 'enforce back', 'enforce back']);
  });

  it('refuses a policy that is none, with its place', async () => {
    const result = await replayFile({
      file: FILE,
      config: undefined,
      policy: { routing: { holdDownMs: -1 } },
      onFinding: () => expect.unreachable('nothing is replayed'),
      onFault: () => expect.unreachable('no line is read'),
    });
    expect(result).toMatchObject({ ok: false, faults: [{ path: 'line 1: config.routing.holdDownMs' }] });
  });
});
