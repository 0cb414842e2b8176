import { type Gate, nextGate, openGate } from './gate.ts';
import { type Loaded, pickTwo } from './p2c.ts';

/** An endpoint as a balancer sees it. Whoever makes it calls `changed` of the balancer when `ready` changes. */
export interface Candidate extends Loaded {
  readonly key: string;
  readonly ready: boolean;
  /** Starts what it takes to become ready. */
  warm(): void;
  /** Lets exchanges finish, then closes. */
  close(): void;
}

/** Somebody who needs an endpoint and may have to wait for one. */
export interface Waiter<C> {
  onEndpoint(endpoint: C): void;
  onFailFast(): void;
  /** There will never be an endpoint. */
  onHopeless(reason: string): void;
}

export interface BalancerOptions {
  /** Waiters beyond this many are refused (load shed). */
  readonly queueCapacity: number;
  readonly failFastTimeoutMs: number;
}

export interface BalancerMetrics {
  onGate(open: boolean): void;
  onQueue(length: number): void;
  /** A request wants an endpoint, and is not refused at once. */
  onRequest(): void;
  /** A request got its endpoint, or failed, after so long. */
  onTaken(waitedMs: number): void;
}

export const unmeasured: BalancerMetrics = { onGate() {}, onQueue() {}, onRequest() {}, onTaken() {} };

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  random(): number;
}

type Acquired<C> =
  | { readonly kind: 'endpoint'; readonly endpoint: C }
  | { readonly kind: 'queued' }
  | { readonly kind: 'shut' }
  | { readonly kind: 'full' }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Chooses among the ready ones of a changing set of endpoints. While none is ready, requests queue; when the
 * fail-fast timeout passes without any, all of them fail and later ones are refused until one is ready.
 */
export class Balancer<C extends Candidate> {
  readonly #options: BalancerOptions;
  readonly #clock: Clock;
  readonly #metrics: BalancerMetrics;
  readonly #endpoints = new Map<string, C>();
  #ready: C[] = [];
  #gate: Gate = openGate;
  #timer: unknown = null;
  readonly #queue = new Map<Waiter<C>, number>();

  constructor(options: BalancerOptions, clock: Clock, metrics: BalancerMetrics) {
    this.#options = options;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  get size(): number {
    return this.#endpoints.size;
  }

  get readyCount(): number {
    return this.#ready.length;
  }

  get gate(): Gate['kind'] {
    return this.#gate.kind;
  }

  get endpoints(): IterableIterator<C> {
    return this.#endpoints.values();
  }

  has(key: string): boolean {
    return this.#endpoints.has(key);
  }

  add(endpoint: C): void {
    const former = this.#endpoints.get(endpoint.key);
    this.#endpoints.set(endpoint.key, endpoint);
    if (former !== undefined && former !== endpoint) former.close();
    endpoint.warm();
    this.changed();
  }

  remove(key: string): void {
    const endpoint = this.#endpoints.get(key);
    if (endpoint === undefined) return;
    this.#endpoints.delete(key);
    this.changed();
    endpoint.close();
  }

  /** Looks again who is ready, and serves those who wait. */
  changed(): void {
    this.#ready = [...this.#endpoints.values()].filter((endpoint) => endpoint.ready);
    if (this.#ready.length === 0) return;
    this.#turn({ kind: 'endpoint-ready' });
    for (const [waiter, since] of this.#queue) {
      const endpoint = this.#pick();
      if (endpoint === null) return;
      this.#queue.delete(waiter);
      this.#metrics.onQueue(this.#queue.size);
      this.#metrics.onTaken(this.#clock.now() - since);
      waiter.onEndpoint(endpoint);
    }
  }

  /** An endpoint now, a place in the queue, or a refusal. */
  acquire(waiter: Waiter<C>): Acquired<C> {
    const endpoint = this.#queue.size === 0 ? this.#pick() : null;
    if (endpoint !== null) {
      this.#metrics.onRequest();
      this.#metrics.onTaken(0);
      return { kind: 'endpoint', endpoint };
    }
    if (this.#gate.kind === 'failed') return this.#gate;
    if (this.#gate.kind === 'shut') {
      for (const candidate of this.#endpoints.values()) candidate.warm();
      return { kind: 'shut' };
    }
    if (this.#queue.size >= this.#options.queueCapacity) return { kind: 'full' };
    this.#metrics.onRequest();
    this.#queue.set(waiter, this.#clock.now());
    this.#metrics.onQueue(this.#queue.size);
    this.#turn({ kind: 'request-waits', now: this.#clock.now(), timeoutMs: this.#options.failFastTimeoutMs });
    for (const candidate of this.#endpoints.values()) candidate.warm();
    return { kind: 'queued' };
  }

  /** Gives the place in the queue back. */
  cancel(waiter: Waiter<C>): void {
    if (this.#queue.delete(waiter)) this.#metrics.onQueue(this.#queue.size);
  }

  /** There will never be an endpoint: who waits and who comes is told why. Those that are there stay. */
  fail(reason: string): void {
    this.#turn({ kind: 'no-hope', reason });
    if (this.#ready.length === 0) this.#empty((waiter) => waiter.onHopeless(reason));
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    for (const endpoint of this.#endpoints.values()) endpoint.close();
    this.#endpoints.clear();
    this.#ready = [];
    this.#empty((waiter) => waiter.onFailFast());
  }

  /** An endpoint may have stopped being ready a moment ago without having said so. */
  #pick(): C | null {
    const endpoint = pickTwo(this.#ready, this.#clock.now(), this.#clock.random);
    if (endpoint === null || endpoint.ready) return endpoint;
    this.#ready = this.#ready.filter((candidate) => candidate.ready);
    return pickTwo(this.#ready, this.#clock.now(), this.#clock.random);
  }

  #turn(event: Parameters<typeof nextGate>[1]): void {
    const before = this.#gate;
    this.#gate = nextGate(before, event);
    if (before === this.#gate || before.kind === this.#gate.kind) return;
    if (this.#gate.kind === 'queueing') {
      this.#timer = this.#clock.setTimeout(() => this.#onTimeout(), this.#options.failFastTimeoutMs);
    } else {
      this.#clock.clearTimeout(this.#timer);
    }
    if (this.#gate.kind === 'shut') this.#metrics.onGate(false);
    else if (before.kind === 'shut') this.#metrics.onGate(true);
  }

  #onTimeout(): void {
    this.#turn({ kind: 'timeout' });
    this.#empty((waiter) => waiter.onFailFast());
  }

  #empty(tell: (waiter: Waiter<C>) => void): void {
    const waiting = [...this.#queue];
    this.#queue.clear();
    this.#metrics.onQueue(0);
    const now = this.#clock.now();
    for (const [waiter, since] of waiting) {
      this.#metrics.onTaken(now - since);
      tell(waiter);
    }
  }
}
