import { createLogger, type LogEvent, type Logger } from './logger.ts';

/** A logger that keeps its events for a test to look at. */
export function recordingLogger(): { logger: Logger; events: LogEvent[] } {
  const events: LogEvent[] = [];
  const logger = createLogger({
    level: 'trace',
    write: () => {},
    format: (event) => {
      events.push(event);
      return '';
    },
  });
  return { logger, events };
}
