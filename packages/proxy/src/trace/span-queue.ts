import type { Clock } from '../balance/balancer.ts';
import type { TraceMetrics } from './metrics.ts';
import type { Span } from './span.ts';

export interface SpanQueueOptions {
  /** Spans that may wait; those beyond are dropped and counted. */
  readonly capacity: number;
  /** Spans that are sent at a time, and at once when there are so many. */
  readonly batch: number;
  /** How long a span waits for others at most. */
  readonly flushMs: number;
  /** Sends a batch. Never rejects. */
  readonly send: (batch: readonly Span[]) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: TraceMetrics;
}

/**
 *   idle ── push ──▶ waiting ── time is up, or enough for a batch ──▶ sending ── all sent ──▶ idle
 *
 * One batch is under way at a time, so that a collector that is slow or away costs nothing but spans.
 */
type QueueState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'waiting'; readonly timer: unknown; readonly enough: boolean }
  | { readonly kind: 'sending'; readonly sent: Promise<void> };

/** Spans on their way from the requests to the collector. */
export class SpanQueue {
  readonly #options: SpanQueueOptions;
  #spans: Span[] = [];
  #state: QueueState = { kind: 'idle' };

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  push(span: Span): void {
    const { batch, capacity, flushMs, metrics } = this.#options;
    if (this.#spans.length >= capacity) {
      metrics.droppedFor.full.inc();
      return;
    }
    this.#spans.push(span);
    if (this.#state.kind === 'idle') this.#wait(flushMs, false);
    else if (this.#state.kind === 'waiting' && !this.#state.enough && this.#spans.length >= batch)
      this.#wait(0, true);
  }

  /** Resolves when everything that waits now has been sent. */
  async flush(): Promise<void> {
    if (this.#state.kind === 'sending') await this.#state.sent;
    if (this.#spans.length > 0) await this.#send();
  }

  /** Not within the request that makes the batch full. */
  #wait(ms: number, enough: boolean): void {
    const { clock } = this.#options;
    if (this.#state.kind === 'waiting') clock.clearTimeout(this.#state.timer);
    const timer = clock.setTimeout(() => void this.#send(), ms);
    this.#state = { kind: 'waiting', timer, enough };
  }

  #send(): Promise<void> {
    if (this.#state.kind === 'waiting') this.#options.clock.clearTimeout(this.#state.timer);
    const sent = this.#sendAll();
    this.#state = { kind: 'sending', sent };
    return sent;
  }

  /** Until less than a batch is left, which waits for more. */
  async #sendAll(): Promise<void> {
    const { batch, flushMs, send } = this.#options;
    do {
      const spans = this.#spans.splice(0, batch);
      await send(spans);
    } while (this.#spans.length >= batch);
    this.#state = { kind: 'idle' };
    if (this.#spans.length > 0) this.#wait(flushMs, false);
  }
}
