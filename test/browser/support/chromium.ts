import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts Debian's Chromium, installing it with the machine's own apt when it is missing and we are root.
 *
 * @throws Error when it is missing and cannot be installed.
 */
export async function launchChromium(): Promise<Browser> {
  if (!existsSync(EXECUTABLE)) install();
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}

function install(): void {
  if (process.getuid?.() !== 0) throw new Error(`${EXECUTABLE} is missing: install Debian's package chromium`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { stdio: 'inherit' as const, env: environment };
  execFileSync('apt-get', ['update', '-q'], options);
  execFileSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], options);
}
