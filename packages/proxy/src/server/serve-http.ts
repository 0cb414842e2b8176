import type { RequestListener } from '../http/stream.ts';
import { Http1ServerConnection } from '../http1/server-connection.ts';
import type { Http1ServerOptions } from '../http1/server-options.ts';
import type { Http2Options } from '../http2/options.ts';
import { Http2ServerConnection } from '../http2/server-connection.ts';
import type { Drain } from '../lifecycle/drain.ts';
import type { Connection } from '../transport/connection.ts';

export interface HttpServerOptions {
  readonly http1: Http1ServerOptions;
  readonly http2: Partial<Http2Options>;
  readonly drain: Drain;
}

/** Speaks HTTP on a connection until it is closed, or left for something else by an upgrade. */
export function serveHttp(
  connection: Connection,
  version: 'http1' | 'http2',
  options: HttpServerOptions,
  listener: RequestListener,
): Promise<void> {
  return new Promise((resolve) => {
    if (version === 'http1') {
      const server = new Http1ServerConnection(connection, options.http1, listener);
      const finished = options.drain.add(server);
      server.onOver = () => {
        finished();
        resolve();
      };
    } else {
      const server = new Http2ServerConnection(connection, options.http2, listener);
      const finished = options.drain.add(server);
      server.onClosed = () => {
        finished();
        resolve();
      };
    }
  });
}
