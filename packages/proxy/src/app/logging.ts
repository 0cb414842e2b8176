import type { LogConfig } from '../config/config.ts';
import { parseFilter } from '../log/filter.ts';
import { formatJson, formatPlain } from '../log/format.ts';
import { LogHub } from '../log/logger.ts';

/** Bytes of log that may wait for a reader of stdout; records beyond are dropped and counted. */
const maxQueued = 4 * 1024 * 1024;

/** Writes records to stdout. Clauses of the filter that cannot be read are named on stderr and left out. */
export function createLogs({ filter, format }: LogConfig): LogHub {
  const parsed = parseFilter(filter);
  for (const item of parsed.rejected)
    process.stderr.write(`LINKERD2_PROXY_LOG: ignoring ${JSON.stringify(item)}\n`);
  const startedAt = Date.now() - process.uptime() * 1000;
  let dropped = 0;
  const write = (line: string): void => {
    if (process.stdout.writableLength > maxQueued) {
      dropped++;
      return;
    }
    if (dropped > 0) process.stdout.write(`${dropped} log lines dropped\n`);
    dropped = 0;
    process.stdout.write(`${line}\n`);
  };
  return new LogHub(parsed.filter, (record) =>
    write(format === 'json' ? formatJson(record) : formatPlain(record, startedAt)),
  );
}
