import type { Logger } from '../log/logger.ts';
import type { Connection, SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';

const nothing = (): void => {};

/** A debug line when a connection comes, and another when the returned function is called: it is over. */
export function logConnection(log: Logger, { peer }: Connection, target: SocketAddress): () => void {
  if (!log.enabled('debug')) return nothing;
  const fields = { client: formatAddress(peer), target: formatAddress(target) };
  log.debug('Connection accepted', fields);
  return () => log.debug('Connection finished', fields);
}
