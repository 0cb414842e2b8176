/** Most to least talkative. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'off'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Facts of one event. An `Error` is written as its message and codes, cause by cause. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One event, one line. The message is a short constant sentence; what varies goes into the fields. */
export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same logger with more fields on every line. */
  child(fields: LogFields): Logger;
}

/** One event as the formats see it. `time` is milliseconds since the epoch. */
export interface LogEvent {
  readonly time: number;
  readonly level: Exclude<LogLevel, 'off'>;
  readonly message: string;
  readonly fields: LogFields;
}

/** Turns an event into one line without its line break. */
export type LogFormat = (event: LogEvent) => string;

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Where a finished line, line break included, goes. */
  readonly write: (line: string) => void;
  readonly now?: () => number;
}

export function createLogger(options: LoggerOptions, bound: LogFields = {}): Logger {
  const threshold = logLevels.indexOf(options.level);
  const now = options.now ?? Date.now;
  const log = (level: LogEvent['level']) => {
    if (logLevels.indexOf(level) < threshold) return () => {};
    return (message: string, fields: LogFields = {}) => {
      options.write(`${options.format({ time: now(), level, message, fields: { ...bound, ...fields } })}\n`);
    };
  };
  return {
    trace: log('trace'),
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (fields) => createLogger(options, { ...bound, ...fields }),
  };
}

/** A logger that says nothing. */
export const silentLogger: Logger = createLogger({ level: 'off', format: () => '', write: () => {} });
