import type { Connection } from '../transport/connection.ts';

export interface TunnelOptions {
  /** What was read from the client before, and belongs to the server. */
  readonly initial?: Buffer;
  /** What was read from the server before, and belongs to the client. */
  readonly initialBack?: Buffer;
  /** Cuts both connections. */
  readonly signal?: AbortSignal | undefined;
}

/** How a tunnel ended, and the bytes it carried. */
export interface TunnelSummary {
  readonly toServer: number;
  readonly toClient: number;
  /** What broke the connection that broke first; null after both sides ended in order. */
  readonly error: Error | null;
}

/**
 * Carries bytes between two connections, unread and by reference, until both are closed. A side that ends
 * is ended on the other side too, and the way back stays open. A side that breaks takes the other with it.
 * A reader is paused while what it has read waits for the other side. Never rejects.
 */
export function tunnel(
  client: Connection,
  server: Connection,
  options: TunnelOptions = {},
): Promise<TunnelSummary> {
  return new Promise((resolve) => {
    let open = 2;
    let error: Error | null = null;
    const carried = { toServer: 0, toClient: 0 };
    const onAbort = () => {
      const reason = options.signal?.reason;
      error ??= reason instanceof Error ? reason : new Error('the tunnel was cut');
      client.destroy(error);
      server.destroy(error);
    };
    const oneWay = (from: Connection, to: Connection, count: (bytes: number) => void) => {
      let ended = false;
      from.handler = {
        onData(chunk) {
          count(chunk.length);
          if (!to.write(chunk, true)) from.pause();
        },
        onEnd() {
          ended = true;
          to.end();
        },
        onDrain: () => to.resume(),
        onClose(reason) {
          error ??= reason;
          // After both ends in order the other side may still be sending what it has queued.
          if (reason !== null || !ended) to.destroy(reason ?? undefined);
          open--;
          if (open > 0) return;
          options.signal?.removeEventListener('abort', onAbort);
          resolve({ ...carried, error });
        },
      };
    };
    const begin = (to: Connection, bytes: Buffer | undefined): number => {
      if (bytes === undefined || bytes.length === 0) return 0;
      to.write(bytes);
      return bytes.length;
    };
    carried.toServer += begin(server, options.initial);
    carried.toClient += begin(client, options.initialBack);
    oneWay(client, server, (bytes) => {
      carried.toServer += bytes;
    });
    oneWay(server, client, (bytes) => {
      carried.toClient += bytes;
    });
    if (options.signal?.aborted) onAbort();
    else options.signal?.addEventListener('abort', onAbort, { once: true });
  });
}
