import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Files that break one rule of the architecture each, planted where the rule applies. */
const PLANTED: readonly { readonly file: string; readonly text: string; readonly rule: string }[] = [
  { file: 'server/paths/reads-clock.ts', text: 'export const nowMs = Date.now();\n', rule: 'no-restricted-globals' },
  {
    file: 'server/routing/draws-lots.ts',
    text: 'export const lot = Math.random();\n',
    rule: 'no-restricted-properties',
  },
  { file: 'server/correlate/waits.ts', text: 'setTimeout(() => undefined, 1);\n', rule: 'no-restricted-globals' },
  {
    file: 'probes/measure/sip/reads-file.ts',
    text: "export { readFileSync } from 'node:fs';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'probes/measure/sip/opens-socket.ts',
    text: "export { createServer } from 'node:net';\n",
    rule: 'no-restricted-imports',
  },
  { file: 'wire/imports-more.ts', text: "export { parse } from 'yaml';\n", rule: 'no-restricted-imports' },
  { file: 'probes/crosses.ts', text: "export { x } from '../server/x.ts';\n", rule: 'no-restricted-imports' },
  { file: 'probes/crosses-probe.ts', text: "export { x } from '../server/x.ts';\n", rule: 'no-restricted-imports' },
  { file: 'server/crosses-server.ts', text: "export { x } from '../probes/x.ts';\n", rule: 'no-restricted-imports' },
  { file: 'server/paths/calls-back.ts', text: "export { x } from '../routing/x.ts';\n", rule: 'no-restricted-imports' },
  {
    file: 'server/correlate/calls-back.ts',
    text: "export { x } from '../routing/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'server/assign/knows-verdict.ts',
    text: "export { x } from '../correlate/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'server/paths/knows-assign.ts',
    text: "export { x } from '../assign/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  { file: 'server/assign/reads-clock.ts', text: 'export const nowMs = Date.now();\n', rule: 'no-restricted-globals' },
  {
    file: 'server/store/knows-stage.ts',
    text: "export { x } from '../correlate/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'probes/measure/icmp/knows-sip.ts',
    text: "export { x } from '../sip/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'probes/measure/trace/knows-host.ts',
    text: "export { x } from '../host/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'probes/measure/host/knows-uplink.ts',
    text: "export { x } from '../../uplink/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'probes/measure/line/opens-socket.ts',
    text: "export { createServer } from 'node:net';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'server/orders/knows-store.ts',
    text: "export { x } from '../store/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'server/actuate/judges.ts',
    text: "export { x } from '../correlate/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'server/actuate/starts-program.ts',
    text: "export { spawn } from 'node:child_process';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'server/actuate/asks-outside.ts',
    text: "export const answer = fetch('http://192.0.2.1/');\n",
    rule: 'no-restricted-globals',
  },
  {
    file: 'server/evidence/asks-disk.ts',
    text: "export { x } from '../store/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'server/evidence/knows-api-runner.ts',
    text: "export { x } from '../api/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  { file: 'server/evidence/reads-clock.ts', text: 'export const nowMs = Date.now();\n', rule: 'no-restricted-globals' },
  {
    file: 'dashboards/live/src/knows-hub.ts',
    text: "export { x } from '../../../server/x.ts';\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'server/cycle-one.ts',
    text: "import { two } from './cycle-two.ts';\nexport const one = (): unknown => two;\n",
    rule: 'no-cycle',
  },
];

const ALLOWED: readonly { readonly file: string; readonly text: string }[] = [
  { file: 'server/paths/clock-runner.ts', text: 'export const readMs = (): number => Date.now();\n' },
  { file: 'probes/measure/sip/file-probe.ts', text: "export { readFileSync } from 'node:fs';\n" },
  { file: 'probes/measure/sip/reads-address.ts', text: "export { isIP } from 'node:net';\n" },
  { file: 'server/evidence/reads-store-runner.ts', text: "export { x } from '../store/x.ts';\n" },
  { file: 'server/routing/reads-verdict.ts', text: "export { x } from '../correlate/x.ts';\n" },
  {
    file: 'server/cycle-two.ts',
    text: "import { one } from './cycle-one.ts';\nexport const two = (): unknown => one;\n",
  },
];

type Finding = { readonly code: string; readonly filename: string };

describe('the linter guards the architecture', () => {
  let dir = '';
  let findings: readonly Finding[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'trunkward-lint-'));
    await cp(join(ROOT, '.oxlintrc.json'), join(dir, '.oxlintrc.json'));
    for (const { file, text } of [...PLANTED, ...ALLOWED]) {
      await mkdir(dirname(join(dir, file)), { recursive: true });
      await writeFile(join(dir, file), text);
    }
    const report = await new Promise<string>((resolve, reject) => {
      const command = join(ROOT, 'node_modules', '.bin', 'oxlint');
      const options = { cwd: dir, maxBuffer: 10_000_000 };
      execFile(
        command,
        ['--no-ignore', '--format', 'json', '--config', '.oxlintrc.json', '.'],
        options,
        (fault, stdout) => {
          if (stdout === '') reject(fault ?? new Error('oxlint printed nothing'));
          else resolve(stdout);
        },
      );
    });
    findings = (JSON.parse(report) as { readonly diagnostics: readonly Finding[] }).diagnostics;
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it.each(PLANTED)('refuses $file ($rule)', ({ file, rule }) => {
    const codes = findings.filter(({ filename }) => filename.endsWith(file)).map(({ code }) => code);
    expect(codes.some((code) => code.includes(rule))).toBe(true);
  });

  it.each(ALLOWED.slice(0, 5))('lets $file be', ({ file }) => {
    const codes = findings.filter(({ filename }) => filename.endsWith(file)).map(({ code }) => code);
    expect(codes.filter((code) => code.includes('restricted'))).toEqual([]);
  });
});
