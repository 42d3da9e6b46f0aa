import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostProcess } from './host-process.ts';
import type { Lab } from './lab.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';

/** How a dispatcher watches its destination. What is absent is left to Kamailio's own default. */
export type DispatcherTimers = {
  readonly port: number;
  readonly pingIntervalS: number;
  /** `tm`'s time-out of a transaction without answer (default 30 s). */
  readonly frTimerMs?: number;
  /** Failures in a row until a destination is off (default 1). */
  readonly probingThreshold?: number;
};

/** A Kamailio whose dispatcher pings one destination and says when it takes it off and back. */
export class Dispatcher {
  readonly #process: HostProcess;

  private constructor(own: HostProcess) {
    this.#process = own;
  }

  /** Starts it and waits until it listens. */
  static async start(lab: Lab, host: Host, destination: string, timers: DispatcherTimers): Promise<Dispatcher> {
    const name = `dispatcher-${timers.port}`;
    const folder = await lab.subfolder(name);
    const list = join(folder, 'dispatcher.list');
    const config = join(folder, 'kamailio.cfg');
    await writeFile(list, `1 sip:${destination}:5060\n`);
    await writeFile(config, dispatcherConfig(host.addresses[0], list, timers));
    await mkdir(join(folder, 'run'));
    const argv = ['kamailio', '-DD', '-E', '-f', config, '-m', '32', '-M', '4', '-Y', join(folder, 'run')];
    const own = lab.start(host, { name, argv, logPath: join(folder, 'kamailio.log'), cwd: folder });
    await pollUntil(`${name} listens`, () => own.log.includes('Aliases:'), { timeoutMs: 20_000 });
    return new Dispatcher(own);
  }

  /** When it last said that the destination is so, by its own clock, milliseconds since 1970; undefined before the first time. */
  lastAtEpochMs(word: 'down' | 'up'): number | undefined {
    const last = [...this.#process.log.matchAll(new RegExp(`LABDST ${word} (\\d+) (\\d+)`, 'g'))].at(-1);
    return last && Number(last[1]) * 1000 + Number(last[2]) / 1000;
  }

  get isDown(): boolean {
    return (this.lastAtEpochMs('down') ?? 0) > (this.lastAtEpochMs('up') ?? 0);
  }
}

/** @see Kamailio 5.6: module dispatcher, ds_probing_mode 1 pings what is active too; event routes dst-down and dst-up */
function dispatcherConfig(address: string, list: string, timers: DispatcherTimers): string {
  const { frTimerMs, pingIntervalS, port, probingThreshold } = timers;
  return `#!KAMAILIO
debug=1
log_stderror=yes
children=1
auto_aliases=no
disable_tcp=yes
listen=udp:${address}:${port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "dispatcher.so"
${frTimerMs === undefined ? '' : `modparam("tm", "fr_timer", ${frTimerMs})`}
${probingThreshold === undefined ? '' : `modparam("dispatcher", "ds_probing_threshold", ${probingThreshold})`}
modparam("dispatcher", "list_file", "${list}")
modparam("dispatcher", "ds_ping_interval", ${pingIntervalS})
modparam("dispatcher", "ds_probing_mode", 1)
modparam("dispatcher", "ds_ping_from", "sip:dispatcher@${address}")
request_route { exit; }
event_route[dispatcher:dst-down] { xlog("L_ERR", "LABDST down $TV(sn) $TV(un)\\n"); }
event_route[dispatcher:dst-up] { xlog("L_ERR", "LABDST up $TV(sn) $TV(un)\\n"); }
`;
}
