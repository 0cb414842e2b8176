import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from '../log/logger.ts';
import type { SocketAddress } from './connection.ts';
import { originalDestination } from './original-destination.ts';
import { formatAddress, socketAddress } from './socket-address.ts';
import { SocketConnection, type SocketConnectionOptions } from './socket-connection.ts';
import { applySocketOptions, nodeSocketOptions, type SocketOptions } from './socket-options.ts';

export interface ListenOptions extends SocketOptions, SocketConnectionOptions {
  /** For logs and errors: `inbound`, `admin`… */
  readonly name: string;
  /** Length of the kernel's queue of connections not yet accepted; Node's default (511) when absent. */
  readonly backlog?: number | undefined;
  /** Open connections above which new ones are closed at once; no limit when absent. */
  readonly maxConnections?: number | undefined;
  readonly log: Logger;
}

/** Connections that arrived before `accept` was called are kept, paused, up to this many. */
const MAX_WAITING = 4096;

export class BindError extends Error {
  readonly code = 'bind-failed';
  readonly address: SocketAddress;

  constructor(name: string, address: SocketAddress, cause: Error) {
    super(`cannot listen for ${name} connections on ${formatAddress(address)}: ${cause.message}`, { cause });
    this.name = 'BindError';
    this.address = address;
  }
}

/** A bound socket. Nothing is read from its connections until `accept` is called. */
export class Listener {
  readonly address: SocketAddress;
  /** Connections closed at once: above a bound, or without an original destination. */
  refused = 0;
  readonly #server: Server;
  readonly #options: ListenOptions;
  #waiting: Socket[] = [];
  #onSocket: ((socket: Socket) => void) | null = null;

  /** Use `listenTcp`. */
  constructor(server: Server, options: ListenOptions) {
    this.#server = server;
    this.#options = options;
    const bound = server.address() as { address: string; port: number };
    this.address = socketAddress(bound.address, bound.port);
    if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
    server.on('connection', (socket: Socket) => this.#take(socket));
    server.on('drop', () => this.#refuse('too many connections'));
    // Node reports what accept(2) says here (EMFILE, ECONNABORTED…) and goes on accepting.
    server.on('error', (error: Error) => {
      options.log.warn('Failed to accept connection', { listener: options.name, error });
    });
  }

  /** Starts handing out connections, each parked until its `handler` is set. */
  accept(onConnection: (connection: SocketConnection) => void): void {
    this.#start((socket) => onConnection(new SocketConnection(socket, this.#options)));
  }

  /** As `accept`, for connections redirected here by netfilter. Those that were not are closed. */
  acceptRedirected(onConnection: (connection: SocketConnection, target: SocketAddress) => void): void {
    this.#start((socket) => {
      const target = originalDestination(socket);
      if (target !== null) return onConnection(new SocketConnection(socket, this.#options), target);
      this.#refuse('the original destination is unknown', socket.remoteAddress);
      socket.destroy();
    });
  }

  /** Stops listening; open connections go on. */
  close(): void {
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting = [];
  }

  #start(onSocket: (socket: Socket) => void): void {
    this.#onSocket = onSocket;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const socket of waiting) if (!socket.destroyed) onSocket(socket);
  }

  #take(socket: Socket): void {
    applySocketOptions(socket, this.#options);
    if (this.#onSocket !== null) {
      this.#onSocket(socket);
    } else if (this.#waiting.length < MAX_WAITING) {
      socket.on('error', () => {});
      this.#waiting.push(socket);
    } else {
      this.#refuse('too many connections before start', socket.remoteAddress);
      socket.destroy();
    }
  }

  #refuse(reason: string, client?: string): void {
    this.refused++;
    this.#options.log.warn('Connection refused', { listener: this.#options.name, client, reason });
  }
}

/** Binds and listens. Rejects with a `BindError`. Port 0 takes a free one, see `Listener.address`. */
export function listenTcp(address: SocketAddress, options: ListenOptions): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ ...nodeSocketOptions(options), pauseOnConnect: true });
    const onError = (error: Error) => reject(new BindError(options.name, address, error));
    server.once('error', onError);
    const backlog = options.backlog === undefined ? {} : { backlog: options.backlog };
    server.listen({ host: address.ip, port: address.port, ...backlog }, () => {
      server.off('error', onError);
      resolve(new Listener(server, options));
    });
  });
}
