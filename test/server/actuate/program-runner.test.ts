import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runProgram } from '../../../server/actuate/program-runner.ts';

const MESSAGE = { id: 'exec.page.fra-1.national.3.4', attempt: 2, body: '{"sentence":"$(touch /tmp/x); `id`"}' };
const open = () => new AbortController().signal;

/** Node itself is the program: it runs everywhere, and no shell is between. */
function program(script: string, changes: Partial<Parameters<typeof runProgram>[0]> = {}) {
  return {
    program: process.execPath,
    args: ['-e', script],
    env: {},
    timeoutMs: 20_000,
    maxOutputBytes: 100,
    ...changes,
  };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'trunkward-exec-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('a program of the hub’s own file', () => {
  it('gets the message on its input, its arguments as they stand, and no environment but its own', async () => {
    const file = join(folder(), 'seen.json');
    const script = `let text = ''; process.stdin.on('data', (part) => { text += part; }).on('end', () =>
      require('node:fs').writeFileSync(process.env.OUT, JSON.stringify({ text, argv: process.argv.slice(1), env: process.env, cwd: process.cwd() })));`;
    const settings = program(script, { env: { OUT: file }, args: ['-e', script, '--', '$HOME; rm -rf /', '*'] });
    expect(await runProgram(settings, MESSAGE, open())).toEqual({ kind: 'made' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      text: `${MESSAGE.body}\n`,
      argv: ['$HOME; rm -rf /', '*'],
      env: { OUT: file, TRUNKWARD_DELIVERY_ID: MESSAGE.id, TRUNKWARD_ATTEMPT: '2' },
      cwd: '/',
    });
  });

  it('that fails says why, in bounded words', async () => {
    const script = "process.stderr.write('no pager\\u0007\\n' + 'x'.repeat(1e6), () => process.exit(3));";
    const result = await runProgram(program(script), MESSAGE, open());
    expect(result).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/^status 3: no pager x+$/) });
    expect(result.kind === 'failed' && result.reason.length).toBeLessThan(120);
  });

  it('that takes no input and talks without end is done when it ends', async () => {
    const script = "process.stdin.destroy(); process.stdout.write('y'.repeat(5e6), () => process.exit(0));";
    const long = { ...MESSAGE, body: JSON.stringify('z'.repeat(2e6)) };
    expect(await runProgram(program(script), long, open())).toEqual({ kind: 'made' });
  });

  it('that does not end is ended, and so is what it started', async () => {
    const file = join(folder(), 'child.pid');
    const child = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);";
    const script = `process.on('SIGTERM', () => undefined);
      const started = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' });
      require('node:fs').writeFileSync(process.env.OUT, String(started.pid)); setInterval(() => undefined, 1000);`;
    const result = await runProgram(program(script, { env: { OUT: file }, timeoutMs: 3000 }), MESSAGE, open());
    expect(result).toEqual({ kind: 'failed', reason: 'not done within 3000 ms' });
    const pid = Number(readFileSync(file, 'utf8'));
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 5000);
  });

  it('that is not there, or may not be run, is refused', async () => {
    const missing = await runProgram(program('', { program: '/nowhere/at-all' }), MESSAGE, open());
    expect(missing).toEqual({ kind: 'refused', reason: '/nowhere/at-all cannot be run: ENOENT' });
    expect(await runProgram(program('', { program: '/etc/passwd' }), MESSAGE, open())).toMatchObject({
      kind: 'refused',
    });
  });

  it('ends with the hub', async () => {
    const end = new AbortController();
    const result = runProgram(program('setInterval(() => undefined, 1000);'), MESSAGE, end.signal);
    end.abort();
    expect(await result).toEqual({ kind: 'failed', reason: 'the hub ends' });
  });
});
