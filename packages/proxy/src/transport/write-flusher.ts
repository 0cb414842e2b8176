/** Something that has bytes to send at the end of this turn of the event loop. */
export interface Flushable {
  flush(): void;
}

const due: Flushable[] = [];

/**
 * Calls `flush` once the sockets that are readable in this turn have all been read: the check phase follows
 * the poll phase. One immediate serves all connections. Each caller schedules itself once per flush; what
 * is scheduled while flushing (a codec's frames reach their socket) leaves in the same pass.
 */
export function flushThisTurn(target: Flushable): void {
  if (due.length === 0) setImmediate(flushAll);
  due.push(target);
}

function flushAll(): void {
  try {
    for (let i = 0; i < due.length; i++) due[i].flush();
  } finally {
    due.length = 0;
  }
}
