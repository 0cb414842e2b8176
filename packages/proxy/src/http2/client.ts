import type { RequestHead } from '../http/message.ts';
import type { HttpClient, RequestStream, ResponseHandler } from '../http/stream.ts';
import type { Connect, Connection } from '../transport/connection.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import { Http2ClientConnection } from './client-connection.ts';
import { DeferredRequest } from './deferred-request.ts';
import type { Http2Options } from './options.ts';

export interface Http2ClientOptions {
  readonly http2?: Partial<Http2Options>;
  readonly backoff: BackoffOptions;
  /** Requests that may wait for the connection being opened; 1000 unless told. */
  readonly maxWaiting?: number;
  /** A number from 0 to 1, for the jitter. */
  readonly random?: () => number;
  /** Hears of every connection that could not be made or broke. */
  readonly onFailure?: (error: Error) => void;
}

/**
 *   idle ── warm, request ──▶ connecting
 *   connecting ──▶ connected ── GOAWAY, closed ──▶ connecting
 *       ▲  └─ failed ─▶ backing-off ─┐   └─ closed young ─▶ backing-off
 *       └────────────────────────────┘
 */
type ClientState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly abort: AbortController; readonly waiting: DeferredRequest[] }
  | { readonly kind: 'connected'; readonly session: Http2ClientConnection; readonly since: number }
  | { readonly kind: 'backing-off'; readonly timer: NodeJS.Timeout; readonly error: Error }
  | { readonly kind: 'closed' };

const closedError = new Error('HTTP/2 client is closed');

/**
 * Keeps one HTTP/2 connection to one endpoint: opened when first wanted and from then on replaced when it
 * drains or breaks, with growing pauses while that fails. Requests made while one is being opened wait for the outcome; while backing off
 * they fail with the reason.
 */
export class Http2Client implements HttpClient {
  onReadyChange: ((ready: boolean) => void) | null = null;

  readonly #connect: Connect;
  readonly #options: Http2ClientOptions;
  readonly #backoff: Backoff;
  /** Connections that finish their last streams. */
  readonly #draining = new Set<Http2ClientConnection>();
  #state: ClientState = { kind: 'idle' };
  #readyTold = false;

  constructor(connect: Connect, options: Http2ClientOptions) {
    this.#connect = connect;
    this.#options = options;
    this.#backoff = new Backoff(options.backoff, options.random);
  }

  get ready(): boolean {
    return this.#state.kind === 'connected';
  }

  warm(): void {
    if (this.#state.kind === 'idle') this.#become(this.#startConnecting());
  }

  request(head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    this.warm();
    const state = this.#state;
    if (state.kind === 'connected') return state.session.request(head, ended, handler);
    const request = new DeferredRequest(head, ended, handler);
    if (state.kind === 'connecting') {
      if (state.waiting.length < (this.#options.maxWaiting ?? 1000)) state.waiting.push(request);
      else failSoon(request, new Error('too many requests wait for an HTTP/2 connection'));
    } else {
      failSoon(request, state.kind === 'backing-off' ? state.error : closedError);
    }
    return request;
  }

  close(): void {
    const state = this.#state;
    this.#become({ kind: 'closed' });
    switch (state.kind) {
      case 'connecting':
        state.abort.abort(closedError);
        for (const request of state.waiting) request.fail(closedError);
        break;
      case 'connected':
        this.#draining.add(state.session);
        state.session.drain();
        break;
      case 'backing-off':
        clearTimeout(state.timer);
        break;
      case 'idle':
      case 'closed':
        break;
    }
  }

  /** Closes at once: open exchanges hear `error`. */
  destroy(error: Error): void {
    this.close();
    for (const session of this.#draining) session.destroy(error);
  }

  #become(state: ClientState): void {
    this.#state = state;
    if (this.ready === this.#readyTold) return;
    this.#readyTold = this.ready;
    this.onReadyChange?.(this.ready);
  }

  #startConnecting(): ClientState {
    const abort = new AbortController();
    const state: ClientState = { kind: 'connecting', abort, waiting: [] };
    this.#connect(abort.signal).then(
      (connection) => this.#connected(state, connection),
      (error: unknown) => this.#connectFailed(state, error),
    );
    return state;
  }

  #connected(state: ClientState, connection: Connection): void {
    if (this.#state !== state || state.kind !== 'connecting') {
      connection.destroy();
      return;
    }
    const session = new Http2ClientConnection(connection, this.#options.http2);
    const connected: ClientState = { kind: 'connected', session, since: performance.now() };
    session.onDraining = () => this.#replace(connected);
    session.onClosed = (error) => {
      this.#draining.delete(session);
      if (error !== null) this.#options.onFailure?.(error);
    };
    this.#state = connected;
    for (const request of state.waiting) request.start(session);
    if (this.#state === connected) this.#become(connected);
  }

  #connectFailed(state: ClientState, reason: unknown): void {
    if (this.#state !== state || state.kind !== 'connecting') return;
    const error = reason instanceof Error ? reason : new Error(String(reason));
    this.#options.onFailure?.(error);
    this.#backOff(error);
    for (const request of state.waiting) request.fail(error);
  }

  /** A connection that did not live even as long as the shortest pause counts as a failure. */
  #replace(state: ClientState): void {
    if (this.#state !== state || state.kind !== 'connected') return;
    this.#draining.add(state.session);
    if (performance.now() - state.since < this.#options.backoff.minMs) {
      this.#backOff(new Error('HTTP/2 connection closed by its peer at once'));
      return;
    }
    this.#backoff.reset();
    this.#become(this.#startConnecting());
  }

  #backOff(error: Error): void {
    const timer = setTimeout(() => {
      if (this.#state === waiting) this.#become(this.#startConnecting());
    }, this.#backoff.next());
    timer.unref();
    const waiting: ClientState = { kind: 'backing-off', timer, error };
    this.#become(waiting);
  }
}

function failSoon(request: DeferredRequest, error: Error): void {
  queueMicrotask(() => request.fail(error));
}
