import { type PeekOptions, peek } from '../transport/peek.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { classifyFirstRead, type FirstRead } from './first-read.ts';

/** `timeout`: the client has not sent anything in time. */
export type DetectedHttp = FirstRead | 'timeout';

/**
 * Waits for a client's first bytes and says what they are; all of them stay to be read by the next owner.
 * Rejects with a `PeekError` when the client closes before it has sent any, or the signal is aborted.
 */
export function detectHttp(
  connection: SocketConnection,
  options: Pick<PeekOptions, 'timeoutMs' | 'signal'>,
): Promise<DetectedHttp> {
  return peek<DetectedHttp>(
    connection,
    (bytes) =>
      bytes.length === 0 ? { kind: 'more' } : { kind: 'done', value: classifyFirstRead(bytes), consumed: 0 },
    { ...options, onTimeout: () => 'timeout' },
  );
}
