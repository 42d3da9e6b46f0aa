import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readDocument } from './config-document.ts';
import { badCertificate, badKeyPair, badTokenFile, mistakenFile, unreadableFile } from './file-faults.ts';
import type { InstallFlags } from './install-command.ts';
import { fetchSecret } from './secret-source.ts';
import type { SchemaFault } from './wire/schema-faults.ts';

const USAGE = `usage: trunkward hub --config FILE [--check-config]
       trunkward probe --config FILE [--check-config]
       trunkward dialplan --config FILE
       trunkward install-dialplan --config FILE [--extensions FILE] [--yes] [--discard-edits] [--reload]
       trunkward uninstall-dialplan [--extensions FILE] [--yes] [--discard-edits] [--reload]
       trunkward replay FILE.ndjson [--config FILE | --policy FILE]
       trunkward record --hub URL --token-file FILE [--ca-file FILE] [--for SECONDS] > FILE.ndjson
       trunkward evidence --verify FILE.json
       trunkward prepare
       trunkward --help | --version

hub       judges what the probes of all PBXs see; --check-config names every fault of its file and starts nothing
probe     measures beside one Asterisk, by a file of its own
dialplan  prints the include for extensions.conf that a probe's file (not the hub's) makes; install-dialplan puts it beside
          /etc/asterisk/extensions.conf and includes it there, uninstall-dialplan takes it out; both show the changes and ask
replay    judges a recording again, by its own policy or by a hub's file; findings as one JSON object a line
record    writes down what a hub takes in, for 60 seconds unless told; needs a token with the role operator
evidence  works every figure and digest of an evidence pack out anew
prepare   keeps copies of the sources without types; once after each upgrade
Exit codes: 0 done, 1 failed while running or something did not hold, 2 the call or a file is wrong.
`;

const COMMANDS = [
  'hub',
  'probe',
  'dialplan',
  'install-dialplan',
  'uninstall-dialplan',
  'replay',
  'record',
  'evidence',
  'prepare',
] as const;

/** Exit code when the call or the configuration is wrong. */
const WRONG = 2;

type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

function load(file: string): Checked<unknown> {
  const unreadable = unreadableFile('(file)', file);
  if (unreadable.length > 0) return { ok: false, faults: unreadable };
  const result = readDocument(readFileSync(file, 'utf8'));
  if (result.ok && result.document === null) return { ok: false, faults: [{ path: '(file)', message: 'is empty' }] };
  return result.ok ? { ok: true, value: result.document } : result;
}

function complain(file: string, faults: readonly SchemaFault[]): void {
  process.stderr.write(`${file}: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}\n`);
  for (const { path, message } of faults) process.stderr.write(`  ${path}: ${message}\n`);
  process.exitCode = WRONG;
}

async function hub(file: string, document: unknown, isCheckOnly: boolean): Promise<void> {
  const { readHubConfig } = await import('./server/config.ts');
  const { fetchHubSecrets } = await import('./server/hub-secrets.ts');
  const mistaken = mistakenFile(document, 'hub');
  if (mistaken.length > 0) return complain(file, mistaken);
  const read = readHubConfig(document);
  if (!read.ok) return complain(file, read.faults);
  const fetched = fetchHubSecrets(read.config, fetchSecret);
  const { tls } = read.config.listen;
  const unusable = [...(fetched.ok ? [] : fetched.faults), ...(tls ? badKeyPair(tls.certFile, tls.keyFile) : [])];
  if (!fetched.ok || unusable.length > 0) return complain(file, unusable);
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
  const mistaken = mistakenFile(document, 'probe');
  if (mistaken.length > 0) return complain(file, mistaken);
  const read = readProbeConfig(document);
  if (!read.ok) return complain(file, read.faults);
  const fetched = fetchProbeSecrets(read.config, fetchSecret);
  const unusable = [
    ...(fetched.ok ? [] : fetched.faults),
    ...badCertificate('hub.caFile', read.config.hub.caFile),
    ...read.config.trunks.flatMap(({ edges }, at) =>
      edges.flatMap(({ caFile }, edgeAt) => badCertificate(`trunks[${at}].edges[${edgeAt}].caFile`, caFile)),
    ),
  ];
  if (!fetched.ok || unusable.length > 0) return complain(file, unusable);
  if (isCheckOnly) {
    process.stdout.write(`${file}: sound\n`);
    return;
  }
  const { runProbe } = await import('./probes/main.ts');
  await runProbe(read.config, fetched.secrets);
}

