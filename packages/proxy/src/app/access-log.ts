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

/** The access log, written by `writeBytes`; null when it is off. */
export function createAccessLog(
  { access }: LogConfig,
  registry: Registry,
  writeBytes: WriteBytes = writeToStderr,
): AccessLog | null {
  if (access === 'off') return null;
  const dropped = registry.counter(
    'registry',
    'access_log_dropped_lines',
    'Lines of the access log that were dropped because nobody read them in time.',
  );
  const sink = new LineSink({
    write: writeBytes,
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

const queue: [bytes: Buffer, done: (error: Error | null) => void][] = [];

/** One after another, so that lines stay whole, whatever thread they come from. */
export const writeToStderr: WriteBytes = (bytes, done) => {
  queue.push([bytes, done]);
  if (queue.length === 1) writeNext();
};

function writeNext(): void {
  const [next] = queue;
  if (next === undefined) return;
  const [bytes, done] = next;
  writeAll(bytes, (error) => {
    // Still in the queue, so that what is added now does not begin by itself.
    done(error);
    queue.shift();
    writeNext();
  });
}

/** Writes in the thread pool, in pieces when the pipe takes no more at a time. */
const writeAll: WriteBytes = (bytes, done) => {
  write(stderr, bytes, (error, written) => {
    if (error?.code === 'EAGAIN') setTimeout(() => writeAll(bytes, done), retryMs);
    else if (error !== null || written === bytes.length) done(error);
    else writeAll(bytes.subarray(written), done);
  });
};
