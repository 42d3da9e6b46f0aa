import pino from 'pino';
import { logSettings } from '../log-settings.ts';
import packageFile from '../package.json' with { type: 'json' };
import type { ProbeConfig } from './config-schema.ts';
import { startProbe } from './probe-runner.ts';
import type { ProbeSecrets } from './probe-secrets.ts';

/**
 * Runs a probe until the process is told to end (SIGINT, SIGTERM); a second signal ends it at once.
 *
 * @throws what ended its measuring, after it has closed.
 */
export async function runProbe(config: ProbeConfig, secrets: ProbeSecrets): Promise<void> {
  const logger = pino(logSettings('trunkward-probe', process.env['TRUNKWARD_LOG_LEVEL']));
  const ended = new Promise<string>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const { version: softwareVersion } = packageFile;
  const probe = await startProbe(config, secrets, { logger, softwareVersion, onEnded: failed.reject });
  logger.info({ pbx: config.pbx, metricsPort: probe.metricsPort }, 'probe measures');
  try {
    const signal = await Promise.race([ended, failed.promise]);
    logger.info({ signal }, 'probe ends');
  } finally {
    await probe.close();
  }
}
