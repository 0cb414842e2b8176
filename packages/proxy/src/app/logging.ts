import type { LogConfig } from '../config/config.ts';
import { parseFilter } from '../log/filter.ts';
import { formatJson, formatPlain } from '../log/format.ts';
import { LogHub } from '../log/logger.ts';

/** Bytes of log that may wait for a reader of stdout; records beyond are dropped and counted. */
const maxQueued = 4 * 1024 * 1024;

let dropped = 0;

/** Writes a line of the log, of whatever thread: only the main thread writes. */
export function writeToStdout(line: string): void {
  if (process.stdout.writableLength > maxQueued) {
    dropped++;
    return;
  }
  if (dropped > 0) process.stdout.write(`${dropped} log lines dropped\n`);
  dropped = 0;
  process.stdout.write(`${line}\n`);
}

/** The log of the main thread. Clauses of the filter that cannot be read are named on stderr and left out. */
export function createLogs(config: LogConfig): LogHub {
  for (const item of parseFilter(config.filter).rejected)
    process.stderr.write(`LINKERD2_PROXY_LOG: ignoring ${JSON.stringify(item)}\n`);
  return createThreadLogs(config, 0, writeToStdout);
}

/** The log of one thread, from 0. */
export function createThreadLogs(
  { filter, format }: LogConfig,
  thread: number,
  write: (line: string) => void,
): LogHub {
  const startedAt = Date.now() - process.uptime() * 1000;
  return new LogHub(parseFilter(filter).filter, (record) =>
    write(format === 'json' ? formatJson(record, thread) : formatPlain(record, startedAt, thread)),
  );
}
