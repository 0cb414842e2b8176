import type {
  DescMessage,
  DescMethodServerStreaming,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { WatchClient, WatchHandler } from '../../discovery/watch/watch-client.ts';
import { GrpcClient } from '../../grpc/client.ts';
import { OneConnection } from '../../grpc/one-connection.ts';
import { StatusCode } from '../../grpc/status.ts';
import { Http2ClientConnection } from '../../http2/client-connection.ts';
import { connectUnix } from '../../transport/connect-unix.ts';

/** Proves that the caller is no browser that was talked into calling (SPIFFE Workload Endpoint, section 6). */
const metadata = ['workload.spiffe.io', 'true'];

const CONNECT_TIMEOUT_MS = 5000;

/** The workload API of a SPIRE agent at a Unix socket. Every stream has a connection of its own. */
export class WorkloadApi implements WatchClient {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  watch<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    handler: WatchHandler<MessageShape<O>>,
    signal: AbortSignal,
  ): void {
    connectUnix(this.#path, CONNECT_TIMEOUT_MS, signal).then(
      (socket) => {
        const connection = new Http2ClientConnection(socket);
        const close = () => connection.drain();
        signal.addEventListener('abort', close, { once: true });
        const onEnd: typeof handler.onEnd = (status) => {
          signal.removeEventListener('abort', close);
          close();
          handler.onEnd(status);
        };
        const client = new GrpcClient(new OneConnection(connection), 'localhost', metadata);
        client.watch(method, request, { onMessage: (message) => handler.onMessage(message), onEnd }, signal);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        const message = error instanceof Error ? error.message : String(error);
        handler.onEnd({ code: StatusCode.Unavailable, message });
      },
    );
  }
}