/** The contexts that a probe's file makes; undefined where it is wrong, which is told. */
async function dialplanContexts(file: string, document: unknown): Promise<string | undefined> {
  const { readProbeConfig } = await import('./probes/config.ts');
  const { renderDialplan } = await import('./probes/asterisk/dialplan/render.ts');
  const mistaken = mistakenFile(document, 'probe');
  const read = mistaken.length > 0 ? { ok: false as const, faults: mistaken } : readProbeConfig(document);
  const rendered = read.ok ? renderDialplan(read.config) : read;
  if (rendered.ok) return rendered.text;
  complain(file, rendered.faults);
  return undefined;
}

async function dialplan(file: string, document: unknown): Promise<void> {
  const { sealInclude } = await import('./probes/asterisk/dialplan/sealed-include.ts');
  const { sha256Hex } = await import('./probes/asterisk/dialplan/digest-client.ts');
  const contexts = await dialplanContexts(file, document);
  if (contexts !== undefined) process.stdout.write(sealInclude(contexts, sha256Hex));
}

async function install(contexts: string | undefined, flags: InstallFlags): Promise<void> {
  const { installDialplan } = await import('./install-command.ts');
  process.exitCode = await installDialplan(contexts, flags);
}

async function replay(file: string, configFile: string | undefined): Promise<void> {
  const unreadable = unreadableFile('(file)', file);
  if (unreadable.length > 0) return complain(file, unreadable);
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

/** Replays under other settings: a file with some of the sections that are policy, and nothing else. */
async function replayUnderPolicy(file: string, policyFile: string): Promise<void> {
  const { POLICY_SECTIONS } = await import('./server/replay/replay-runner.ts');
  const { runReplay } = await import('./server/replay/main.ts');
  const loaded = load(policyFile);
  if (!loaded.ok) return complain(policyFile, loaded.faults);
  const policy = Object(loaded.value) as Readonly<Record<string, unknown>>;
  const known: readonly string[] = POLICY_SECTIONS;
  const others = Object.keys(policy).filter((name) => !known.includes(name));
  if (others.length > 0 || Object.keys(policy).length === 0) {
    const message = `expected sections of policy, ${known.join(', ')}`;
    return complain(
      policyFile,
      (others.length > 0 ? others : ['(file)']).map((path) => ({ path, message })),
    );
  }
  process.exitCode = await runReplay(file, undefined, policy);
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
    ...badTokenFile('--token-file', tokenFile),
    ...badCertificate('--ca-file', caFile),
  ];
  if (faults.length > 0) return complain('record', faults);
  const { runRecord } = await import('./server/replay/main.ts');
  process.exitCode = await runRecord({ hub: hubUrl, tokenFile, caFile, forS });
}

/** Works every figure and digest of an evidence file out anew, and says what does not hold. */
async function verifyEvidence(file: string): Promise<void> {
  const { sha256Hex } = await import('./server/evidence/digest-client.ts');
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
 * type stripper, which would stay in memory for the life of the process. Exit code 1 where not all copies are there.
 * @see plain-sources.js
 */
async function prepare(): Promise<void> {
  const isUsed = process.execArgv.some((flag) => flag.startsWith('--import=') && flag.endsWith('/plain-sources.js'));
  const { copies } = await import('./plain-sources.js');
  await Promise.all([
    import('./server/config.ts'),
    import('./server/hub-secrets.ts'),
    import('./server/main.ts'),
    import('./server/store/node-sqlite-runner.ts'),
    import('./probes/config.ts'),
    import('./probes/probe-secrets.ts'),
    import('./probes/main.ts'),
    import('./probes/asterisk/dialplan/render.ts'),
    import('./install-command.ts'),
  ]);
  const { prepareThreads } = await import('./probes/prepare-runner.ts');
  await prepareThreads();
  const folder = fileURLToPath(copies.folder);
  if (!isUsed) {
    process.stderr.write(
      'not prepared: started so, the program takes no copies; start trunkward.js itself, on Linux\n',
    );
  } else if (copies.refused > 0) {
    const of = `${copies.refused} of ${copies.kept + copies.refused} sources`;
    process.stderr.write(`not prepared: ${of} could not be kept in ${folder}: ${copies.because}\n`);
  } else {
    process.stdout.write(`prepared: ${copies.kept} sources without types in ${folder}\n`);
    process.exit(0);
  }
  process.exit(1);
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
    if (isMisuse) misuse(cause.message.split('. To specify')[0] ?? cause.message);
    else process.stderr.write(`${faultText(cause)}\n`);
    if (!isMisuse) process.exitCode = 1;
  }
}

