import { createServer, type Server } from 'node:net';
import type { Logger } from '../log/logger.ts';
import type { SocketAddress } from './connection.ts';
import { type TcpHandle, takeAccepted, whenClosed } from './handles.ts';
import { originalDestination } from './original-destination.ts';
import { formatAddress, socketAddress } from './socket-address.ts';
import { SocketConnection, type SocketConnectionOptions } from './socket-connection.ts';
import { applySocketOptions, type SocketOptions } from './socket-options.ts';
import { systemError } from './system-error.ts';
import { TcpEnds } from './tcp-ends.ts';

export interface ListenOptions extends SocketOptions, SocketConnectionOptions {
  /** For logs and errors: `inbound`, `admin`… */
  readonly name: string;
  /** Length of the kernel's queue of connections not yet accepted; Node's default (511) when absent. */
  readonly backlog?: number | undefined;
  /** Open connections above which new ones are closed at once; no limit when absent. */
  readonly maxConnections?: number | undefined;
  /** Other threads listen at the same address; only where all do so (SO_REUSEPORT). */
  readonly reusePort?: boolean;
  /** Sees every new connection first: true takes it away. */
  readonly divert?: ((accepted: TcpHandle) => boolean) | undefined;
  readonly log: Logger;
}

/** Connections that arrived before `accept` was called are kept, unread, up to this many. */
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

interface Accepted {
  readonly handle: TcpHandle;
  readonly ends: TcpEnds;
}

/** A bound socket. Nothing is read from its connections until `accept` is called. */
export class Listener {
  readonly address: SocketAddress;
  /** Connections closed at once: above a bound, or without an original destination. */
  refused = 0;
  readonly #server: Server;
  readonly #options: ListenOptions;
  #waiting: Accepted[] = [];
  #onAccepted: ((accepted: Accepted) => void) | null = null;
  /** Connections open at the moment; counted only where they are bounded. */
  #open = 0;

  /** Use `listenTcp`. */
  constructor(server: Server, options: ListenOptions) {
    this.#server = server;
    this.#options = options;
    const bound = server.address() as { address: string; port: number };
    this.address = socketAddress(bound.address, bound.port);
    const handle = takeAccepted(server, (status, accepted) => this.#take(status, accepted));
    // What is accepted has the options of the socket that listens.
    applySocketOptions(handle, options);
  }

  /** Starts handing out connections, each parked until its `handler` is set. */
  accept(onConnection: (connection: SocketConnection) => void): void {
    this.#start(({ handle, ends }) => onConnection(new SocketConnection(handle, ends, this.#options)));
  }

  /** As `accept`, for connections redirected here by netfilter. Those that were not are closed. */
  acceptRedirected(onConnection: (connection: SocketConnection, target: SocketAddress) => void): void {
    this.#start(({ handle, ends }) => {
      const target = originalDestination(handle, ends.peer);
      if (target !== null) return onConnection(new SocketConnection(handle, ends, this.#options), target);
      this.#turnAway({ handle, ends }, 'the original destination is unknown');
    });
  }

  /** Takes a connection that was accepted elsewhere in this process. */
  adopt(handle: TcpHandle): void {
    this.#keep(handle);
  }

  /** Stops listening; open connections go on. */
  close(): void {
    this.#server.close();
    for (const { handle } of this.#waiting) handle.close();
    this.#waiting = [];
  }

  #start(onAccepted: (accepted: Accepted) => void): void {
    this.#onAccepted = onAccepted;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const accepted of waiting) onAccepted(accepted);
  }

  #take(status: number, handle: TcpHandle | undefined): void {
    const { divert, log, name } = this.#options;
    if (handle === undefined) {
      // EMFILE, ECONNABORTED…: accepting goes on.
      log.warn('Failed to accept connection', { listener: name, error: systemError(status, 'accept') });
      return;
    }
    if (divert?.(handle) !== true) this.#keep(handle);
  }

  #keep(handle: TcpHandle): void {
    const { maxConnections } = this.#options;
    const accepted = { handle, ends: new TcpEnds(handle) };
    if (maxConnections !== undefined) {
      if (this.#open >= maxConnections) {
        this.#turnAway(accepted, 'too many connections');
        return;
      }
      this.#open++;
      whenClosed(handle, () => this.#open--);
    }
    if (this.#onAccepted !== null) this.#onAccepted(accepted);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(accepted);
    else this.#turnAway(accepted, 'too many connections before start');
  }

  #turnAway({ handle, ends }: Accepted, reason: string): void {
    this.refused++;
    this.#options.log.warn('Connection refused', {
      listener: this.#options.name,
      client: ends.peer.ip,
      reason,
    });
    handle.close();
  }
}

/** Binds and listens. Rejects with a `BindError`. Port 0 takes a free one, see `Listener.address`. */
export function listenTcp(address: SocketAddress, options: ListenOptions): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    const onError = (error: Error) => reject(new BindError(options.name, address, error));
    server.once('error', onError);
    const backlog = options.backlog === undefined ? {} : { backlog: options.backlog };
    const { reusePort = false } = options;
    server.listen({ host: address.ip, port: address.port, reusePort, ...backlog }, () => {
      server.off('error', onError);
      resolve(new Listener(server, options));
    });
  });
}
