import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { ListenAddress } from '../config/values.ts';
import type { Logger } from '../log/logger.ts';
import type { Readiness } from './readiness.ts';

const plainText = { 'content-type': 'text/plain; charset=utf-8' };

export interface AdminServerOptions {
  readonly registry: Registry;
  readonly readiness: Readiness;
  readonly logger: Logger;
}

/** `/live`, `/ping`, `/ready` and `/metrics`: what kubelets and Prometheus ask, in Linkerd's words. */
export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #server: Server;

  constructor(options: AdminServerOptions) {
    this.#options = options;
    this.#server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8 * 1024 },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxConnections = 256;
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Listens and returns the address the system gave. */
  async listen(address: ListenAddress): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(address.port, address.host, resolve);
    await promise;
    this.#server.off('error', reject);
    this.#server.on('error', (error) => this.#options.logger.warn('admin server', { error }));
    return this.#server.address() as AddressInfo;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...plainText, allow: 'GET, HEAD' }).end('method not allowed\n');
      return;
    }
    switch (request.url?.split('?')[0]) {
      case '/live':
        response.writeHead(200, plainText).end('live\n');
        return;
      case '/ping':
        response.writeHead(200, plainText).end('pong\n');
        return;
      case '/ready':
        if (this.#options.readiness.ready) response.writeHead(200, plainText).end('ok\n');
        else response.writeHead(500, plainText).end('not ready\n');
        return;
      case '/metrics':
        await this.#writeMetrics(response);
        return;
      default:
        response.writeHead(404, plainText).end('not found\n');
    }
  }

  async #writeMetrics(response: ServerResponse): Promise<void> {
    const { registry, logger } = this.#options;
    try {
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    } catch (error) {
      logger.warn('metrics could not be collected', { error });
      response.writeHead(500, plainText).end('metrics could not be collected\n');
    }
  }
}
