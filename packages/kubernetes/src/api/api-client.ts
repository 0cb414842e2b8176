import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ApiError, isApiError } from './api-error.ts';
import { errorOfStatus } from './api-status.ts';
import type { Connection } from './connection.ts';
import { readJson } from './read-json.ts';
import { Turnstile } from './turnstile.ts';

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Such as `/api/v1/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the body. Default `application/json`. */
  readonly contentType?: string;
  readonly accept?: string;
  /** The longest silence before the answer is complete, in ms. Default 30 000. */
  readonly silenceMs?: number;
  /** Whether it may be sent again when a kept connection turns out to be dead. Default: only a GET. */
  readonly repeatable?: boolean;
  readonly signal: AbortSignal;
}

/** What a client tells about its requests. */
export interface ApiClientObserver {
  /** `outcome` is the HTTP status, or the code of the error when there was none. */
  requested(method: string, outcome: string, seconds: number): void;
}

export interface ApiClientOptions {
  readonly connection: Connection;
  /** Who asks, in the server's audit log: `weft-destination`. */
  readonly userAgent: string;
  readonly observer?: ApiClientObserver;
  /** Requests under way at a time; streams do not count. Default 64. */
  readonly maxInFlight?: number;
  /** Requests that may wait for their turn; more are refused as `overloaded`. Default 1000. */
  readonly maxWaiting?: number;
  /** A longer answer is refused. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
}

const DEFAULT_SILENCE_MS = 30_000;

/** Speaks HTTP to the API server: one JSON answer to a request, or a body to read as it comes. */
export class ApiClient {
  readonly #options: Required<Omit<ApiClientOptions, 'observer'>>;
  readonly #observer: ApiClientObserver | undefined;
  readonly #turnstile: Turnstile;

  constructor(options: ApiClientOptions) {
    const { observer, ...rest } = options;
    this.#options = { maxInFlight: 64, maxWaiting: 1000, maxAnswerBytes: 64 * 1024 * 1024, ...rest };
    this.#observer = observer;
    this.#turnstile = new Turnstile({ inside: this.#options.maxInFlight, waiting: this.#options.maxWaiting });
  }

  /** The server's origin, for messages. */
  get server(): string {
    return this.#options.connection.server.origin;
  }

  /** Requests under way and waiting for their turn. */
  get load(): { readonly inFlight: number; readonly waiting: number } {
    return { inFlight: this.#turnstile.inside, waiting: this.#turnstile.waiting };
  }

  /** Sends a request and returns the JSON of its answer. @throws ApiError; the signal's reason when aborted. */
  async call(request: ApiRequest): Promise<unknown> {
    const leave = await this.#turnstile.enter(request.signal);
    if (leave === undefined)
      throw new ApiError(
        'overloaded',
        `${this.#options.maxWaiting} requests to ${this.server} wait already`,
        { target: targetOf(request) },
      );
    const started = performance.now();
    try {
      const response = await this.#respond(request);
      const answer = await readJson(response, this.#options.maxAnswerBytes, targetOf(request));
      this.#report(request, String(response.statusCode), started);
      return answer;
    } catch (error) {
      this.#report(request, outcomeOf(error), started);
      request.signal.throwIfAborted();
      throw error;
    } finally {
      leave();
    }
  }

  /**
   * Sends a request and returns its body as it comes, once the server has accepted it. The body fails with an
   * `ApiError` of code `timeout` when nothing comes for `bodySilenceMs`, and ends with the signal.
   */
  async open(request: ApiRequest, bodySilenceMs: number): Promise<IncomingMessage> {
    const started = performance.now();
    try {
      const response = await this.#respond(request);
      response.socket.setTimeout(bodySilenceMs);
      this.#report(request, String(response.statusCode), started);
      return response;
    } catch (error) {
      this.#report(request, outcomeOf(error), started);
      throw error;
    }
  }

  /** The response, if it is a good one. Credentials that have just been replaced get a second chance. */
  async #respond(request: ApiRequest, attempt = 1): Promise<IncomingMessage> {
    const target = targetOf(request);
    const response = await this.#send(request, target);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    const body = await readJson(response, 1024 * 1024, target).catch(() => undefined);
    const retryAfterMs = Number(headers['retry-after']) * 1000;
    const error = errorOfStatus(body, target, {
      httpStatus: statusCode,
      ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
    });
    if (!isApiError(error, 'unauthorized') || attempt > 1) throw error;
    this.#options.connection.refresh();
    return this.#respond(request, attempt + 1);
  }

  async #send(request: ApiRequest, target: string, attempt = 1): Promise<IncomingMessage> {
    const { connection, userAgent } = this.#options;
    const { method = 'GET', accept = 'application/json', contentType = 'application/json' } = request;
    const { agent, headers } = await connection.credentials();
    request.signal.throwIfAborted();
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const send = connection.server.protocol === 'http:' ? httpRequest : httpsRequest;
    const sent = send(urlOf(connection.server, request), {
      method,
      agent,
      headers: {
        ...headers,
        accept,
        'user-agent': userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType, 'content-length': body.length }),
      },
    });
    const response = responseTo(sent, request, target);
    sent.end(body);
    try {
      return await response;
    } catch (error) {
      const { repeatable = method === 'GET' } = request;
      // The server may close a kept connection at the moment a request is written to it.
      if (sent.reusedSocket && repeatable && attempt === 1 && isApiError(error, 'unreachable'))
        return this.#send(request, target, 2);
      throw error;
    }
  }

  #report({ method = 'GET' }: ApiRequest, outcome: string, started: number): void {
    this.#observer?.requested(method, outcome, (performance.now() - started) / 1000);
  }
}

function targetOf({ method = 'GET', path }: ApiRequest): string {
  return `${method} ${path}`;
}

function urlOf(server: URL, { path, query = {} }: ApiRequest): URL {
  const url = new URL(server);
  url.pathname = `${server.pathname.replace(/\/$/, '')}${path}`;
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(key, String(value));
  return url;
}

function outcomeOf(error: unknown): string {
  if (error instanceof ApiError) return String(error.data.status ?? error.code);
  return 'cancelled';
}

/** The head of the response. Silence and the signal end the request, and later the response's body. */
function responseTo(
  sent: ClientRequest,
  { silenceMs = DEFAULT_SILENCE_MS, signal }: ApiRequest,
  target: string,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  let response: IncomingMessage | undefined;
  const end = (reason: Error) => {
    // The reason goes to whoever reads the body; a body nobody reads any more must not fail the process.
    if (response === undefined) sent.destroy(reason);
    else response.destroy(reason);
  };
  const abort = () => end(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
  signal.addEventListener('abort', abort, { once: true });
  sent.setTimeout(silenceMs);
  sent.on('timeout', () => end(new ApiError('timeout', 'the server has gone silent', { target })));
  sent.once('response', (head) => {
    response = head;
    head.on('error', () => {});
    resolve(head);
  });
  sent.on('error', (cause) => {
    if (signal.aborted) reject(signal.reason);
    else if (cause instanceof ApiError) reject(cause);
    else
      reject(new ApiError('unreachable', `no answer from ${sent.host}: ${cause.message}`, { target }, cause));
  });
  sent.once('close', () => signal.removeEventListener('abort', abort));
  return promise;
}
