import type { RequestHead } from '../http/message.ts';
import type { Http2ClientConnection } from '../http2/client-connection.ts';
import type { CallReceiver, CallTransport } from './call.ts';

/** Sends all calls over one connection, for as long as that lives. */
export class OneConnection implements CallTransport {
  readonly #connection: Http2ClientConnection;

  constructor(connection: Http2ClientConnection) {
    this.#connection = connection;
  }

  send(head: RequestHead, body: Buffer, handler: CallReceiver): () => void {
    const stream = this.#connection.request(head, false, handler);
    handler.stream = stream;
    stream.writeData(body);
    stream.end(null);
    return () => {};
  }
}
