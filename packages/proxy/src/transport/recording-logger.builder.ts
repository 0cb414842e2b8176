import { type LogLevel, severity } from '../log/filter.ts';
import type { LogFields, Logger } from '../log/logger.ts';

/** A logger that keeps its lines instead of writing them. */
export class RecordingLogger implements Logger {
  readonly lines: { level: string; message: string; fields: LogFields }[] = [];
  readonly #heard: number;

  /** `upTo`: the last level that is kept. */
  constructor(upTo: LogLevel = 'trace') {
    this.#heard = severity[upTo];
  }

  enabled = (level: LogLevel): boolean => severity[level] <= this.#heard;

  error = (message: string, fields: LogFields = {}) => this.#keep('error', message, fields);
  warn = (message: string, fields: LogFields = {}) => this.#keep('warn', message, fields);
  info = (message: string, fields: LogFields = {}) => this.#keep('info', message, fields);
  debug = (message: string, fields: LogFields = {}) => this.#keep('debug', message, fields);
  trace = (message: string, fields: LogFields = {}) => this.#keep('trace', message, fields);

  #keep(level: LogLevel, message: string, fields: LogFields): void {
    if (this.enabled(level)) this.lines.push({ level, message, fields });
  }
}
