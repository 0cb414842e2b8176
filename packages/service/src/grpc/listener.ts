import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ListenAddress } from '../config/values.ts';
import type { Logger } from '../log/logger.ts';
import { createMeshTlsServer, type MeshTlsOptions } from '../tls/mesh-tls-server.ts';
import type { GrpcLimits } from './limits.ts';
import type { GrpcServerMetrics } from './metrics.ts';

export interface ListenerOptions {
  readonly tls: MeshTlsOptions | undefined;
  readonly limits: GrpcLimits;
  readonly metrics: GrpcServerMetrics;
  readonly logger: Logger;
  /** Takes a connection that is ready to speak HTTP/2. */
  readonly onConnection: (connection: Duplex) => void;
}

/** Accepts connections, with mesh TLS or in plain text, and bounds and counts them. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  /** All that were accepted, those still shaking hands included. */
  readonly #accepted = new Set<Socket>();
  /** Those that speak HTTP/2. */
  readonly #serving = new Set<Socket>();
  #onIdle = () => {};

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = options.tls === undefined ? this.#plainServer() : this.#tlsServer(options.tls);
    this.#server.maxConnections = options.limits.maxConnections;
    this.#server.on('connection', (socket) => this.#track(socket));
    this.#server.on('drop', () => options.metrics.refused('limit'));
  }

  async listen(address: ListenAddress): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(address.port, address.host, resolve);
    await promise;
    this.#server.off('error', reject);
    this.#server.on('error', (error) => this.#options.logger.warn('accepting connections failed', { error }));
    return this.#server.address() as AddressInfo;
  }

  /** Accepts no more; connections open now are not touched. */
  stop(): void {
    this.#server.close();
  }

  /** Resolves when no connection speaks HTTP/2 any more, or `signal` aborts. */
  async drained(signal: AbortSignal): Promise<void> {
    if (this.#serving.size === 0 || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  }

  destroyConnections(): void {
    for (const socket of this.#accepted) socket.destroy();
  }

  #plainServer(): Server {
    return createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  #tlsServer(tls: MeshTlsOptions): Server {
    const { limits, metrics, logger } = this.#options;
    return createMeshTlsServer(
      tls,
      {
        onSecure: (socket) => {
          // Node's HTTP/2 server turns away a TLS socket that negotiated nothing; in the mesh that is the norm
          // and HTTP/2 is known beforehand.
          socket.alpnProtocol = 'h2';
          this.#serve(socket);
        },
        onRefused: (reason, error, peer) => {
          metrics.refused(reason);
          logger.warn('connection refused', { peer, reason, error });
        },
      },
      limits.handshakeMs,
    );
  }

  #serve(socket: Socket): void {
    this.#serving.add(socket);
    socket.once('close', () => {
      this.#serving.delete(socket);
      if (this.#serving.size === 0) this.#onIdle();
    });
    this.#options.onConnection(socket);
  }

  #track(socket: Socket): void {
    const { connections } = this.#options.metrics;
    this.#accepted.add(socket);
    connections.inc();
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#accepted.delete(socket);
      connections.dec();
    });
  }
}
