import type { Config } from '../config/config.ts';
import type { Logger } from '../log/logger.ts';

/** The first lines of the log: what runs here, for whom, and what is odd about its configuration. */
export function announce(config: Config, log: Logger, version: string): void {
  log.info(`release ${version}`, { node: process.version, pid: process.pid });
  log.info('Local identity', { id: config.identity.name });
  log.info('Destinations resolved', {
    via: config.destination.service.authority,
    id: config.destination.service.identity ?? 'none',
  });
  for (const warning of config.warnings) log.warn(warning);
}
