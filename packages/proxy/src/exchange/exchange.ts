import { explainReset } from '../errors/explain.ts';
import type { ProxyError } from '../errors/proxy-error.ts';
import { errorHeaderText, grpcCodeOf, isGrpc, percentEncode } from '../errors/respond.ts';
import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type {
  HttpClient,
  RequestHandler,
  RequestStream,
  ResponseHandler,
  ResponseStream,
  StreamReset,
  Tunnel,
} from '../http/stream.ts';
import { tunnel as join } from '../tunnel/tunnel.ts';
import type { Stack } from './layer.ts';

/** RST_STREAM codes this file needs (RFC 9113 section 7). */
const CANCEL = 8;
const INTERNAL_ERROR = 2;

/**
 * One request and its response on their way through a stack. It stands between two codecs: to the server
 * codec it is what hears the request's body, to the client codec what hears the response.
 *
 * Bodies pass by reference. What arrives before a destination is known is held here, and the sender is
 * paused, so that no more than what was already on its way is ever held.
 */
export abstract class Exchange implements RequestHandler, ResponseHandler {
  readonly request: RequestHead;
  readonly downstream: ResponseStream;
  upstream: RequestStream | null = null;
  response: ResponseHead | null = null;
  /** Milliseconds on the monotonic clock when the request was handed to the endpoint's client. */
  dispatchedAt = 0;
  /** Layers the request has passed. */
  depth = 0;
  /** The response has ended, failed or been given up; nothing more is sent to the client. */
  finished = false;
  /** It was the client that gave it up. */
  cancelled = false;
  requestEnded: boolean;
  requestTrailers: HeaderList | null = null;

  /** The stack as this exchange sees it; the layers' type is the subclass. */
  readonly #stack: Stack<Exchange>;
  #held: Buffer[] | null = null;
  #requestBodySeen = false;
  #responseBodySeen = false;
  #closeAfter = false;

  constructor(stack: Stack<never>, request: RequestHead, requestEnded: boolean, downstream: ResponseStream) {
    this.#stack = stack as unknown as Stack<Exchange>;
    this.request = request;
    this.requestEnded = requestEnded;
    this.downstream = downstream;
  }

  /** Whether this client may be told why the proxy refuses (`l5d-proxy-error`). */
  abstract get informational(): boolean;

  /** Runs the remaining layers, until one of them waits, answers or dispatches. */
  proceed(): void {
    const layers = this.#stack.layers;
    while (this.depth < layers.length && !this.finished) {
      const layer = layers[this.depth++];
      if (layer.onRequest !== undefined && layer.onRequest(this) !== undefined) return;
    }
  }

  /** Hands the request, and whatever of its body has come, to an endpoint. */
  dispatch(client: HttpClient, now: number): 'done' {
    this.dispatchedAt = now;
    const held = this.#held;
    this.#held = null;
    const ended = this.requestEnded && held === null && this.requestTrailers === null;
    const upstream = client.request(this.request, ended, this);
    this.upstream = upstream;
    if (ended) {
      this.#markRequestBody();
      this.#hookRequestEnd();
    } else {
      if (held !== null) for (const chunk of held) this.#forwardRequestData(chunk);
      if (this.requestEnded) this.#forwardRequestEnd();
      else if (held !== null) this.downstream.resumeRequest();
    }
    return 'done';
  }

  /** Answers without an endpoint. The layers that the request has passed see the response. */
  answer(head: ResponseHead): 'done' {
    this.onResponseHead(head, true);
    return 'done';
  }

  /** Fails here: the nearest rescue above turns it into an answer. */
  fail(error: ProxyError): 'done' {
    if (this.finished) return 'done';
    if (this.response !== null) {
      this.#abort(error);
      return 'done';
    }
    this.#dropUpstream({ kind: 'reset', code: CANCEL });
    const layers = this.#stack.layers;
    for (let i = this.depth - 1; i >= 0; i--) {
      const layer = layers[i];
      const rescued = layer.rescue?.(this, error);
      if (rescued) {
        this.depth = i;
        if (rescued.close) this.closeAfter();
        this.onResponseHead(rescued.head, true);
        this.#discardRequest();
        return 'done';
      }
      layer.onEnd?.(this, null, error);
    }
    this.depth = 0;
    this.finished = true;
    this.downstream.reset({ kind: 'reset', code: INTERNAL_ERROR });
    return 'done';
  }

  /** Passes a peer's RST_STREAM on as it came; nothing is answered. */
  failWithReset(error: ProxyError, code: number): void {
    this.#end(null, error);
    this.downstream.reset({ kind: 'reset', code });
  }

  /** The client's connection is closed gracefully once this exchange is over. */
  closeAfter(): void {
    this.#closeAfter = true;
    this.downstream.closeAfter();
  }

  get closing(): boolean {
    return this.#closeAfter;
  }

  // ---- from the server codec -------------------------------------------------------------------------

  onRequestData(chunk: Buffer): void {
    if (this.upstream !== null) {
      this.#forwardRequestData(chunk);
    } else if (!this.finished) {
      if (this.#held === null) {
        this.#held = [];
        this.downstream.pauseRequest();
      }
      this.#held.push(chunk);
    }
  }

  onRequestEnd(trailers: HeaderList | null): void {
    this.requestEnded = true;
    this.requestTrailers = trailers;
    if (this.upstream !== null) this.#forwardRequestEnd();
  }

