import type { Logger } from '../log/logger.ts';
import type { Registry } from '../metrics/registry.ts';

/**
 * An error that nobody caught is a mistake of this program, met by one connection. Ending the process would
 * cut all the others, so it is logged, counted, and survived.
 */
export function surviveMistakes(log: Logger, registry: Registry): void {
  const mistakes = registry.counter(
    'registry',
    'proxy_unexpected_errors',
    'Errors that nothing in the proxy expected.',
  );
  mistakes.with('').inc(0);
  const survive = (error: unknown): void => {
    mistakes.with('').inc();
    log.error('Unexpected error', { error, stack: error instanceof Error ? error.stack : undefined });
  };
  process.on('uncaughtException', survive);
  process.on('unhandledRejection', survive);
}
