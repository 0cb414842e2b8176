import type { SocketAddress } from '../transport/connection.ts';
import { type PeekOptions, peek } from '../transport/peek.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { parseTransportHeader, type TransportHeader } from './header.ts';

/** A peer that agreed to send a transport header sent something else. */
export class TransportHeaderError extends Error {
  readonly code = 'transport-header-invalid';
  readonly peer: SocketAddress;

  constructor(peer: SocketAddress, reason: string) {
    super(`transport header from ${formatAddress(peer)}: ${reason}`);
    this.name = 'TransportHeaderError';
    this.peer = peer;
  }
}

/**
 * Takes the header off the front of a connection, which is parked afterwards with everything behind it still
 * to be read. Rejects with a `TransportHeaderError` or a `PeekError`; the connection is then destroyed.
 */
export async function readTransportHeader(
  connection: SocketConnection,
  options: Pick<PeekOptions, 'timeoutMs' | 'signal'>,
): Promise<TransportHeader> {
  const parsed = await peek(
    connection,
    (bytes) => {
      const value = parseTransportHeader(bytes);
      if (value.kind === 'more') return value;
      return { kind: 'done', value, consumed: value.kind === 'header' ? value.length : 0 };
    },
    options,
  );
  if (parsed.kind === 'header') return parsed.header;
  connection.destroy();
  throw new TransportHeaderError(connection.peer, parsed.reason);
}