  onRequestReset(reset: StreamReset): void {
    this.cancelled = true;
    this.#held = null;
    this.#dropUpstream(reset.kind === 'reset' ? reset : { kind: 'reset', code: CANCEL });
    this.#end(null, explainReset(reset));
  }

  onResponseDrain(): void {
    this.upstream?.resumeResponse();
  }

  // ---- from the client codec -------------------------------------------------------------------------

  onInformational(head: ResponseHead): void {
    if (!this.finished) this.downstream.writeInformational(head);
  }

  onResponseHead(head: ResponseHead, ended: boolean): void {
    if (this.finished) return;
    this.response = head;
    for (const { layer, index } of this.#stack.responseHead) {
      if (index < this.depth) layer.onResponseHead?.(this, head);
    }
    if (ended) {
      this.#markResponseBody();
      this.#end(null, null);
    }
    this.downstream.writeHead(head, ended);
  }

  onResponseData(chunk: Buffer): void {
    if (this.finished) return;
    if (!this.#responseBodySeen) this.#markResponseBody();
    for (const { layer, index } of this.#stack.responseFrame) {
      if (index < this.depth) layer.onResponseFrame?.(this, chunk.length);
    }
    if (!this.downstream.writeData(chunk)) this.upstream?.pauseResponse();
  }

  onResponseEnd(trailers: HeaderList | null): void {
    if (this.finished) return;
    this.#markResponseBody();
    this.#end(trailers, null);
    this.downstream.end(trailers);
  }

  onResponseReset(reset: StreamReset): void {
    this.upstream = null;
    if (this.finished) return;
    const error = explainReset(reset);
    if (this.response !== null) {
      this.#abort(error, reset);
    } else if (reset.kind === 'reset' && this.passesResets()) {
      this.failWithReset(error, reset.code);
    } else {
      this.fail(error);
    }
  }

  onRequestDrain(): void {
    if (!this.finished || !this.requestEnded) this.downstream.resumeRequest();
  }

  onUpgrade(head: ResponseHead, tunnel: Tunnel): void {
    if (this.finished) {
      tunnel.connection.destroy();
      return;
    }
    const client = this.leaveHttp(head);
    void join(client.connection, tunnel.connection, { initial: client.initial, initialBack: tunnel.initial });
  }

  /** The endpoint has left HTTP with this head: so does the client, whose connection is returned. */
  leaveHttp(head: ResponseHead): Tunnel {
    this.response = head;
    for (const { layer, index } of this.#stack.responseHead) {
      if (index < this.depth) layer.onResponseHead?.(this, head);
    }
    this.#markResponseBody();
    this.#end(null, null);
    return this.downstream.acceptUpgrade(head);
  }

  // ---- for subclasses --------------------------------------------------------------------------------

  /** Whether RST_STREAM from the endpoint goes on to the client rather than becoming an answer. */
  protected passesResets(): boolean {
    return this.request.version === '2';
  }

  // ---- inside ----------------------------------------------------------------------------------------

  #forwardRequestData(chunk: Buffer): void {
    this.#markRequestBody();
    for (const { layer, index } of this.#stack.requestFrame) {
      if (index < this.depth) layer.onRequestFrame?.(this, chunk.length);
    }
    if (this.upstream !== null && !this.upstream.writeData(chunk)) this.downstream.pauseRequest();
  }

  #forwardRequestEnd(): void {
    this.#markRequestBody();
    this.#hookRequestEnd();
    this.upstream?.end(this.requestTrailers);
  }

  #hookRequestEnd(): void {
    for (const { layer, index } of this.#stack.requestEnd) {
      if (index < this.depth) layer.onRequestEnd?.(this);
    }
  }

  #markRequestBody(): void {
    if (this.#requestBodySeen) return;
    this.#requestBodySeen = true;
    for (const { layer, index } of this.#stack.requestBody) {
      if (index < this.depth) layer.onRequestBody?.(this);
    }
  }

  #markResponseBody(): void {
    if (this.#responseBodySeen) return;
    this.#responseBodySeen = true;
    for (const { layer, index } of this.#stack.responseBody) {
      if (index < this.depth) layer.onResponseBody?.(this);
    }
  }

  /** A failure after the response began: gRPC clients get trailers, others see a cut message. */
  #abort(error: ProxyError, reset: StreamReset = { kind: 'reset', code: INTERNAL_ERROR }): void {
    this.#dropUpstream({ kind: 'reset', code: CANCEL });
    this.#end(null, error);
    if (isGrpc(this.request)) {
      const trailers = ['grpc-status', String(grpcCodeOf(error))];
      if (this.informational) trailers.push('grpc-message', percentEncode(errorHeaderText(error)));
      this.downstream.end(trailers);
    } else {
      this.downstream.reset(reset);
    }
  }

  #end(trailers: HeaderList | null, error: ProxyError | null): void {
    if (this.finished) return;
    this.finished = true;
    for (const { layer, index } of this.#stack.end) {
      if (index < this.depth) layer.onEnd?.(this, trailers, error);
    }
  }

  #dropUpstream(reset: StreamReset): void {
    const upstream = this.upstream;
    this.upstream = null;
    upstream?.reset(reset);
  }

  /** After an answer of our own the rest of the request is read and thrown away. */
  #discardRequest(): void {
    if (this.#held === null) return;
    this.#held = null;
    if (!this.requestEnded) this.downstream.resumeRequest();
  }
}
