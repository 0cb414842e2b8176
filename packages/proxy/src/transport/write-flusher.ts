/** Something that has bytes to send at the end of this turn of the event loop. */
export interface Flushable {
  flush(): void;
}

let due: Flushable[] = [];
let running: Flushable[] = [];

/**
 * Calls `flush` once the sockets that are readable in this turn have all been read: the check phase follows
 * the poll phase. One immediate serves all connections. Each caller schedules itself once per flush.
 */
export function flushThisTurn(target: Flushable): void {
  if (due.length === 0) setImmediate(flushAll);
  due.push(target);
}

function flushAll(): void {
  [due, running] = [running, due];
  for (const target of running) target.flush();
  running.length = 0;
}
