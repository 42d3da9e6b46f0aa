import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import packageFile from '../package.json' with { type: 'json' };
import { packJson } from '../server/evidence/seal-pack.ts';
import { pack } from './server/evidence/evidence-fixture.ts';

const ENTRY = fileURLToPath(new URL('../trunkward.js', import.meta.url));
const FAULTY = fileURLToPath(new URL('vectors/config/invalid-hub-three-faults.yaml', import.meta.url));
const TOKEN = 'a-token-of-the-command-line-test';

type Outcome = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs the program to its end, at most 15 s. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [ENTRY, ...args],
      { env: { PATH: process.env['PATH'], ...env }, timeout: 15_000 },
      (_cause, out, err) => resolve({ code: child.exitCode, out, err }),
    );
  });
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'trunkward-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function file(document: object): string {
  const path = join(folder(), 'config.yaml');
  writeFileSync(path, stringify(document));
  return path;
}

function hubDocument(changes: object = {}) {
  return {
    listen: { port: 0 },
    dataDir: folder(),
    sites: [{ site: 'fra' }],
    pbxes: [{ pbx: 'fra-1', site: 'fra', probe: 'probe-1', token: { env: 'PROBE_TOKEN' } }],
    providers: [{ provider: 'telco-a', trunks: [{ trunk: 'a', edges: ['a1'] }] }],
    classes: [{ class: 'national', trunks: ['a'] }],
    ...changes,
  };
}

function probeDocument(changes: object = {}) {
  return {
    probe: 'probe-1',
    pbx: 'fra-1',
    hub: { urls: ['ws://127.0.0.1:9/api/v1/probe'], token: { env: 'HUB_TOKEN' } },
    ami: { username: 'probe', secret: { file: '/no/such/file' } },
    dataDir: folder(),
    trunks: [{ trunk: 'a', endpoint: 'telco-a', edges: [{ edge: 'a1', address: '192.0.2.1' }] }],
    classes: [{ class: 'national', prefixes: ['49'], trunks: ['a'] }],
    emergency: { numbers: ['112'], trunks: ['a'] },
    dialRules: [{ prefix: '+', strip: 1 }],
    ...changes,
  };
}

describe('a call of trunkward', () => {
  it.each([
    ['no command', [], 'no command is given'],
    ['an unknown command', ['fly', '--config', FAULTY], 'there is no command fly'],
    ['no configuration', ['hub'], 'hub needs --config FILE'],
    ['two commands', ['hub', 'probe', '--config', FAULTY], 'hub takes options alone, not probe'],
    ['an unknown option', ['hub', '--config', FAULTY, '--force'], "Unknown option '--force'"],
    ['no recording', ['replay'], 'replay needs a recording'],
    ['no pack behind its option', ['evidence', 'pack.json'], 'evidence takes options alone, not pack.json'],
  ])('with %s says so, shows the usage and exits 2', async (_name, args, why) => {
    const { code, err, out } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.split('\n').slice(0, 2)).toEqual([why, 'usage: trunkward hub --config FILE [--check-config]']);
  });

  it.each([['--help'], ['help'], ['probe', '--help']])('%s shows the usage and exits 0', async (...args) => {
    const { code, err, out } = await run(args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^usage: trunkward hub --config FILE/);
    for (const name of ['hub', 'probe', 'dialplan', 'replay', 'record', 'evidence', 'prepare'])
      expect(out).toMatch(new RegExp(`^${name} +[a-z]`, 'm'));
  });

  it('tells its version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, err: '', out: `trunkward ${packageFile.version}\n` });
  });
});

