import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readDocument } from './config-document.ts';
import { fetchSecret } from './secret-source.ts';
import type { SchemaFault } from './wire/schema-faults.ts';

const USAGE = `usage: trunkward hub --config FILE [--check-config]
       trunkward probe --config FILE [--check-config]
       trunkward dialplan --config FILE
       trunkward replay FILE.ndjson [--config FILE]
       trunkward record --hub URL --token-file FILE [--ca-file FILE] [--for SECONDS] > FILE.ndjson
       trunkward evidence --verify FILE.json
       trunkward prepare
`;

/** Exit code when the call or the configuration is wrong. */
const WRONG = 2;

type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

function load(file: string): Checked<unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    return { ok: false, faults: [{ path: '(file)', message: cause instanceof Error ? cause.message : 'unreadable' }] };
  }
  const result = readDocument(text);
  return result.ok ? { ok: true, value: result.document } : result;
}

function complain(file: string, faults: readonly SchemaFault[]): void {
  process.stderr.write(`${file}: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}\n`);
  for (const { path, message } of faults) process.stderr.write(`  ${path}: ${message}\n`);
  process.exitCode = WRONG;
}

function unreadableFile(path: string, file: string | undefined): readonly SchemaFault[] {
  if (file === undefined) return [];
  try {
    readFileSync(file);
    return [];
  } catch (cause) {
    return [{ path, message: cause instanceof Error ? cause.message : 'unreadable' }];
  }
}

async function hub(file: string, document: unknown, isCheckOnly: boolean): Promise<void> {
  const { readHubConfig } = await import('./server/config.ts');
  const { fetchHubSecrets } = await import('./server/hub-secrets.ts');
  const read = readHubConfig(document);
  if (!read.ok) return complain(file, read.faults);
  const fetched = fetchHubSecrets(read.config, fetchSecret);
  if (!fetched.ok) return complain(file, fetched.faults);
  const { tls } = read.config.listen;
  const unreadable = [
    ...unreadableFile('listen.tls.certFile', tls?.certFile),
    ...unreadableFile('listen.tls.keyFile', tls?.keyFile),
  ];
  if (unreadable.length > 0) return complain(file, unreadable);
  if (isCheckOnly) {
    process.stdout.write(`${file}: sound\n`);
    return;
  }
  const { runHub } = await import('./server/main.ts');
  await runHub(read.config, fetched.secrets);
}

async function probe(file: string, document: unknown, isCheckOnly: boolean): Promise<void> {
  const { readProbeConfig } = await import('./probes/config.ts');
  const { fetchProbeSecrets } = await import('./probes/probe-secrets.ts');
  const read = readProbeConfig(document);
  if (!read.ok) return complain(file, read.faults);
  const fetched = fetchProbeSecrets(read.config, fetchSecret);
  if (!fetched.ok) return complain(file, fetched.faults);
  const unreadable = unreadableFile('hub.caFile', read.config.hub.caFile);
  if (unreadable.length > 0) return complain(file, unreadable);
  if (isCheckOnly) {
    process.stdout.write(`${file}: sound\n`);
    return;
  }
  const { runProbe } = await import('./probes/main.ts');
  await runProbe(read.config, fetched.secrets);
}

async function dialplan(file: string, document: unknown): Promise<void> {
  const { readProbeConfig } = await import('./probes/config.ts');
  const { renderDialplan } = await import('./probes/asterisk/dialplan/render.ts');
  const read = readProbeConfig(document);
  if (!read.ok) return complain(file, read.faults);
  const rendered = renderDialplan(read.config);
  if (!rendered.ok) return complain(file, rendered.faults);
  process.stdout.write(rendered.text);
}

async function replay(file: string, configFile: string | undefined): Promise<void> {
  const { runReplay } = await import('./server/replay/main.ts');
  if (configFile === undefined) {
    process.exitCode = await runReplay(file, undefined);
    return;
  }
  const { readHubConfig } = await import('./server/config.ts');
  const loaded = load(configFile);
  if (!loaded.ok) return complain(configFile, loaded.faults);
  const read = readHubConfig(loaded.value);
  if (!read.ok) return complain(configFile, read.faults);
  process.exitCode = await runReplay(file, read.config);
}

