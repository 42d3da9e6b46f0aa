// biome-ignore-all lint/suspicious/noTemplateCurlyInString: dpkg-query's own format language.
import { run, tryRun } from './command.ts';

/** Debian 12 packages the lab uses. Their system services are not used; Debian may start kamailio's where systemd runs. */
const PACKAGES = [
  'debootstrap',
  'dnsmasq-base',
  'fping',
  'iproute2',
  'iputils-ping',
  'kamailio',
  'kamailio-tls-modules',
  'mtr-tiny',
  'nftables',
  'openssl',
  'procps',
  'sip-tester',
  'sipsak',
  'tcpdump',
  'tshark',
  'util-linux',
] as const;

async function isInstalled(name: string): Promise<boolean> {
  const { exitCode, stdout } = await tryRun(['dpkg-query', '-W', '-f', '${db:Status-Status}', name]);
  return exitCode === 0 && stdout.trim() === 'installed';
}

/**
 * Installs what is missing with apt-get, from wherever the machine's own apt takes packages.
 *
 * @returns the names that were installed now; empty when nothing was missing.
 */
export async function ensureDebianPackages(): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of PACKAGES) if (!(await isInstalled(name))) missing.push(name);
  if (missing.length === 0) return [];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run(['apt-get', 'update', '-q'], { timeoutMs: 300_000, env });
  await run(['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...missing], { timeoutMs: 900_000, env });
  return missing;
}
