import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readHeader, readRecordedLine } from '../../../server/replay/recording-line.ts';
import { batchFrame } from '../../support/probe-frames.ts';
import { ask, freshHub, ProbeSocket, TOKENS, temporaryFolder } from '../hub-fixture.ts';
import { until } from '../store/store-fixture.ts';

const ENTRY = fileURLToPath(new URL('../../../trunkward.js', import.meta.url));

/** A program of ours whose standard output goes to a pipe, or to a file. */
function started(args: readonly string[], outputFile?: string) {
  const output = outputFile === undefined ? ('pipe' as const) : openSync(outputFile, 'w');
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', output, 'pipe'] });
  if (typeof output === 'number') closeSync(output);
  onTestFinished(() => void child.kill('SIGKILL'));
  const told = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    told.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    told.err += text;
  });
  return { child, told, ended: once(child, 'close') };
}

function recordCall(url: string, forS: number): readonly string[] {
  const tokenFile = join(temporaryFolder(), 'token');
  writeFileSync(tokenFile, `${TOKENS['night-shift']}\n`);
  return ['record', '--hub', url, '--token-file', tokenFile, '--for', String(forS)];
}

const exitOf = ({ exitCode, signalCode }: ChildProcess) => ({ exitCode, signalCode });
const CLEAN = { exitCode: 0, signalCode: null };

describe('trunkward record', () => {
  it('writes nothing but the recording to standard output, a JSON object a line, and replay takes it', async () => {
    const { url } = await freshHub();
    const probe = await ProbeSocket.greet(url, 'fra-1');
    const file = join(temporaryFolder(), 'case.ndjson');
    const { child, ended, told } = started(recordCall(url, 600), file);
    await until(() => readFileSync(file, 'utf8').includes('"hello"'));
    probe.send(batchFrame({ sequence: 1 }), batchFrame({ sequence: 2 }));
    await until(() => readFileSync(file, 'utf8').includes('"sequence":2'));
    child.kill('SIGINT');
    await ended;
    expect(exitOf(child)).toEqual(CLEAN);
    expect(told.err).toBe('4 lines recorded\n');
    const text = readFileSync(file, 'utf8');
    const [header = '', ...lines] = text.replace(/\n$/, '').split('\n');
    expect(text.endsWith('}\n')).toBe(true);
    expect(readHeader(header)).toMatchObject({ ok: true, config: { sites: [{ site: 'fra' }, { site: 'ams' }] } });
    const read = lines.map(readRecordedLine);
    expect(read.map((line) => line.ok && 'frame' in line.line && line.line.frame.type)).toEqual([
      'hello',
      'batch',
      'batch',
    ]);
    const replayed = started(['replay', file]);
    await replayed.ended;
    expect(exitOf(replayed.child)).toEqual(CLEAN);
    expect(replayed.told.err).toBe('');
    expect(JSON.parse(replayed.told.out.trim().split('\n').at(-1) ?? '')).toMatchObject({ frames: 3, faults: 0 });
  });

  it('ends by itself when its time is over', async () => {
    const { url } = await freshHub();
    const { child, ended, told } = started(recordCall(url, 1));
    await ended;
    expect(exitOf(child)).toEqual(CLEAN);
    expect(told).toMatchObject({ out: expect.stringMatching(/^\{"config":.*\}\n$/), err: '1 lines recorded\n' });
  });

  it('ends without a fault when its reader closes the pipe, and so does the recording at the hub', async () => {
    const { url } = await freshHub();
    const probe = await ProbeSocket.greet(url, 'fra-1');
    const { child, ended, told } = started(recordCall(url, 600));
    await until(() => told.out.includes('"hello"'));
    child.stdout?.destroy();
    let sequence = 0;
    await until(() => {
      sequence += 1;
      probe.send(batchFrame({ sequence }));
      return child.exitCode !== null || child.signalCode !== null;
    });
    await ended;
    expect(exitOf(child)).toEqual(CLEAN);
    expect(told.err).toMatch(/^\d+ lines recorded\n$/);
    await until(async () => (await ask(url, '/metrics')).text.includes('trunkward_recordings 0'));
  });

  it('says what could not be written, and exits 1', async () => {
    const { url } = await freshHub();
    const { child, ended, told } = started(recordCall(url, 600), '/dev/full');
    await ended;
    expect(exitOf(child)).toEqual({ exitCode: 1, signalCode: null });
    expect(told.err).toContain('ENOSPC');
    expect(told.err).not.toContain('    at ');
  });
});

describe('trunkward replay', () => {
  it('ends without a fault when its reader closes the pipe', async () => {
    const recording = fileURLToPath(new URL('../../../docs/examples/dead-provider.ndjson', import.meta.url));
    const { child, ended, told } = started(['replay', recording]);
    child.stdout?.destroy();
    await ended;
    expect({ ...exitOf(child), err: told.err }).toEqual({ ...CLEAN, err: '' });
  });
});
