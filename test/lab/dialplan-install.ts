// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { tryRun } from './command.ts';
import { type DialplanBench, expectOrder } from './dialplan-bench.ts';

const NUMBER = '030123456';

/** A probe's file for the scenario's PBX (JSON is YAML). */
function probeDocument({ places, lab }: DialplanBench): string {
  return JSON.stringify({
    probe: 'probe-pbx1',
    pbx: 'pbx1',
    hub: { urls: ['ws://127.0.0.1:9/api/v1/probe'], token: { env: 'TOKEN' } },
    ami: { username: 'trunkward', secret: { env: 'SECRET' } },
    dataDir: lab.folder,
    trunks: [
      { trunk: 'alpha', endpoint: 'alpha', edges: [{ edge: 'e1', address: places.a }] },
      { trunk: 'beta', endpoint: 'beta', edges: [{ edge: 'e1', address: places.b }] },
    ],
    classes: [{ class: 'national', prefixes: ['49'], trunks: ['alpha', 'beta'] }],
    emergency: { numbers: ['112'], trunks: ['beta', 'alpha'] },
    dialRules: [{ prefix: '0', strip: 1, prepend: '49' }],
  });
}

/**
 * The include put in and taken out by the program itself, in the files of a running Asterisk. Leaves the PBX without one.
 */
export async function checkInstall(bench: DialplanBench): Promise<void> {
  const { lab, pbx, config } = bench;
  const folder = await lab.subfolder('install');
  const [bin, probeFile] = [join(folder, 'bin'), join(folder, 'probe.yaml')];
  await mkdir(bin, { recursive: true });
  await writeFile(probeFile, probeDocument(bench));
  const inside = `nsenter -t ${pbx.process.pid} -m -n -r -w asterisk -C /srv/etc/asterisk.conf`;
  await writeFile(join(bin, 'asterisk'), `#!/bin/sh\nexec ${inside} "$@"\n`);
  await chmod(join(bin, 'asterisk'), 0o755);
  const [extensions, include] = ['extensions.conf', 'trunkward-outbound.conf'].map((name) =>
    join(pbx.folder, 'etc', name),
  ) as [string, string];
  const env = { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
  const trunkward = async (command: string, ...flags: readonly string[]) => {
    const argv = [
      process.execPath,
      'trunkward.js',
      command,
      ...(command === 'install-dialplan' ? ['--config', probeFile] : []),
      '--extensions',
      extensions,
      '--yes',
      ...flags,
    ];
    return await tryRun(argv, { env });
  };

  const foreign = await readFile(include, 'utf8');
  const refused = await trunkward('install-dialplan');
  const isKept = (await readFile(include, 'utf8')) === foreign;
  lab.check('install: an include that is not ours is left alone', refused.exitCode === 2 && isKept, { ...refused });

  await rm(include);
  await pbx.configure({ ...config, ownDialplan: '' });
  const original = await readFile(extensions, 'utf8');
  const installed = await trunkward('install-dialplan', '--reload');
  const shown = await pbx.console('dialplan show trunkward-outbound');
  const isLoaded = installed.exitCode === 0 && shown.includes("Context 'trunkward-outbound'");
  lab.check('install: Asterisk has the include', isLoaded, { stderr: installed.stderr });
  const again = await trunkward('install-dialplan');
  lab.check('install: a second time changes nothing', again.exitCode === 0 && again.stdout === 'nothing to change\n');

  const withLine = await readFile(extensions, 'utf8');
  const refusal = 'exten => _.,1,Hangup(21)\n[from-provider]';
  const oneLine = withLine.replace(refusal, 'exten => _.,1,Goto(trunkward-outbound,${EXTEN},1)\n[from-provider]');
  await writeFile(extensions, oneLine);
  await pbx.reload();
  await expectOrder(bench, 'install: one changed line, and calls go out by it', 'A', NUMBER);
  const inUse = await trunkward('uninstall-dialplan');
  const isRefused = inUse.exitCode === 2 && /line \d+ still goes to trunkward-outbound/.test(inUse.stderr);
  lab.check('uninstall: refused while a line goes to it', isRefused, { stderr: inUse.stderr });

  await writeFile(extensions, withLine);
  const removed = await trunkward('uninstall-dialplan', '--reload');
  const isExact = (await readFile(extensions, 'utf8')) === original;
  const isGone = !(await pbx.console('dialplan show trunkward-outbound')).includes("Context 'trunkward-outbound'");
  lab.check('uninstall: the file is as it was to the byte, and Asterisk has forgotten it', isExact && isGone, {
    exitCode: removed.exitCode,
    stderr: removed.stderr,
  });
}
