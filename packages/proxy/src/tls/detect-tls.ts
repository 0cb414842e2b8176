import { type PeekOptions, peek } from '../transport/peek.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { type ClientHello, parseClientHello } from './client-hello.ts';

/**
 * Says whether a connection opens with a TLS ClientHello, without taking a byte from it. Bytes that end
 * before they decide are not TLS. Rejects with a `PeekError` when nothing decides in time.
 */
export function detectTls(
  connection: SocketConnection,
  options: PeekOptions,
): Promise<Exclude<ClientHello, { kind: 'more' }>> {
  return peek(
    connection,
    (bytes, ended) => {
      const hello = parseClientHello(bytes);
      if (hello.kind !== 'more') return { kind: 'done', value: hello, consumed: 0 };
      if (ended && bytes.length > 0) return { kind: 'done', value: { kind: 'not-tls' }, consumed: 0 };
      return { kind: 'more' };
    },
    options,
  );
}
