import type { SocketConnection } from './socket-connection.ts';

/** What a look at the first bytes has told. */
export type Peeked<T> =
  | { readonly kind: 'more' }
  /** `consumed` bytes are taken from the connection; the rest stays for the next owner. */
  | { readonly kind: 'done'; readonly value: T; readonly consumed: number };

export interface PeekOptions<T = never> {
  /** From the call on, not from the first byte. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What silence means, with all bytes kept; without it the connection is destroyed. */
  readonly onTimeout?: () => T;
}

/** Why the first bytes told nothing. The connection is destroyed. */
export class PeekError extends Error {
  readonly code: 'timeout' | 'closed' | 'aborted';

  constructor(code: PeekError['code'], cause?: unknown) {
    super(
      {
        timeout: 'detection timed out',
        closed: 'closed before its first bytes',
        aborted: 'detection aborted',
      }[code],
      cause === undefined ? {} : { cause },
    );
    this.name = 'PeekError';
    this.code = code;
  }
}

/**
 * Looks at the first bytes of a connection until `look` knows. `ended` says that no more bytes will come:
 * `look` then has to decide, and 'more' means the connection is of no use. Bounding the bytes is up to `look`.
 * Afterwards the connection is parked, with every byte not consumed still to be read.
 */
export function peek<T>(
  connection: SocketConnection,
  look: (bytes: Buffer, ended: boolean) => Peeked<T>,
  options: PeekOptions<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    let bytes: Buffer | null = null;
    let timer: NodeJS.Timeout | undefined;
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: PeekError) => {
      settle();
      connection.park();
      connection.destroy(error);
      reject(error);
    };
    const done = (value: T, consumed: number) => {
      settle();
      connection.park(bytes?.subarray(consumed));
      resolve(value);
    };
    const onTimeout = () => {
      if (options.onTimeout === undefined) fail(new PeekError('timeout'));
      else done(options.onTimeout(), 0);
    };
    const onAbort = () => fail(new PeekError('aborted', signal?.reason));
    const lookAgain = (ended: boolean) => {
      const peeked = look(bytes ?? Buffer.alloc(0), ended);
      if (peeked.kind === 'done') done(peeked.value, peeked.consumed);
      else if (ended) fail(new PeekError('closed'));
    };
    if (connection.closed) return fail(new PeekError('closed'));
    if (signal?.aborted) return onAbort();
    timer = setTimeout(onTimeout, options.timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    connection.handler = {
      onData(chunk) {
        bytes = bytes === null ? chunk : Buffer.concat([bytes, chunk]);
        lookAgain(false);
      },
      onEnd: () => lookAgain(true),
      onDrain() {},
      onClose: (error) => fail(new PeekError('closed', error ?? undefined)),
    };
  });
}
