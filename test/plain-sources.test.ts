import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const HOOK = fileURLToPath(new URL('../plain-sources.js', import.meta.url));

/** A program of two files in a folder of its own, whose path is no plain word. */
function program() {
  const folder = mkdtempSync(join(tmpdir(), 'trunkward plain-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  cpSync(HOOK, join(folder, 'plain-sources.js'));
  mkdirSync(join(folder, 'part'));
  write('package.json', '{"type":"module"}');
  write('part/said.ts', "export const said: string = 'first';\n");
  write(
    'main.ts',
    `import { said } from './part/said.ts';
const isStripperThere: boolean = process.moduleLoadList.includes('NativeModule internal/deps/amaro/dist/index');
console.log(JSON.stringify({ said, isStripperThere, line: new Error(said as string).stack?.split('\\n')[1] }));
`,
  );
  return { folder, write, copy: join(folder, '.cache/plain/part/said.ts') };
}

function run(
  folder: string,
): Promise<{ readonly said: string; readonly isStripperThere: boolean; readonly line: string }> {
  const flags = [
    '--disable-warning=ExperimentalWarning',
    `--import=${pathToFileURL(join(folder, 'plain-sources.js')).href}`,
  ];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...flags, join(folder, 'main.ts')], { env: {}, timeout: 15_000 }, (cause, out) => {
      if (cause) reject(cause);
      else resolve(JSON.parse(out));
    });
  });
}

test('strips types once: later starts take the copies, with lines and columns as in the source', async () => {
  const { folder } = program();
  expect(await run(folder)).toMatchObject({ said: 'first', isStripperThere: true });
  const later = await run(folder);
  expect(later).toMatchObject({ said: 'first', isStripperThere: false });
  expect(later.line).toMatch(/main\.ts:3:59\)?$/);
});

test('a copy of another source is not taken, and is replaced', async () => {
  const { copy, folder, write } = program();
  await run(folder);
  write('part/said.ts', "export const said: string = 'second';\n");
  expect(await run(folder)).toMatchObject({ said: 'second' });
  expect(readFileSync(copy, 'utf8')).toContain('second');
  writeFileSync(copy, readFileSync(copy, 'utf8').slice(0, 20));
  expect(await run(folder)).toMatchObject({ said: 'second' });
});

test('runs where no copy can be kept', async () => {
  const { folder, write } = program();
  write('.cache', 'no folder');
  expect(await run(folder)).toMatchObject({ said: 'first', isStripperThere: true });
  expect(existsSync(join(folder, '.cache/plain'))).toBe(false);
});

/** The whole program in a folder of its own. */
function wholeProgram() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'trunkward-prepare-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const parts = ['wire', 'probes', 'server', 'package.json', 'trunkward.js', 'plain-sources.js'];
  const ownFiles = readdirSync(root).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
  for (const part of [...parts, ...ownFiles]) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function prepare(args: readonly string[], folder: string): Promise<{ readonly code: number; readonly said: string }> {
  return new Promise((resolve) => {
    const command = [...args, join(folder, 'trunkward.js'), 'prepare'];
    execFile(process.execPath, command, { env: {}, timeout: 60_000 }, (cause, out, err) => {
      resolve({ code: Number(cause?.code ?? 0), said: `${out}${err}` });
    });
  });
}

test('`trunkward prepare` says that it prepared only what is on disk', { timeout: 120_000 }, async () => {
  const folder = wholeProgram();
  const { code, said } = await prepare([], folder);
  expect([code, said]).toEqual([
    0,
    expect.stringMatching(/^prepared: \d{3} sources without types in .*\/\.cache\/plain\/\n$/),
  ]);
  expect(existsSync(join(folder, '.cache/plain/server/main.ts'))).toBe(true);
  expect(existsSync(join(folder, '.cache/plain/probes/measure/rtp/mesh.worker.ts'))).toBe(true);
});

test('`trunkward prepare` says so, and fails, where nothing could be written', { timeout: 120_000 }, async () => {
  const folder = wholeProgram();
  writeFileSync(join(folder, '.cache'), 'no folder');
  const { code, said } = await prepare([], folder);
  expect([code, said]).toEqual([
    1,
    expect.stringMatching(/^not prepared: (\d{3}) of \1 sources could not be kept in .*: E[A-Z]+: /),
  ]);
  const without = await prepare(['--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'], folder);
  expect([without.code, without.said]).toEqual([1, expect.stringMatching(/^not prepared: started so, /)]);
});
