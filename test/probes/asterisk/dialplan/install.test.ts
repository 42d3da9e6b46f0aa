// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { sha256Hex } from '../../../../probes/asterisk/dialplan/digest-client.ts';
import { includesIt, withIncludeLine, withoutIncludeLine } from '../../../../probes/asterisk/dialplan/include-line.ts';
import { type InstallRequest, runInstall } from '../../../../probes/asterisk/dialplan/install-runner.ts';
import { includeState, sealInclude } from '../../../../probes/asterisk/dialplan/sealed-include.ts';

const CONTEXTS = '[trunkward-outbound]\nexten => 112,1,Dial(PJSIP/112@a)\n';
const ORIGINAL = '[general]\nstatic=yes\n\n[out]\nexten => _X.,1,Dial(PJSIP/${EXTEN}@old)\n';

/** A folder like /etc/asterisk with one dialplan, and what the installer said. */
function place(original = ORIGINAL) {
  const folder = mkdtempSync(join(tmpdir(), 'trunkward-install-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [extensions, include] = [join(folder, 'extensions.conf'), join(folder, 'trunkward-outbound.conf')];
  writeFileSync(extensions, original);
  const said: string[] = [];
  const run = async (changes: Partial<InstallRequest> = {}) =>
    await runInstall({
      extensionsFile: extensions,
      contexts: CONTEXTS,
      mayDiscard: false,
      mayReload: false,
      say: (text) => void said.push(text),
      mayChange: async () => await Promise.resolve(true),
      ...changes,
    });
  return { folder, extensions, include, said, run, read: (file: string) => readFileSync(file, 'utf8') };
}

/** Puts a program called `asterisk` first in the path; it writes down its commands and answers by a file. */
function fakeAsterisk(folder: string, shown: string): string {
  const [bin, log] = [join(folder, 'bin'), join(folder, 'commands')];
  mkdirSync(bin);
  writeFileSync(join(folder, 'shown'), shown);
  writeFileSync(join(bin, 'asterisk'), `#!/bin/sh\necho "$*" >> ${log}\ncat ${join(folder, 'shown')}\n`);
  chmodSync(join(bin, 'asterisk'), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return log;
}

describe('installing', () => {
  test('shows both changes before it asks, and writes the sealed include and one line', async () => {
    const { extensions, include, read, run, said } = place();
    const before = await run({
      mayChange: async () => {
        expect(said.join('')).toContain(`+++ ${include}\n@@ -0,0 +1,4 @@`);
        expect(said.join('')).toContain('+#include trunkward-outbound.conf ; by trunkward install-dialplan\n');
        expect(existsSync(include)).toBe(false);
        return await Promise.resolve(true);
      },
    });
    expect(before).toEqual({ kind: 'done' });
    expect(read(extensions)).toBe(`${ORIGINAL}#include trunkward-outbound.conf ; by trunkward install-dialplan\n`);
    // sha256sum of CONTEXTS, by coreutils.
    const digest = 'acfec3aca225cb8ed16d5dedf7f4428c20f8ed2d94743b8aca3d4f43267c7838';
    expect(read(include)).toBe(
      `; Written by trunkward from the probe's config. Changes made here are lost.\n; sha256 of all that follows this line: ${digest}\n${CONTEXTS}`,
    );
    expect(read(`${extensions}.trunkward-backup`)).toBe(ORIGINAL);
  });

  test('a second time there is nothing to change and nobody is asked', async () => {
    const { run, said } = place();
    await run();
    said.length = 0;
    const mayChange = vi.fn<InstallRequest['mayChange']>();
    expect(await run({ mayChange })).toEqual({ kind: 'done' });
    expect(said).toEqual(['nothing to change\n']);
    expect(mayChange).not.toHaveBeenCalled();
  });

  test.each([
    [false, 'declined'],
    [undefined, 'nobody-to-ask'],
  ] as const)('told %s, it changes nothing', async (answer, kind) => {
    const { extensions, include, read, run } = place();
    expect(await run({ mayChange: async () => await Promise.resolve(answer) })).toEqual({ kind });
    expect([read(extensions), existsSync(include)]).toEqual([ORIGINAL, false]);
  });

  test('an include that was edited is left alone, until its edits may be put aside', async () => {
    const { include, read, run } = place();
    await run();
    const edited = read(include).replace('112@a', '112@b');
    writeFileSync(include, edited);
    const refusal = { kind: 'refused', place: include, fault: expect.stringContaining('was edited since') };
    expect(await run()).toEqual(refusal);
    expect(read(include)).toBe(edited);
    expect(await run({ mayDiscard: true })).toEqual({ kind: 'done' });
    expect(read(`${include}.trunkward-backup`)).toBe(edited);
    expect(read(include)).toContain('112@a');
  });

  test('a file of somebody else in its place is left alone', async () => {
    const { include, run } = place();
    writeFileSync(include, '[trunkward-outbound]\n');
    expect(await run()).toMatchObject({ kind: 'refused', fault: expect.stringContaining('was not written by') });
  });

  test('an #include that stands there by hand is enough, commented ones are not', async () => {
    const byHand = `#include "trunkward-outbound.conf"\n${ORIGINAL}`;
    const { extensions, read, run } = place(byHand);
    await run();
    expect(read(extensions)).toBe(byHand);
    expect(withIncludeLine(';#include trunkward-outbound.conf\n')).toEqual({
      ok: true,
      text: ';#include trunkward-outbound.conf\n#include trunkward-outbound.conf ; by trunkward install-dialplan\n',
    });
  });

  test('a file that FreePBX writes, and one that is not there, are refused with what to name', async () => {
    const generated = place('#include extensions_additional.conf\n');
    expect(await generated.run()).toMatchObject({
      kind: 'refused',
      fault: expect.stringContaining('extensions_custom'),
    });
    const missing = place();
    rmSync(missing.extensions);
    expect(await missing.run()).toMatchObject({ kind: 'refused', fault: expect.stringContaining('is not there') });
  });

  test('rights are kept, a new include takes those of the dialplan, and a symbolic link stays one', async () => {
    const { extensions, folder, include, run } = place();
    const real = join(folder, 'real.conf');
    writeFileSync(real, ORIGINAL);
    chmodSync(real, 0o640);
    rmSync(extensions);
    symlinkSync(real, extensions);
    await run();
    expect(lstatSync(extensions).isSymbolicLink()).toBe(true);
    expect([real, include].map((file) => statSync(file).mode & 0o777)).toEqual([0o640, 0o640]);
    expect(existsSync(`${real}.trunkward-new`)).toBe(false);
  });

  test('a file that somebody changed while we asked is not written over', async () => {
    const { extensions, include, read, run } = place();
    const outcome = await run({
      mayChange: async () => {
        writeFileSync(extensions, '; new\n');
        return await Promise.resolve(true);
      },
    });
    expect(outcome).toMatchObject({ kind: 'refused', fault: expect.stringContaining('changed by somebody else') });
    expect([read(extensions), existsSync(include)]).toEqual(['; new\n', false]);
  });
});

describe('reloading', () => {
  test('is never done unasked', async () => {
    const { folder, run } = place();
    const log = fakeAsterisk(folder, "[ Context 'trunkward-outbound' created by 'pbx_config' ]\n");
    await run();
    expect(existsSync(log)).toBe(false);
  });

  test('told to, it reloads and sees that the include is there', async () => {
    const { folder, read, run } = place();
    const log = fakeAsterisk(folder, "[ Context 'trunkward-outbound' created by 'pbx_config' ]\n");
    expect(await run({ mayReload: true })).toEqual({ kind: 'done' });
    expect(read(log)).toBe('-rx dialplan reload\n-rx dialplan show trunkward-outbound\n');
  });

  test('says so where Asterisk has not taken it', async () => {
    const { folder, run } = place();
    fakeAsterisk(folder, "There is no existence of 'trunkward-outbound' context\n");
    expect(await run({ mayReload: true })).toMatchObject({ kind: 'not-loaded' });
  });
});

describe('taking out', () => {
  test('leaves the dialplan as it was, to the byte, whatever it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 60 }), fc.constantFrom('', '\n', '\r\n', '\n\n'), async (text, end) => {
        const original = text + end;
        const added = withIncludeLine(original);
        const removed = added.ok ? withoutIncludeLine(added.text) : added;
        expect(removed).toEqual({ ok: true, text: original });
        await Promise.resolve();
      }),
    );
    const { extensions, include, read, run } = place(ORIGINAL.trimEnd());
    await run();
    expect(await run({ contexts: undefined })).toEqual({ kind: 'done' });
    expect([read(extensions), existsSync(include)]).toEqual([ORIGINAL.trimEnd(), false]);
  });

  test.each([
    ['[a]\nx=1', 'y=2\n', '[a]\nx=1\ny=2\n'],
    ['[a]\nx=1\n', 'y=2', '[a]\nx=1\ny=2'],
    ['', '[b]\n', '[b]\n'],
  ])('keeps what was added behind our line, on lines of its own: %j and %j', (original, added, wanted) => {
    const installed = withIncludeLine(original);
    expect(withoutIncludeLine(`${installed.ok ? installed.text : ''}${added}`)).toEqual({ ok: true, text: wanted });
  });

  test.each([
    ['#include "/etc/asterisk/trunkward-outbound.conf"', true],
    [' #tryinclude <trunkward-outbound.conf>', true],
    ['#include trunkward-outbound.conf.old', false],
    ['#include my-trunkward-outbound.conf', false],
  ])('%s is an include of it: %s', (line, isOne) => {
    expect(includesIt(`[a]\n${line}\n[b]\n`)).toBe(isOne);
  });

  test('is refused while a line goes to it, named by its number; a comment is none', async () => {
    const { extensions, include, read, run } = place();
    await run();
    writeFileSync(
      extensions,
      read(extensions).replace('Dial(PJSIP/${EXTEN}@old)', 'Goto(trunkward-outbound,${EXTEN},1)'),
    );
    expect(await run({ contexts: undefined })).toEqual({
      kind: 'refused',
      place: extensions,
      fault: 'line 5 still goes to trunkward-outbound: point those calls elsewhere first',
    });
    expect(existsSync(include)).toBe(true);
    expect(withoutIncludeLine('; Goto(trunkward-outbound,1,1)\n').ok).toBe(true);
  });

  test('leaves a line that was put by hand, and the include with it', async () => {
    const { include, run } = place(`#tryinclude <trunkward-outbound.conf>\n${ORIGINAL}`);
    await run();
    expect(await run({ contexts: undefined })).toMatchObject({
      kind: 'refused',
      fault: expect.stringContaining('by hand'),
    });
    expect(existsSync(include)).toBe(true);
  });

  test('an include that was edited stays', async () => {
    const { include, read, run } = place();
    await run();
    writeFileSync(include, `${read(include)}; mine\n`);
    expect(await run({ contexts: undefined })).toMatchObject({ kind: 'refused', place: include });
  });
});

test('any change of a sealed include breaks its seal', () => {
  const sealed = sealInclude(CONTEXTS, sha256Hex);
  expect(includeState(sealed, sha256Hex)).toBe('sealed');
  for (let at = 0; at < sealed.length; at += 1) {
    expect(includeState(`${sealed.slice(0, at)}~${sealed.slice(at + 1)}`, sha256Hex)).not.toBe('sealed');
    expect(includeState(sealed.slice(0, at), sha256Hex)).not.toBe('sealed');
  }
});