async function record(hubUrl: string, tokenFile: string, caFile: string | undefined, forText: string): Promise<void> {
  const isClear = URL.canParse(hubUrl) && new URL(hubUrl).protocol === 'http:';
  const { isLoopbackHost } = await import('./server/ingest/token-check.ts');
  const isLoopback = isClear && isLoopbackHost(new URL(hubUrl).host);
  const forS = /^\d{1,5}$/.test(forText) ? Number(forText) : 0;
  const faults = [
    ...(/^https?:/.test(hubUrl) && URL.canParse(hubUrl) ? [] : [{ path: '--hub', message: 'expected http(s)://…' }]),
    ...(isClear && !isLoopback
      ? [{ path: '--hub', message: 'the token would go in clear: https, or http to this machine alone' }]
      : []),
    ...(forS >= 1 && forS <= 86_400 ? [] : [{ path: '--for', message: 'expected 1 to 86400 seconds' }]),
    ...unreadableFile('--token-file', tokenFile),
    ...unreadableFile('--ca-file', caFile),
  ];
  if (faults.length > 0) return complain('record', faults);
  const { runRecord } = await import('./server/replay/main.ts');
  process.exitCode = await runRecord({ hub: hubUrl, tokenFile, caFile, forS });
}

/** Works every figure and digest of an evidence file out anew, and says what does not hold. */
async function verifyEvidence(file: string): Promise<void> {
  const { sha256Hex } = await import('./server/evidence/pack-runner.ts');
  const { verifyPack } = await import('./server/evidence/verify-pack.ts');
  const unreadable = unreadableFile('(file)', file);
  if (unreadable.length > 0) return complain(file, unreadable);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    return complain(file, [{ path: '(file)', message: cause instanceof Error ? cause.message : 'no JSON' }]);
  }
  const { digests, faults, figures } = verifyPack(document, sha256Hex);
  if (faults.length === 0) {
    process.stdout.write(
      `${file}: sound: ${figures} counts with their intervals and ${digests} digests worked out anew\n`,
    );
    return;
  }
  complain(file, faults);
  process.exitCode = 1;
}

/**
 * Loads both programs once, so that copies without types are on disk and even the first start after an upgrade needs no
 * type stripper, which would stay in memory for the life of the process. @see plain-sources.js
 */
async function prepare(): Promise<void> {
  await Promise.all([
    import('./server/config.ts'),
    import('./server/hub-secrets.ts'),
    import('./server/main.ts'),
    import('./server/store/node-sqlite-runner.ts'),
    import('./probes/config.ts'),
    import('./probes/probe-secrets.ts'),
    import('./probes/main.ts'),
    import('./probes/asterisk/dialplan/render.ts'),
  ]);
  const { prepareThreads } = await import('./probes/prepare-runner.ts');
  await prepareThreads();
  process.stdout.write('prepared\n');
  process.exit(0);
}

/**
 * Runs the command that the process was called with. Sets the exit code: 0 done, 1 failed while running, 2 the call or
 * the configuration is wrong.
 */
export async function main(): Promise<void> {
  try {
    await run();
  } catch (cause) {
    const isMisuse = cause instanceof TypeError && 'code' in cause && String(cause.code).startsWith('ERR_PARSE_ARGS');
    if (isMisuse) process.stderr.write(`${cause.message}\n${USAGE}`);
    else process.stderr.write(`${faultText(cause)}\n`);
    process.exitCode = isMisuse ? WRONG : 1;
  }
}

/** An operational fault (it has a code of docs/errors.md or of the system) in a line or two; a broken invariant with its stack. */
function faultText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (!('code' in cause)) return cause.stack ?? cause.message;
  const why = cause.cause instanceof Error ? `\n  because: ${cause.cause.message}` : '';
  return `${String(cause.code)}: ${cause.message}${why}`;
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      'check-config': { type: 'boolean', default: false },
      hub: { type: 'string' },
      'token-file': { type: 'string' },
      'ca-file': { type: 'string' },
      for: { type: 'string', default: '60' },
      verify: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command] = positionals;
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (command === 'prepare' && positionals.length === 1) {
    await prepare();
    return;
  }
  if (command === 'evidence' && positionals.length === 1 && values.verify !== undefined) {
    await verifyEvidence(values.verify);
    return;
  }
  const [, recording] = positionals;
  if (command === 'replay' && recording !== undefined && positionals.length === 2) {
    await replay(recording, values.config);
    return;
  }
  const { 'token-file': tokenFile, hub: hubUrl } = values;
  if (command === 'record' && positionals.length === 1 && hubUrl !== undefined && tokenFile !== undefined) {
    await record(hubUrl, tokenFile, values['ca-file'], values.for);
    return;
  }
  const file = values.config;
  if (positionals.length !== 1 || file === undefined || !['hub', 'probe', 'dialplan'].includes(command ?? '')) {
    process.stderr.write(USAGE);
    process.exitCode = WRONG;
    return;
  }
  const loaded = load(file);
  if (!loaded.ok) {
    complain(file, loaded.faults);
    return;
  }
  if (command === 'hub') await hub(file, loaded.value, values['check-config']);
  else if (command === 'probe') await probe(file, loaded.value, values['check-config']);
  else await dialplan(file, loaded.value);
}
