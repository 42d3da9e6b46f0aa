import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordFrom } from '../../../server/replay/record-client.ts';
import type { ReplayFinding } from '../../../server/replay/replay.ts';
import { replayFile } from '../../../server/replay/replay-runner.ts';
import { batchFrame } from '../../support/probe-frames.ts';
import { ask, freshHub, hubConfig, ProbeSocket, TOKENS, temporaryFolder } from '../hub-fixture.ts';
import { until } from '../store/store-fixture.ts';

/** Records from a live hub until told to end. */
function recording(url: string, user: keyof typeof TOKENS = 'night-shift') {
  const ended = new AbortController();
  let text = '';
  const lines = recordFrom({
    hub: new URL(url),
    token: TOKENS[user],
    caFile: undefined,
    forS: 60,
    onText: (more) => {
      text += more;
    },
    signal: ended.signal,
  });
  return { lines, text: () => text, end: () => ended.abort() };
}

async function replayedText(text: string, config = undefined as Parameters<typeof replayFile>[0]['config']) {
  const file = join(temporaryFolder(), 'case.ndjson');
  writeFileSync(file, text);
  const findings: ReplayFinding[] = [];
  const faults: string[] = [];
  const onFault = (line: number, message: string) => faults.push(`${line}: ${message}`);
  const result = await replayFile({ file, config, onFinding: (finding) => findings.push(finding), onFault });
  return { result, findings, faults };
}

describe('a recording of a live hub', () => {
  it('begins with who is there, holds every frame as it comes, and is replayed', async () => {
    const { url } = await freshHub();
    const early = await ProbeSocket.greet(url, 'fra-1');
    const running = recording(url);
    await until(() => running.text().includes('"hello"'));
    const late = await ProbeSocket.greet(url, 'ams-1');
    early.send(batchFrame({ sequence: 41 }));
    late.send(batchFrame({ sequence: 42 }));
    await until(() => running.text().includes('"sequence":42'));
    late.socket.close();
    await until(() => running.text().includes('"gone"'));
    running.end();
    expect(await running.lines).toBe(6);
    const { result, faults } = await replayedText(running.text());
    expect(faults).toEqual([]);
    expect(result).toMatchObject({ ok: true, frames: 5, faults: 0 });
    expect(running.text()).not.toContain('token-of-');
  });

  it('is journaled with who records, shows in the metrics, and leaves no trace once it is over', async () => {
    const { url } = await freshHub();
    const running = recording(url);
    await until(() => running.text() !== '');
    const { json } = await ask(url, '/api/v1/journal?kind=recording-started', 'watcher');
    expect(json.items).toMatchObject([{ actor: 'night-shift', sentence: expect.stringContaining('for 60 s') }]);
    await until(async () => (await ask(url, '/metrics')).text.includes('trunkward_recordings 1'));
    running.end();
    await running.lines;
    await until(async () => (await ask(url, '/metrics')).text.includes('trunkward_recordings 0'));
  });

  it('is for operators, two at once', async () => {
    const { url } = await freshHub();
    await expect(recording(url, 'watcher').lines).rejects.toThrow('the hub answered 403');
    const both = [recording(url), recording(url)];
    for (const running of both) await until(() => running.text() !== '');
    await expect(recording(url).lines).rejects.toThrow('the hub answered 429');
    for (const running of both) running.end();
  });

  it('ends when the hub does', async () => {
    const { hub, url } = await freshHub();
    const running = recording(url);
    await until(() => running.text() !== '');
    await hub.close();
    expect(await running.lines).toBe(1);
  });
});

describe('a file that is replayed', () => {
  it('names each line that cannot be used, and goes on', async () => {
    const good = '{"receivedAtEpochMs":5,"pbx":"fra-1","gone":"closed"}';
    const text = ['{"config":{}}', good, '{"receivedAtEpochMs":6,"pb', '', good].join('\n');
    const { result, faults } = await replayedText(text, hubConfig('.'));
    expect(result).toMatchObject({ ok: true, frames: 2, faults: 1 });
    expect(faults).toEqual([expect.stringMatching(/^3: .*JSON/)]);
  });

  it.each([
    ['', 'line 1'],
    ['{"receivedAtEpochMs":5,"pbx":"a","gone":"x"}', 'line 1'],
    ['{"config":{"dataDir":"."}}', 'line 1: config.sites'],
  ])('begins with a sound configuration, or says what is wrong: %s', async (text, path) => {
    const { result } = await replayedText(text);
    expect(result.ok).toBe(false);
    expect(result.ok ? [] : result.faults.map((fault) => fault.path)).toContain(path);
  });
});
