import type { LogFilter, LogLevel } from './filter.ts';

export type LogFields = Record<string, unknown>;

/** One line an event. Fields are shown as `key=value`; errors by their message and code. */
export interface Logger {
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
  }

  /** Hears every record, whatever the filter, until the returned function is called. */
  subscribe(listener: (record: LogRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  logger(target: string): Logger {
    const at =
      (level: LogLevel) =>
      (message: string, fields: LogFields = {}) => {
        const enabled = this.#filter.enabled(target, level);
        if (!enabled && this.#listeners.size === 0) return;
        const record = { level, target, message, fields, time: Date.now() };
        if (enabled) this.#sink(record);
        for (const listener of this.#listeners) listener(record);
      };
    return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug'), trace: at('trace') };
  }
}
