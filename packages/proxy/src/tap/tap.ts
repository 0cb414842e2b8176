import type { ObserveRequest } from '@weft/proto/tap';
import { StatusCode } from '../grpc/status.ts';
import type { HeaderList, ResponseHead } from '../http/message.ts';
import type { StreamReset } from '../http/stream.ts';
import type { EventQueue } from './event-queue.ts';
import { EventEncoder, type ResponseOutcome } from './events.ts';
import type { CompiledMatch } from './match.ts';
import type { TapMetrics } from './metrics.ts';
import type { TapQuota } from './quota.ts';
import type { TapSubject } from './subject.ts';

export interface TapDeps {
  readonly queue: EventQueue;
  readonly metrics: TapMetrics;
  readonly quota: TapQuota;
  /** The number of its first request. */
  readonly firstStream: bigint;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Called when the tap wants no more requests. */
  readonly onSatisfied: () => void;
  /** Called when it is over. */
  readonly onOver: () => void;
}

/** One client's wish to be told of the first requests that match. */
export class Tap {
  /** Tells the events of this tap apart from those of others. */
  readonly base: number;
  readonly match: CompiledMatch;
  readonly #withHeaders: boolean;
  readonly #deps: TapDeps;
  #nextStream: bigint;
  #over = false;

  constructor(base: number, match: CompiledMatch, { extract }: ObserveRequest, deps: TapDeps) {
    this.base = base;
    this.match = match;
    this.#withHeaders = extract?.extract.case === 'http' && extract.extract.value.extract.case === 'headers';
    this.#deps = deps;
    this.#nextStream = deps.firstStream;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Tells of a request that matches; null when there is no room for its first event, or there were enough. */
  take(subject: TapSubject): TappedRequest | null {
    const { now, onSatisfied, quota } = this.#deps;
    if (!quota.reserve()) {
      onSatisfied();
      return null;
    }
    const id = { base: this.base, stream: this.#nextStream };
    const encoder = new EventEncoder(id, subject, this.#withHeaders);
    if (!this.emit(encoder.requestInit())) {
      quota.giveBack();
      return null;
    }
    this.#nextStream += 1n;
    if (quota.exhausted) onSatisfied();
    return new TappedRequest(
      encoder,
      now,
      (event) => this.emit(event),
      () => this.finished(),
    );
  }

  /** The client has gone, or is sent away. */
  stop(): void {
    this.#over = true;
  }

  /** False when there is no room for the event. */
  emit(event: Uint8Array): boolean {
    if (this.#over) return false;
    const { metrics, queue } = this.#deps;
    const taken = queue.push(event);
    (taken ? metrics.events : metrics.droppedFor.slowReader).inc();
    return taken;
  }

  /** A request that was told of is over. */
  finished(): void {
    if (!this.#deps.quota.finish() || this.#over) return;
    this.#over = true;
    this.#deps.queue.end({ code: StatusCode.Ok, message: '' });
    this.#deps.onOver();
  }
}

/** A request that one tap is told of. */
export class TappedRequest {
  readonly #encoder: EventEncoder;
  readonly #now: () => number;
  readonly #emit: (event: Uint8Array) => void;
  readonly #onOver: () => void;
  readonly #startedAt: number;
  #response: ResponseHead | null = null;
  #respondedAt = 0;
  #bytes = 0;
  #over = false;

  constructor(
    encoder: EventEncoder,
    now: () => number,
    emit: (event: Uint8Array) => void,
    onOver: () => void,
  ) {
    this.#encoder = encoder;
    this.#now = now;
    this.#emit = emit;
    this.#onOver = onOver;
    this.#startedAt = now();
  }

  responded(head: ResponseHead): void {
    if (this.#over) return;
    // The layers above change the head as they like.
    this.#response = { ...head, headers: [...head.headers] };
    this.#respondedAt = this.#now();
    this.#emit(this.#encoder.responseInit(head, this.#respondedAt - this.#startedAt));
  }

  data(bytes: number): void {
    this.#bytes += bytes;
  }

  ended(trailers: HeaderList | null): void {
    if (this.#response !== null) this.#end({ kind: 'ended', response: this.#response, trailers });
  }

  failed(reset: StreamReset): void {
    this.#end({ kind: 'reset', reset });
  }

  #end(outcome: ResponseOutcome): void {
    if (this.#over) return;
    this.#over = true;
    const now = this.#now();
    const sinceResponse = this.#response === null ? null : now - this.#respondedAt;
    this.#emit(this.#encoder.responseEnd(outcome, this.#bytes, now - this.#startedAt, sinceResponse));
    this.#onOver();
  }
}
