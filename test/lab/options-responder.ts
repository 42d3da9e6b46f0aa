import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostProcess, startProcess } from './host-process.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';
import type { RunRecorder } from './run-record.ts';

/** Kamailio that answers OPTIONS with 200 without a state and logs nothing, on port 5060 of every address of its host. */
export async function startOptionsResponder(
  host: Host,
  options: { readonly folder: string; readonly cpu: number },
  recorder: RunRecorder,
): Promise<HostProcess> {
  const folder = join(options.folder, `responder-${host.name}`);
  await mkdir(folder, { recursive: true });
  const configPath = join(folder, 'kamailio.cfg');
  await writeFile(
    configPath,
    `#!KAMAILIO
debug=1
log_stderror=yes
children=1
auto_aliases=no
disable_tcp=yes
${host.addresses.map((address) => `listen=udp:${address}:5060`).join('\n')}
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
request_route {
  if (is_method("OPTIONS")) sl_send_reply("200", "OK");
  exit;
}
`,
  );
  const program = ['kamailio', '-DD', '-E', '-f', configPath, '-m', '32', '-M', '4', '-Y', folder];
  const started = startProcess(
    host,
    {
      name: `responder on ${host.name}`,
      argv: ['taskset', '-c', `${options.cpu}`, ...program],
      logPath: join(folder, 'kamailio.log'),
    },
    recorder,
  );
  await pollUntil('responder listens', () => started.log.includes('Aliases:'), { timeoutMs: 20_000 });
  return started;
}
