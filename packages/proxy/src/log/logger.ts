import { type LogFilter, type LogLevel, severity } from './filter.ts';

export type LogFields = Record<string, unknown>;

/** One line an event. Fields are shown as `key=value`; errors by their message and code. */
export interface Logger {
  /** Whether anybody hears that level, for lines whose fields cost something to put together. */
  enabled(level: LogLevel): boolean;
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  trace(message: string, fields?: LogFields): void;
}

export interface LogRecord {
  readonly level: LogLevel;
  readonly target: string;
  readonly message: string;
  readonly fields: LogFields;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Where records go and which of them; one per process. */
export class LogHub {
  #filter: LogFilter;
  readonly #sink: (record: LogRecord) => void;
  readonly #listeners = new Set<(record: LogRecord) => void>();
  readonly #loggers = new Map<string, TargetLogger>();

  constructor(filter: LogFilter, sink: (record: LogRecord) => void) {
    this.#filter = filter;
    this.#sink = sink;
  }

  get filter(): LogFilter {
    return this.#filter;
  }

  /** Replaces the filter for everything written from now on. */
  setFilter(filter: LogFilter): void {
    this.#filter = filter;
    this.#tune();
  }

  /** Hears every record, whatever the filter, until the returned function is called. */
  subscribe(listener: (record: LogRecord) => void): () => void {
    this.#listeners.add(listener);
    this.#tune();
    return () => {
      this.#listeners.delete(listener);
      this.#tune();
    };
  }

  logger(target: string): Logger {
    let logger = this.#loggers.get(target);
    if (logger === undefined) {
      logger = new TargetLogger(target, (record) => this.#write(record));
      this.#loggers.set(target, logger);
      logger.heard = this.#heard(target);
    }
    return logger;
  }

  #write(record: LogRecord): void {
    if (this.#filter.enabled(record.target, record.level)) this.#sink(record);
    for (const listener of this.#listeners) listener(record);
  }

  #tune(): void {
    for (const [target, logger] of this.#loggers) logger.heard = this.#heard(target);
  }

  /** The severity up to which records of that target are for somebody. */
  #heard(target: string): number {
    return this.#listeners.size > 0 ? severity.trace : this.#filter.severityOf(target);
  }
}

class TargetLogger implements Logger {
  /** Kept up to date by the hub, so that a line nobody hears costs one comparison. */
  heard = 0;
  readonly #target: string;
  readonly #write: (record: LogRecord) => void;

  constructor(target: string, write: (record: LogRecord) => void) {
    this.#target = target;
    this.#write = write;
  }

  enabled(level: LogLevel): boolean {
    return severity[level] <= this.heard;
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields);
  }

  trace(message: string, fields?: LogFields): void {
    this.#log('trace', message, fields);
  }

  #log(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (!this.enabled(level)) return;
    this.#write({ level, target: this.#target, message, fields, time: Date.now() });
  }
}
