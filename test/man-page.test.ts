import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PAGE = fileURLToPath(new URL('../docs/man/trunkward.8', import.meta.url));
const ENTRY = fileURLToPath(new URL('../trunkward.js', import.meta.url));

/** The page's source without its escapes and font changes. */
function plain(): string {
  return readFileSync(PAGE, 'utf8').replaceAll('\\-', '-');
}

const usage = execFileSync(process.execPath, [ENTRY, '--help'], { encoding: 'utf8' });

/** Every word of a text that looks like an option. */
function optionsOf(text: string): readonly string[] {
  return [...new Set(text.match(/--[a-z][a-z-]*[a-z]/g))].toSorted();
}

describe('the manual page', () => {
  it('has the sections that man-pages(7) names, in their order', () => {
    const titles = [...plain().matchAll(/^\.SH (.*)$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'COMMANDS',
      'OPTIONS',
      'EXIT STATUS',
      'FILES',
      'EXAMPLES',
      'SEE ALSO',
    ]);
    expect(plain()).toMatch(/^\.TH TRUNKWARD 8 /);
  });

  it('has every command and option of the usage, and no other', () => {
    const [, section = ''] = /^\.SH COMMANDS\n(.*?)^\.SH/ms.exec(plain()) ?? [];
    const commands = [...section.matchAll(/^\.TP\n\.B ([a-z-]+)$/gm)].map(([, name]) => name);
    const used = [...usage.matchAll(/^(?:usage:| {6}) trunkward ([a-z-]+)/gm)].map(([, name]) => name);
    expect(commands).toEqual(used.filter((name) => name !== undefined && !name.startsWith('-')));
    const [, options = ''] = /^\.SH OPTIONS\n(.*?)^\.SH/ms.exec(plain()) ?? [];
    expect(optionsOf(options)).toEqual(optionsOf(usage.split('\n\n')[0] ?? ''));
  });

  it('holds no line that a reader of roff would take for a request by accident, and closes what it opens', () => {
    const requests = new Set(['.TH', '.SH', '.TP', '.PP', '.IP', '.B', '.I', '.BI', '.BR', '.RB', '.IR']);
    const blocks = new Set(['.EX', '.EE', '.RS', '.RE', '.br']);
    const lines = plain().split('\n');
    const unknown = lines.filter((line) => /^[.']/.test(line)).map((line) => line.split(' ')[0] ?? '');
    expect(unknown.filter((name) => !requests.has(name) && !blocks.has(name))).toEqual([]);
    const count = (name: string) => lines.filter((line) => line === name).length;
    expect([count('.EX'), count('.RS')]).toEqual([count('.EE'), count('.RE')]);
  });

  it('is rendered by groff without a warning, where there is groff', () => {
    const { error, status, stderr, stdout } = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-cbou', PAGE], {
      encoding: 'utf8',
    });
    if (error !== undefined && 'code' in error && error.code === 'ENOENT') return;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/Refuses\s+while\s+a\s+line/);
  });
});
