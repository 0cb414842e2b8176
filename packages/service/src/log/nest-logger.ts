import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.ts';

/** Nest's own messages in the service's format. Its chatter about wiring is debug output here. */
export function nestLogger(logger: Logger): LoggerService {
  const write = (log: (message: string, fields?: Record<string, unknown>) => void) => {
    return (message: unknown, ...rest: unknown[]) => {
      const context = rest.findLast((value) => typeof value === 'string');
      if (message instanceof Error) log(message.message, { target: context, error: message });
      else log(String(message), { target: context });
    };
  };
  return {
    log: write(logger.debug),
    debug: write(logger.debug),
    verbose: write(logger.trace),
    warn: write(logger.warn),
    error: write(logger.error),
    fatal: write(logger.error),
  };
}
