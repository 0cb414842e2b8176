import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ListenAddress, Logger } from '@weft/service';
import type { KeyPair } from '../files/serving-certificate.ts';
import type { AdmissionMetrics } from '../metrics.ts';
import { decodeReview } from '../review/decode-review.ts';
import { encodeReview } from '../review/encode-review.ts';
import type { AdmissionDecision, AdmissionRequest, Admit } from '../review/review.ts';
import { type Answer, busy, malformed, notFound, reviewed, tooLarge } from './answers.ts';
import { ByteBudget } from './byte-budget.ts';
import { defaultWebhookLimits, type WebhookLimits } from './limits.ts';
import { announcedLength, readBody } from './read-body.ts';

export interface WebhookServerOptions {
  /** Name in logs and metrics: `proxy-injector`. */
  readonly name: string;
  readonly admit: Admit;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
  readonly limits?: Partial<WebhookLimits>;
}

/** What a request takes out of the budget at least: its objects weigh more than its text. */
const MIN_COST = 256 * 1024;

/** One admission webhook: `POST /` over TLS 1.3, its certificate replaceable while it serves. */
export class WebhookServer {
  readonly #options: WebhookServerOptions;
  readonly #limits: WebhookLimits;
  readonly #budget: ByteBudget;
  readonly #server: Server;
  #draining = false;

  constructor(options: WebhookServerOptions) {
    this.#options = options;
    this.#limits = { ...defaultWebhookLimits, ...options.limits };
    this.#budget = new ByteBudget(this.#limits.bytesInFlight, this.#limits.waiting);
    this.#server = this.#createServer();
  }

  get load(): { webhook: string; bytes: number; waiting: number } {
    return { webhook: this.#options.name, bytes: this.#budget.taken, waiting: this.#budget.waiting };
  }

  /** Where it listens. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** Serves new connections with this certificate; those that are open keep theirs. */
  useCertificate({ cert, key }: KeyPair): void {
    this.#server.setSecureContext({ cert, key, minVersion: 'TLSv1.3' });
  }

  /** Listens and returns the address the system gave. Handshakes fail until there is a certificate. */
  async listen(address: ListenAddress): Promise<AddressInfo> {
    this.#server.listen(address.port, address.host);
    await once(this.#server, 'listening');
    this.#server.on('error', (error) => this.#options.logger.warn('webhook server', { error }));
    return this.address;
  }

  /**
   * Ends in order: no new connections, every answer the last of its connection, requests under way finished.
   * What is left is cut when `signal` aborts.
   */
  async drain(signal: AbortSignal): Promise<void> {
    this.#draining = true;
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    // Also closes the connections that are idle now.
    this.#server.close();
    const cut = () => this.#server.closeAllConnections();
    if (signal.aborted) cut();
    else signal.addEventListener('abort', cut, { once: true });
    await closed;
    signal.removeEventListener('abort', cut);
  }

  #createServer(): Server {
    const { requestMs, idleMs, connections } = this.#limits;
    const { name, metrics, logger } = this.#options;
    const server = createServer(
      {
        minVersion: 'TLSv1.3',
        requestTimeout: requestMs,
        headersTimeout: Math.min(requestMs, 10_000),
        handshakeTimeout: 10_000,
        keepAliveTimeout: idleMs,
        maxHeaderSize: 16 * 1024,
      },
      (request, response) => void this.#serve(request, response),
    );
    server.maxConnections = connections;
    server.on('clientError', (_error, socket) => socket.destroy());
    server.on('tlsClientError', (error, socket) => {
      metrics.handshakeFailed(name);
      logger.debug('TLS handshake failed', { webhook: name, client: socket.remoteAddress, error });
    });
    return server;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const begun = performance.now();
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await this.#answer(request, gone.signal);
    this.#options.metrics.ended(this.#options.name, answer.outcome, (performance.now() - begun) / 1000);
    if (answer.outcome === 'broken') {
      response.destroy();
      return;
    }
    const { status, contentType, text } = answer;
    // Of a body that was not read to its end the rest is in the way.
    if (this.#draining || !request.complete) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
    response.end(text);
  }

  async #answer(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    if (request.method !== 'POST' || request.url?.split('?')[0] !== '/') return notFound;
    const { bodyBytes } = this.#limits;
    const length = announcedLength(request, bodyBytes);
    if (length > bodyBytes) return tooLarge(bodyBytes);
    const release = await this.#budget.take(Math.max(length, MIN_COST), signal);
    if (release === undefined) return signal.aborted ? { outcome: 'broken' } : busy;
    try {
      const body = await readBody(request, bodyBytes);
      if (body.type === 'too_large') return tooLarge(bodyBytes);
      if (body.type === 'broken') return { outcome: 'broken' };
      return await this.#review(body.bytes, signal);
    } finally {
      release();
    }
  }

  async #review(body: Buffer, signal: AbortSignal): Promise<Answer> {
    const decoded = decodeReview(body);
    if (decoded.type === 'malformed') return malformed(decoded.problem);
    const { review } = decoded;
    const { decision, failed } = await this.#decide(review.request, signal);
    const outcome = failed ? 'failed' : decision.kind === 'denied' ? 'denied' : 'allowed';
    const patched = decision.kind === 'allowed' && (decision.patch?.length ?? 0) > 0;
    return reviewed(patched ? 'patched' : outcome, encodeReview(review, decision));
  }

  async #decide(
    request: AdmissionRequest,
    signal: AbortSignal,
  ): Promise<{ decision: AdmissionDecision; failed: boolean }> {
    const { admit, name, logger } = this.#options;
    try {
      return { decision: await admit(request, signal), failed: false };
    } catch (error) {
      const { kind, namespace, name: object } = request;
      logger.warn('request failed and is denied', {
        webhook: name,
        kind: kind.kind,
        namespace,
        object,
        error,
      });
      const message = error instanceof Error ? error.message : String(error);
      return { decision: { kind: 'denied', message }, failed: true };
    }
  }
}
