import { connect } from 'node:net';
import { takeHandle } from './handles.ts';
import { SocketConnection } from './socket-connection.ts';

const nowhere = { ip: '', port: 0 };

/** Opens a connection to the Unix socket at `path`. Rejects with an Error that names it, or the signal's reason. */
export function connectUnix(path: string, timeoutMs: number, signal: AbortSignal): Promise<SocketConnection> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connect({ path, allowHalfOpen: true });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect).off('error', onError);
    };
    const fail = (reason: unknown) => {
      settle();
      // A destroyed socket may still report an error once.
      socket.on('error', () => {});
      socket.destroy();
      reject(reason);
    };
    const onAbort = () => fail(signal.reason);
    const onError = (cause: NodeJS.ErrnoException) =>
      fail(new Error(`connect to ${path}: ${cause.code ?? cause.message}`, { cause }));
    const onConnect = () => {
      settle();
      resolve(new SocketConnection(takeHandle(socket), { peer: nowhere, local: nowhere }));
    };
    const timer = setTimeout(
      () => fail(new Error(`connect to ${path}: timed out after ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', onConnect).once('error', onError);
  });
}
