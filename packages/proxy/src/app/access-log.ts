import { write, writeSync } from 'node:fs';
import type { LogConfig } from '../config/config.ts';
import type { AccessLog } from '../inbound/layers/access-log.ts';
import { LineSink, type WriteBytes } from '../log/line-sink.ts';
import type { Registry } from '../metrics/registry.ts';

/** Bytes of access log that may wait for a reader of stderr; lines beyond are dropped and counted. */
const maxQueued = 1024 * 1024;
const stderr = 2;
/** How soon a full pipe is tried again, milliseconds. */
const retryMs = 10;

/** The access log on stderr; null when it is off. */
export function createAccessLog({ access }: LogConfig, registry: Registry): AccessLog | null {
  if (access === 'off') return null;
  const dropped = registry.counter(
    'registry',
    'access_log_dropped_lines',
    'Lines of the access log that were dropped because nobody read them in time.',
  );
  const sink = new LineSink({
    write: writeAll,
    capacity: maxQueued,
    onDropped: (lines) => dropped.with('').inc(lines),
  });
  process.once('exit', () => {
    try {
      writeSync(stderr, sink.takeRest());
    } catch {
      // Nobody reads any more.
    }
  });
  return { format: access, write: (line) => sink.write(line), wallClock: Date.now };
}

/** Writes in the thread pool, in pieces when the pipe takes no more at a time. */
const writeAll: WriteBytes = (bytes, done) => {
  write(stderr, bytes, (error, written) => {
    if (error?.code === 'EAGAIN') setTimeout(() => writeAll(bytes, done), retryMs);
    else if (error !== null || written === bytes.length) done(error);
    else writeAll(bytes.subarray(written), done);
  });
};