describe('trunkward replay --policy', () => {
  const RECORDING = fileURLToPath(new URL('../docs/examples/dead-provider.ndjson', import.meta.url));

  it('judges a recording by other settings', async () => {
    const path = join(folder(), 'policy.yaml');
    writeFileSync(path, 'modes: [{ function: routing, mode: enforce }]\nrouting: { holdDownMs: 5000 }\n');
    const { code, out } = await run(['replay', RECORDING, '--policy', path]);
    expect(code).toBe(0);
    expect(out).toContain('"mode":"enforce"');
  });

  it.each([
    ['a section that is no policy', 'providers: []\n', 'providers: expected sections of policy'],
    ['nothing', '{}\n', '(file): expected sections of policy'],
  ])('refuses %s', async (_name, text, message) => {
    const path = join(folder(), 'policy.yaml');
    writeFileSync(path, text);
    expect(await run(['replay', RECORDING, '--policy', path])).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
    });
  });

  it('is not given together with --config', async () => {
    expect(await run(['replay', RECORDING, '--policy', 'x', '--config', 'y'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('not together with --config'),
    });
  });
});

describe('trunkward replay', () => {
  it('prints its findings and the summary, and names a line that it could not use', async () => {
    const path = join(folder(), 'case.ndjson');
    const gone = '{"receivedAtEpochMs":1800000000000,"pbx":"fra-1","gone":"closed"}';
    writeFileSync(path, `${JSON.stringify({ config: hubDocument() })}\n${gone}\nno line\n`);
    const { code, err, out } = await run(['replay', path]);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`${path}:3: `) });
    expect(JSON.parse(out)).toMatchObject({ kind: 'replayed', frames: 1, faults: 1 });
  });

  it('exits 2 where there is no recording, or the configuration is not sound', async () => {
    const path = join(folder(), 'case.ndjson');
    writeFileSync(path, '{}\n');
    expect(await run(['replay', path])).toMatchObject({ code: 2, err: expect.stringContaining('line 1') });
    expect(await run(['replay', path, '--config', FAULTY])).toMatchObject({
      code: 2,
      err: expect.stringContaining('colour: unknown key'),
    });
    expect(await run(['replay', '/no/such/file'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('(file): ENOENT'),
    });
    expect(await run(['replay', folder()])).toMatchObject({ code: 2, err: expect.stringContaining(' is a folder') });
  });
});

describe('trunkward record', () => {
  it('names what is wrong with its call and exits 2', async () => {
    const call = ['record', '--hub', 'ftp://hub', '--token-file', '/no/such/file', '--for', '0'];
    const { code, err } = await run(call);
    expect(code).toBe(2);
    for (const place of ['--hub: ', '--for: ', '--token-file: ENOENT']) expect(err).toContain(place);
  });

  it('names a file that holds no token, and does not show what it holds', async () => {
    const path = join(folder(), 'token');
    writeFileSync(path, 'one two three four five six');
    const { code, err } = await run(['record', '--hub', 'http://127.0.0.1:9', '--token-file', path]);
    expect(code).toBe(2);
    expect(err).toContain(`--token-file: ${path}: a token is made of letters`);
    expect(err).not.toContain('three');
  });
});

