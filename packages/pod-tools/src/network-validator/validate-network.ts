import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import type { SocketAddress, ValidatorOptions } from './arguments.ts';
import type { Log } from './log.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const TOKEN_LENGTH = 63;

function newToken(): string {
  const characters = Array.from({ length: TOKEN_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]);
  return `${characters.join('')}\n`;
}

const shown = ({ host, port }: SocketAddress) => `${host}:${port}`;

/** Listens, and tells everybody who connects the token. */
async function tellToken(address: SocketAddress, token: string, log: Log): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', (error) => log('debug', `a client went away: ${error.message}`));
    log('debug', `accepted ${socket.remoteAddress}:${socket.remotePort}`);
    socket.end(token);
  });
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return server;
}

/** Connects and reads what is told there, at most a byte more than a token. */
async function readToken(address: SocketAddress, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const socket = connect({ host: address.host, port: address.port });
  const abort = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    let told = '';
    for await (const chunk of socket.setEncoding('latin1')) {
      told += String(chunk);
      if (told.length > TOKEN_LENGTH + 1) break;
    }
    return told;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

/**
 * Proves that this pod's outbound traffic is redirected: a connection to an address that is not here must reach
 * the socket that listens here. Rejects with the reason where it does not, or when `signal` is aborted.
 */
export async function validateNetwork(
  { listenAddr, connectAddr }: Pick<ValidatorOptions, 'listenAddr' | 'connectAddr'>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const token = newToken();
  const server = await tellToken(listenAddr, token, log).catch((error: Error) => {
    throw new Error(`cannot listen on ${shown(listenAddr)}: ${error.message}`, { cause: error });
  });
  try {
    log('debug', `listening on ${shown(listenAddr)}; connecting to ${shown(connectAddr)}`);
    const told = await readToken(connectAddr, signal).catch((error: Error) => {
      signal.throwIfAborted();
      throw new Error(`cannot connect to ${shown(connectAddr)}: ${error.message}`, { cause: error });
    });
    if (told !== token)
      throw new Error(
        `${shown(connectAddr)} answered for itself: traffic is not redirected to ${shown(listenAddr)}`,
      );
  } finally {
    server.close();
  }
}
