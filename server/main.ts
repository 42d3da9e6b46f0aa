import pino from 'pino';
import { logSettings } from '../log-settings.ts';
import packageFile from '../package.json' with { type: 'json' };
import type { HubConfig } from './config-schema.ts';
import type { HubSecrets } from './hub-secrets.ts';
import { startHub } from './hub-server.ts';

/** Runs a hub until the process is told to end (SIGINT, SIGTERM); a second signal ends it at once. */
export async function runHub(config: HubConfig, secrets: HubSecrets): Promise<void> {
  const logger = pino(logSettings('trunkward-hub', process.env['TRUNKWARD_LOG_LEVEL']));
  const ended = new Promise<string>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const hub = await startHub(config, secrets, { logger, softwareVersion: packageFile.version });
  logger.info({ url: hub.url }, 'hub listens');
  const signal = await ended;
  logger.info({ signal }, 'hub ends');
  await hub.close();
}
