import type { Logger } from '../log/logger.ts';
import type { ConnectSocket } from '../transport/connect-tcp.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';

/** Says in the log when the application cannot be reached: the client hears of a 502 or 504 and no more. */
export function reportingFailures(connect: ConnectSocket, target: SocketAddress, log: Logger): ConnectSocket {
  return async (signal) => {
    try {
      return await connect(signal);
    } catch (error) {
      if (!signal.aborted) log.info('Failed to connect', { endpoint: formatAddress(target), error });
      throw error;
    }
  };
}