describe('trunkward hub', () => {
  it('names all three faults of a configuration with their paths and exits 2', async () => {
    for (const extra of [[], ['--check-config']]) {
      const { code, err } = await run(['hub', '--config', FAULTY, ...extra]);
      expect(code).toBe(2);
      expect(
        err
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean)
          .toSorted(),
      ).toEqual(
        [
          `${FAULTY}: 3 faults`,
          'colour: unknown key',
          'listen.port: must be <= 65535',
          'pbxes[0].site: site ams is not configured',
        ].toSorted(),
      );
    }
  });

  it('names missing secrets by their places and exits 2', async () => {
    const document = hubDocument({ tokens: [{ name: 'owner', role: 'admin', token: { file: '/no/such/file' } }] });
    const { code, err } = await run(['hub', '--config', file(document)]);
    expect(code).toBe(2);
    expect(err).toContain('pbxes[0].token: environment variable PROBE_TOKEN is not set');
    expect(err).toMatch(/tokens\[0\]\.token: .*\/no\/such\/file/);
  });

  it.each([
    ['no such file', '/no/such/config.yaml', '(file)'],
    ['a file that is no YAML', undefined, 'line 2'],
  ])('with %s says so and exits 2', async (_name, path, place) => {
    const broken = join(folder(), 'broken.yaml');
    writeFileSync(broken, 'a: [1\n');
    const { code, err } = await run(['hub', '--config', path ?? broken]);
    expect(code).toBe(2);
    expect(err).toContain(place);
  });

  it('only checks a sound configuration with --check-config: it opens and makes nothing', async () => {
    const document = hubDocument({ dataDir: '/no/such/folder/of/ours' });
    const path = file(document);
    const { code, out, err } = await run(['hub', '--config', path, '--check-config'], { PROBE_TOKEN: TOKEN });
    expect({ code, out, err }).toEqual({ code: 0, out: `${path}: sound\n`, err: '' });
  });

  it('names a certificate that cannot be read, before it starts', async () => {
    const tls = { certFile: '/no/such/hub.crt', keyFile: '/no/such/hub.key' };
    const path = file(hubDocument({ listen: { tls } }));
    const { code, err } = await run(['hub', '--config', path, '--check-config'], { PROBE_TOKEN: TOKEN });
    expect(code).toBe(2);
    expect(err).toContain('listen.tls.certFile: ENOENT');
    expect(err).toContain('listen.tls.keyFile: ENOENT');
  });

  it('names a certificate and a key that hold none', async () => {
    const path = join(folder(), 'text');
    writeFileSync(path, 'no PEM at all\n');
    const tls = { certFile: path, keyFile: path };
    const { code, err } = await run(['hub', '--config', file(hubDocument({ listen: { tls } })), '--check-config'], {
      PROBE_TOKEN: TOKEN,
    });
    expect(code).toBe(2);
    expect(err).toContain(`listen.tls.certFile: ${path} holds no certificate in PEM`);
    expect(err).toContain(`listen.tls.keyFile: ${path} holds no private key in PEM`);
  });

  it('says that a file is the other program’s, or empty, in one line', async () => {
    const ofProbe = await run(['hub', '--config', file(probeDocument()), '--check-config']);
    expect(ofProbe).toMatchObject({ code: 2, err: expect.stringContaining("a probe, and a hub's is needed") });
    for (const command of ['probe', 'dialplan']) {
      const ofHub = await run([command, '--config', file(hubDocument())]);
      expect(ofHub).toMatchObject({ code: 2, err: expect.stringContaining("a hub, and a probe's is needed") });
    }
    const empty = join(folder(), 'empty.yaml');
    writeFileSync(empty, '# nothing yet\n');
    expect(await run(['hub', '--config', empty])).toMatchObject({
      code: 2,
      err: `${empty}: 1 fault\n  (file): is empty\n`,
    });
  });

  it('exits 1, promptly, where its address is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const { code, err } = await run(['hub', '--config', file(hubDocument({ listen: { port } }))], {
      PROBE_TOKEN: TOKEN,
    });
    expect(code).toBe(1);
    expect(err).toContain('EADDRINUSE');
  });

  it('runs until it is told to end, and then exits 0', async () => {
    const path = file(hubDocument());
    const child = spawn(process.execPath, [ENTRY, 'hub', '--config', path], {
      env: { PATH: process.env['PATH'], PROBE_TOKEN: TOKEN },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let out = '';
    child.stdout.on('data', (text) => {
      const wasListening = out.includes('hub listens');
      out += String(text);
      if (!wasListening && out.includes('hub listens')) child.kill('SIGTERM');
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(out).toContain('hub ends');
    expect(out).not.toContain(TOKEN);
  });
});

describe('trunkward probe', () => {
  it('names every fault of a configuration with its path and exits 2', async () => {
    const document = probeDocument({
      ami: { host: '10.0.0.1', username: 'x', secret: { env: 'X' } },
      emergency: { numbers: ['112'], trunks: ['z'] },
      hub: { urls: ['ws://hub.example.net/api/v1/probe'], token: { env: 'HUB_TOKEN' } },
    });
    const { code, err } = await run(['probe', '--config', file(document)]);
    expect(code).toBe(2);
    expect(err).toContain('3 faults');
    expect(err).toContain('ami.host: must be one of 127.0.0.1, ::1');
    expect(err).toContain('emergency.trunks[0]: trunk z is not among trunks');
    expect(err).toContain('hub.urls[0]: plaintext to another host needs hub.allowPlaintext: true');
  });

  it('names both missing secrets and exits 2', async () => {
    const { code, err } = await run(['probe', '--config', file(probeDocument())]);
    expect(code).toBe(2);
    expect(err).toContain('hub.token: environment variable HUB_TOKEN is not set');
    expect(err).toMatch(/ami\.secret: .*\/no\/such\/file/);
  });

  it('exits 1, promptly, where the address of its metrics is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const document = probeDocument({ ami: { username: 'probe', secret: { env: 'AMI_SECRET' } }, metrics: { port } });
    const { code, err } = await run(['probe', '--config', file(document)], { HUB_TOKEN: TOKEN, AMI_SECRET: 's' });
    expect(code).toBe(1);
    expect(err).toContain('EADDRINUSE');
  });

  it('only checks with --check-config', async () => {
    const document = probeDocument({
      ami: { username: 'probe', secret: { env: 'AMI_SECRET' } },
      dataDir: '/no/such/one',
    });
    const path = file(document);
    const { code, out } = await run(['probe', '--config', path, '--check-config'], {
      HUB_TOKEN: TOKEN,
      AMI_SECRET: 's',
    });
    expect({ code, out }).toEqual({ code: 0, out: `${path}: sound\n` });
  });
});

describe('trunkward evidence --verify', () => {
  it('finds a sound pack sound, names what was changed in another, and what is none', async () => {
    const path = join(folder(), 'evidence.json');
    const text = packJson(pack());
    writeFileSync(path, text);
    expect(await run(['evidence', '--verify', path])).toMatchObject({
      code: 0,
      out: expect.stringContaining('sound: '),
    });
    writeFileSync(path, text.replace('"lost": 5,', '"lost": 4,'));
    expect(await run(['evidence', '--verify', path])).toMatchObject({
      code: 1,
      err: expect.stringContaining('looks[0].paths[0].lossRatio: says '),
    });
    writeFileSync(path, '{ no json');
    expect((await run(['evidence', '--verify', path])).code).toBe(2);
    expect((await run(['evidence'])).code).toBe(2);
  });
});

describe('trunkward dialplan', () => {
  it('prints the include of a sound configuration, and faults of another as the probe would', async () => {
    const good = await run(['dialplan', '--config', file(probeDocument())]);
    expect(good.code).toBe(0);
    expect(good.out).toContain('trunkward-outbound');
    expect(good.out).toMatch(
      /^; Written by trunkward .*\n; sha256 of all that follows this line: [0-9a-f]{64}\n\[trunkward-outbound\]\n/,
    );
    const bad = await run(['dialplan', '--config', file(probeDocument({ colour: 'red' }))]);
    expect(bad.code).toBe(2);
    expect(bad.err).toContain('colour: unknown key');
  });
});

describe('trunkward install-dialplan', () => {
  it('shows the changes, wants --yes where there is no terminal, and takes out what it put in', async () => {
    const extensions = join(folder(), 'extensions.conf');
    writeFileSync(extensions, '[out]\n');
    const options = ['--config', file(probeDocument()), '--extensions', extensions];
    const asked = await run(['install-dialplan', ...options]);
    expect(asked).toMatchObject({ code: 2, out: expect.stringContaining('+#include trunkward-outbound.conf') });
    expect(asked.err).toBe('nothing was changed: there is no terminal to ask at, and --yes was not given\n');
    expect(readFileSync(extensions, 'utf8')).toBe('[out]\n');
    expect(await run(['install-dialplan', ...options, '--yes'])).toMatchObject({ code: 0, err: '' });
    expect(await run(['install-dialplan', ...options])).toEqual({ code: 0, out: 'nothing to change\n', err: '' });
    const removed = await run(['uninstall-dialplan', '--extensions', extensions, '--yes']);
    expect(removed).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(extensions, 'utf8')).toBe('[out]\n');
  });

  it('refuses a wrong configuration before it looks at a dialplan', async () => {
    const bad = await run(['install-dialplan', '--config', file(probeDocument({ colour: 'red' })), '--yes']);
    expect(bad).toMatchObject({ code: 2, out: '', err: expect.stringContaining('colour: unknown key') });
  });
});
