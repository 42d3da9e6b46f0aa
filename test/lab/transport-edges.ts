import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeEdgeCertificate } from '../support/sip-stream-edge.ts';
import { run } from './command.ts';
import type { HostProcess } from './host-process.ts';
import type { Lab } from './lab.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';

/** The three addresses of the edges, their SRV name, and the authorities that a probe must believe. */
export type TransportEdges = {
  /** Where all three are. */
  readonly host: Host;
  /** TLS on 5061 with a good certificate, TCP and UDP on 5060; `east` of the name. */
  readonly good: string;
  /** TLS on 5061 with a certificate that expired in 2020. */
  readonly expired: string;
  /** UDP on 5060; `west` of the name. */
  readonly west: string;
  readonly caFile: string;
  /** Where the name server answers. */
  readonly nameServer: string;
};

/** Name in both certificates. */
export const EDGE_NAME = 'edge.test';
/** Name with SRV records over UDP for both addresses. */
export const SRV_NAME = 'named.lab';

/** Starts one Kamailio with its TLS module on three addresses, and dnsmasq on a host of its own. */
export async function startTransportEdges(lab: Lab): Promise<TransportEdges> {
  const host = await lab.addHost('edges', 3);
  const names = await lab.addHost('names');
  const folder = await lab.subfolder('edges');
  const [good, expired, west] = host.addresses;
  if (expired === undefined || west === undefined) throw new Error('the edges need three addresses');
  const caFile = await writeCertificates(folder);
  const tlsPath = join(folder, 'tls.cfg');
  await writeFile(tlsPath, tlsConfig(folder, expired));
  const configPath = join(folder, 'kamailio.cfg');
  await writeFile(configPath, kamailioConfig({ good, expired, west, tlsPath }));
  const runFolder = join(folder, 'run');
  await mkdir(runFolder);
  const edge = lab.start(host, {
    name: 'kamailio with TLS',
    argv: ['kamailio', '-DD', '-E', '-f', configPath, '-m', '64', '-M', '8', '-Y', runFolder],
    logPath: join(folder, 'kamailio.log'),
  });
  const nameServer = lab.start(names, {
    name: 'dnsmasq',
    argv: dnsmasqArgv(names.addresses[0], good, west),
    logPath: join(folder, 'dnsmasq.log'),
  });
  await waitListening(host, edge, '-Hlnt', [`${good}:5060 `, `${good}:5061 `, `${expired}:5061 `]);
  await waitListening(names, nameServer, '-Hlnu', [`${names.addresses[0]}:53 `]);
  return { host, good, expired, west, caFile, nameServer: names.addresses[0] };
}

async function writeCertificates(folder: string): Promise<string> {
  const pairs = {
    good: await makeEdgeCertificate('20990101000000Z'),
    expired: await makeEdgeCertificate('20200601000000Z'),
  };
  for (const [name, { cert, key }] of Object.entries(pairs)) {
    await writeFile(join(folder, `${name}.pem`), cert);
    await writeFile(join(folder, `${name}.key`), key);
  }
  const caFile = join(folder, 'authorities.pem');
  await writeFile(caFile, pairs.good.cert + pairs.expired.cert);
  return caFile;
}

async function waitListening(host: Host, server: HostProcess, kind: string, wanted: readonly string[]): Promise<void> {
  await pollUntil(
    `${server.name} listens`,
    async () => {
      if (!server.isRunning) throw new Error(`${server.name}: ${server.log.slice(-1500)}`);
      const text = await run(['ip', 'netns', 'exec', host.namespace, 'ss', kind]);
      return wanted.every((each) => text.includes(each));
    },
    { timeoutMs: 15_000 },
  );
}

/** @see Kamailio 5.6: module tls, parameter config */
function tlsConfig(folder: string, expired: string): string {
  const section = (head: string, name: string) =>
    `[${head}]\nmethod = TLSv1.2+\ncertificate = ${folder}/${name}.pem\nprivate_key = ${folder}/${name}.key\n`;
  return section('server:default', 'good') + section(`server:${expired}:5061`, 'expired');
}

function kamailioConfig(at: Record<'good' | 'expired' | 'west' | 'tlsPath', string>): string {
  return `#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=2
enable_tls=yes
auto_aliases=no
listen=udp:${at.good}:5060
listen=udp:${at.west}:5060
listen=tcp:${at.good}:5060
listen=tls:${at.good}:5061
listen=tls:${at.expired}:5061
loadmodule "tls.so"
loadmodule "sl.so"
loadmodule "pv.so"
modparam("tls", "config", "${at.tlsPath}")
request_route {
  if (method == "OPTIONS") sl_send_reply("200", "Lab");
  exit;
}
`;
}

/** @see dnsmasq(8), srv-host and host-record */
function dnsmasqArgv(address: string, good: string, west: string): readonly string[] {
  return [
    'dnsmasq',
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--user=root',
    '--pid-file=',
    '--log-facility=-',
    '--no-hosts',
    '--no-resolv',
    '--bind-interfaces',
    `--listen-address=${address}`,
    '--except-interface=lo',
    '--local=/lab/',
    '--local-ttl=60',
    `--srv-host=_sip._udp.${SRV_NAME},east.${SRV_NAME},5060`,
    `--srv-host=_sip._udp.${SRV_NAME},west.${SRV_NAME},5060`,
    `--host-record=east.${SRV_NAME},${good}`,
    `--host-record=west.${SRV_NAME},${west}`,
  ];
}
