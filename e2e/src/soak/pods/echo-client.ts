import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { lookup } from './names.ts';
import type { Outcome } from './tally.ts';

const TIMEOUT_MS = 30_000;
const MESSAGE_BYTES = 2000;
/** Letters might be the beginning of a request. */
const BYTE = 1;

function open(port: number): Socket {
  const socket = connect({ host: 'backend', port, lookup, timeout: TIMEOUT_MS });
  return socket.on('timeout', () => socket.destroy(new Error(`no echo within ${TIMEOUT_MS} ms`)));
}

/** Sends a message so many times, every time when the one before has come back, and ends in order. */
export async function echo(port: number, times: number, everyMs = 0): Promise<Outcome> {
  const socket = open(port);
  const parts: AsyncIterator<Buffer> = socket[Symbol.asyncIterator]();
  for (let sent = 0; sent < times; sent++) {
    socket.write(Buffer.alloc(MESSAGE_BYTES, BYTE));
    for (let back = 0; back < MESSAGE_BYTES; ) {
      const { value, done } = await parts.next();
      if (done) throw new Error(`the connection ended after ${sent} echoes`);
      back += value.length;
    }
    if (everyMs > 0) await pause(everyMs);
  }
  socket.end();
  if (!(await parts.next()).done) throw new Error('more came back than was sent');
  return 'answered';
}

/** Resets the connection while a message is on its way. */
export async function resetDuringEcho(port: number): Promise<Outcome> {
  const socket = open(port);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(Buffer.alloc(100 * MESSAGE_BYTES, BYTE));
  await once(socket, 'data');
  socket.resetAndDestroy();
  return 'aborted';
}
