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
  readonly #sockets = new Set<Socket>();

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

  destroyConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #plainServer(): Server {
    return createServer({ noDelay: true }, (socket) => this.#options.onConnection(socket));
  }

  #tlsServer(tls: MeshTlsOptions): Server {
    const { limits, metrics, logger, onConnection } = this.#options;
    return createMeshTlsServer(
      tls,
      {
        onSecure: (socket) => {
          // Node's HTTP/2 server turns away a TLS socket that negotiated nothing; in the mesh that is the norm
          // and HTTP/2 is known beforehand.
          socket.alpnProtocol = 'h2';
          onConnection(socket);
        },
        onRefused: (reason, error, peer) => {
          metrics.refused(reason);
          logger.warn('connection refused', { peer, reason, error });
        },
      },
      limits.handshakeMs,
    );
  }

  #track(socket: Socket): void {
    const { connections } = this.#options.metrics;
    this.#sockets.add(socket);
    connections.inc();
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#sockets.delete(socket);
      connections.dec();
    });
  }
}
