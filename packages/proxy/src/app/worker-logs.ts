import { parseFilter } from '../log/filter.ts';
import { formatJson } from '../log/format.ts';
import type { LogHub } from '../log/logger.ts';
import { Backlog } from '../threads/backlog.ts';
import type { Link } from '../threads/link.ts';
import type { ToMain, ToWorker } from '../threads/messages.ts';
import type { WorkerData } from '../threads/worker-data.ts';
import { createThreadLogs } from './logging.ts';

/** Bytes of log, and of access log, that may wait for the main thread; lines beyond are dropped. */
export const maxLogBacklog = 4 * 1024 * 1024;
export const maxAccessBacklog = 1024 * 1024;

/** Writes by way of the main thread, so that lines stay whole. */
export function createWorkerLogs(
  link: Link<ToWorker, ToMain>,
  { config, logBacklog, logFilter, thread }: WorkerData,
): LogHub {
  const backlog = new Backlog(logBacklog, maxLogBacklog);
  let dropped = 0;
  const send = (line: string): void => {
    if (!backlog.add(line.length)) {
      dropped++;
      return;
    }
    link.post({ kind: 'log', line });
    const note = `${dropped} log lines dropped`;
    if (dropped === 0 || !backlog.add(note.length)) return;
    dropped = 0;
    link.post({ kind: 'log', line: note });
  };
  const logs = createThreadLogs({ ...config.log, filter: logFilter }, thread, send);
  link.on('log-filter', ({ text }) => logs.setFilter(parseFilter(text).filter));
  streamLogs(link, logs, thread, backlog);
  return logs;
}

/** For whoever reads along at the admin port; lines beyond the backlog are left out. */
function streamLogs(link: Link<ToWorker, ToMain>, logs: LogHub, thread: number, backlog: Backlog): void {
  const streams = new Map<number, () => void>();
  link.on('stream-logs', ({ id, filter: text }) => {
    const { filter } = parseFilter(text);
    const stop = logs.subscribe((record) => {
      if (!filter.enabled(record.target, record.level)) return;
      const line = formatJson(record, thread);
      if (backlog.add(line.length)) link.post({ kind: 'streamed-log', id, line });
    });
    streams.set(id, stop);
  });
  link.on('stop-logs', ({ id }) => {
    streams.get(id)?.();
    streams.delete(id);
  });
}