/** An operational fault (it has a code of docs/errors.md or of the system) in a line or two; a broken invariant with its stack. */
function faultText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (!('code' in cause)) return cause.stack ?? cause.message;
  const why = cause.cause instanceof Error ? `\n  because: ${cause.cause.message}` : '';
  const code = String(cause.code);
  return `${cause.message.includes(`${code}: `) ? '' : `${code}: `}${cause.message}${why}`;
}

function misuse(why: string): void {
  process.stderr.write(`${why}\n${USAGE}`);
  process.exitCode = WRONG;
}

/** What is wrong with a call that fits no command. */
function callFault(positionals: readonly string[]): string {
  const [command, ...rest] = positionals;
  if (command === undefined) return 'no command is given';
  if (!COMMANDS.some((name) => name === command)) return `there is no command ${command}`;
  if (command === 'uninstall-dialplan' && rest.length === 0) return 'uninstall-dialplan takes no --config';
  if (command === 'replay') return rest.length === 0 ? 'replay needs a recording' : 'replay takes one recording';
  if (rest.length > 0) return `${command} takes options alone, not ${rest.join(' ')}`;
  if (command === 'record') return 'record needs --hub URL and --token-file FILE';
  if (command === 'evidence') return 'evidence needs --verify FILE.json';
  return `${command} needs --config FILE`;
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
      policy: { type: 'string' },
      extensions: { type: 'string', default: '/etc/asterisk/extensions.conf' },
      yes: { type: 'boolean', default: false },
      'discard-edits': { type: 'boolean', default: false },
      reload: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', default: false },
    },
  });
  const [command] = positionals;
  if (values.help || (command === 'help' && positionals.length === 1)) {
    process.stdout.write(USAGE);
    return;
  }
  if (values.version) {
    const { default: packageFile } = await import('./package.json', { with: { type: 'json' } });
    process.stdout.write(`trunkward ${packageFile.version}\n`);
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
    if (values.policy === undefined) await replay(recording, values.config);
    else if (values.config === undefined) await replayUnderPolicy(recording, values.policy);
    else complain('replay', [{ path: '--policy', message: 'not together with --config' }]);
    return;
  }
  const { 'token-file': tokenFile, hub: hubUrl } = values;
  if (command === 'record' && positionals.length === 1 && hubUrl !== undefined && tokenFile !== undefined) {
    await record(hubUrl, tokenFile, values['ca-file'], values.for);
    return;
  }
  const { extensions, yes, reload } = values;
  const flags = { extensions, yes, discard: values['discard-edits'], reload };
  const file = values.config;
  if (command === 'uninstall-dialplan' && positionals.length === 1 && file === undefined) {
    await install(undefined, flags);
    return;
  }
  if (
    positionals.length !== 1 ||
    file === undefined ||
    !['hub', 'probe', 'dialplan', 'install-dialplan'].includes(command ?? '')
  ) {
    misuse(callFault(positionals));
    return;
  }
  const loaded = load(file);
  if (!loaded.ok) {
    complain(file, loaded.faults);
    return;
  }
  if (command === 'hub') await hub(file, loaded.value, values['check-config']);
  else if (command === 'probe') await probe(file, loaded.value, values['check-config']);
  else if (command === 'dialplan') await dialplan(file, loaded.value);
  else {
    const contexts = await dialplanContexts(file, loaded.value);
    if (contexts !== undefined) await install(contexts, flags);
  }
}
