import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import type { Lab } from './lab.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';

/** Token that the edge asks of who sets its dispatcher. */
export const EDGE_TOKEN = 'token-of-the-lab-edge-00000000';
const RPC_PORT = 8090;

/** A fleet's own Kamailio: calls that come to it go to set 1 of its dispatcher, by priority, and nowhere else. */
export class DispatcherEdge {
  readonly host: Host;
  readonly rpcUrl: string;
  readonly #socket: string;

  private constructor(host: Host, socket: string) {
    this.host = host;
    this.rpcUrl = `http://${host.addresses[0]}:${RPC_PORT}/RPC`;
    this.#socket = socket;
  }

  /** Starts one on a host of its own, with these destinations, the first first, and waits until it takes commands. */
  static async start(lab: Lab, uris: readonly string[]): Promise<DispatcherEdge> {
    const host = await lab.network.addHost('edge');
    const folder = await lab.subfolder('edge');
    await mkdir(folder, { recursive: true });
    const edge = new DispatcherEdge(host, join(folder, 'ctl'));
    const listPath = join(folder, 'dispatcher.list');
    const configPath = join(folder, 'kamailio.cfg');
    await writeFile(listPath, uris.map((uri, at) => `1 ${uri} 0 ${(uris.length - at) * 10}\n`).join(''));
    await writeFile(configPath, edgeConfig(host, listPath, edge.#socket));
    lab.start(host, {
      name: 'kamailio edge',
      argv: ['kamailio', '-DD', '-E', '-f', configPath, '-m', '32', '-M', '4', '-Y', folder],
      logPath: join(folder, 'kamailio.log'),
    });
    await pollUntil('the edge takes commands', async () => (await edge.#command('core.version')).includes('kamailio'), {
      timeoutMs: 15_000,
      signal: lab.signal,
    });
    return edge;
  }

  /** Flags of each destination of set 1, by Kamailio's own console, in the order of their priority. */
  async flags(): Promise<readonly string[]> {
    const text = await this.#command('dispatcher.list');
    return [...text.matchAll(/FLAGS: (\w+)/g)].map(([, flags = '']) => flags);
  }

  /** Sets a state as somebody other than the product would. */
  async setState(state: string, uri: string): Promise<void> {
    await this.#command('dispatcher.set_state', state, '1', uri);
  }

  /** Reads the list of destinations anew: every state set by hand is lost. */
  async reload(): Promise<void> {
    await this.#command('dispatcher.reload');
  }

  async #command(...words: readonly string[]): Promise<string> {
    return await run(['kamcmd', '-s', `unix:${this.#socket}`, ...words], { timeoutMs: 5000 }).catch(() => '');
  }
}

/** @see Kamailio 5.6: modules dispatcher, jsonrpcs, xhttp */
function edgeConfig(host: Host, listPath: string, controlSocket: string): string {
  const [address] = host.addresses;
  return `#!KAMAILIO
debug=1
log_stderror=yes
children=2
auto_aliases=no
tcp_accept_no_cl=yes
listen=udp:${address}:5060
listen=tcp:${address}:${RPC_PORT}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "kex.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "ctl.so"
loadmodule "xhttp.so"
loadmodule "jsonrpcs.so"
loadmodule "dispatcher.so"
modparam("ctl", "binrpc", "unix:${controlSocket}")
modparam("jsonrpcs", "transport", 1)
modparam("dispatcher", "list_file", "${listPath}")
modparam("tm", "fr_timer", 2000)
event_route[xhttp:request] {
  if ($hdr(Authorization) != "Bearer ${EDGE_TOKEN}") {
    xhttp_reply("401", "Unauthorized", "text/plain", "");
    exit;
  }
  jsonrpc_dispatch();
}
request_route {
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  if (has_totag()) {
    if (loose_route()) t_relay();
    exit;
  }
  if (!is_method("INVITE")) {
    sl_send_reply("405", "Method Not Allowed");
    exit;
  }
  record_route();
  if (!ds_select_dst("1", "8")) {
    sl_send_reply("503", "No destination");
    exit;
  }
  t_relay();
}
`;
}
