import type { Clock } from '../balance/balancer.ts';
import type { HttpEndpoint } from '../endpoint/http-endpoint.ts';
import type { CallReceiver, SentRequest } from '../grpc/call.ts';
import { classify } from '../http/classify.ts';
import type { HeaderList, ResponseHead } from '../http/message.ts';
import type { RequestStream, ResponseHandler, StreamReset, Tunnel } from '../http/stream.ts';
import type { HttpTargetMetrics } from '../metrics/http.ts';

/**
 * Stands between a call and its receiver and counts it, for the load of the instance and for the metrics of
 * the controller. It counts as pending on the instance until the first message or the end, whoever ends it.
 */
export class MeasuredCall<E> implements ResponseHandler, SentRequest {
  readonly #receiver: CallReceiver;
  readonly #instance: HttpEndpoint<E>;
  readonly #metrics: HttpTargetMetrics;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #stream: RequestStream | null = null;
  #response: ResponseHead | null = null;
  #pending = true;

  constructor(receiver: CallReceiver, instance: HttpEndpoint<E>, metrics: HttpTargetMetrics, clock: Clock) {
    this.#receiver = receiver;
    this.#instance = instance;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#startedAt = clock.now();
    instance.begin();
    metrics.request();
  }

  sent(stream: RequestStream): void {
    this.#stream = stream;
    this.#receiver.stream = this;
  }

  /** The receiver wants no more. */
  reset(reset: StreamReset): void {
    this.#settle(false);
    this.#count(null);
    this.#stream?.reset(reset);
  }

  onInformational(head: ResponseHead): void {
    this.#receiver.onInformational(head);
  }

  onResponseHead(head: ResponseHead, ended: boolean): void {
    this.#response = head;
    if (ended) {
      this.#settle(true);
      this.#count(null);
    }
    this.#receiver.onResponseHead(head, ended);
  }

  onResponseData(chunk: Buffer): void {
    this.#settle(true);
    this.#receiver.onResponseData(chunk);
  }

  onResponseEnd(trailers: HeaderList | null): void {
    this.#settle(true);
    this.#count(trailers);
    this.#receiver.onResponseEnd(trailers);
  }

  onResponseReset(reset: StreamReset): void {
    this.#settle(false);
    const failure = { classification: 'failure', grpcStatus: '' } as const;
    this.#metrics.response(this.#response?.status ?? 0, failure, 'unclassified');
    this.#receiver.onResponseReset(reset);
  }

  onRequestDrain(): void {
    this.#receiver.onRequestDrain();
  }

  onUpgrade(head: ResponseHead, tunnel: Tunnel): void {
    this.#receiver.onUpgrade(head, tunnel);
  }

  #settle(answered: boolean): void {
    if (!this.#pending) return;
    this.#pending = false;
    const now = this.#clock.now();
    const elapsedMs = now - this.#startedAt;
    this.#instance.finish(answered ? elapsedMs : null, now);
    if (answered && this.#response !== null) this.#metrics.latency(this.#response.status, elapsedMs);
  }

  #count(trailers: HeaderList | null): void {
    if (this.#response === null) return;
    this.#metrics.response(this.#response.status, classify(true, this.#response, trailers), '');
  }
}
