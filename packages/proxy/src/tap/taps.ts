import type { ObserveRequest } from '@weft/proto/tap';
import { GrpcError, type GrpcStatus, StatusCode } from '../grpc/status.ts';
import type { HttpClient } from '../http/stream.ts';
import { TapBudget, type TapLimits } from './budget.ts';
import { EventQueue, type TapSink } from './event-queue.ts';
import { type CompiledMatch, compileMatch, InvalidMatch } from './match.ts';
import type { TapMetrics } from './metrics.ts';
import { OwnQuota, type TapQuota } from './quota.ts';
import type { TapSubject } from './subject.ts';
import { Tap, type TappedRequest } from './tap.ts';
import { TappedClient } from './tapped-client.ts';

/** A tap, for whoever feeds its sink. */
export interface OpenTap {
  /** The sink has room again. */
  drained(): void;
  /** The client has gone. */
  close(): void;
}

/** What a tap of this thread is told by those that feed it from other threads. */
export interface RemoteTapListener {
  onEvent(event: Uint8Array): void;
  /** A request that was told of is over. */
  onFinished(): void;
}

/** Taps of other threads. */
export interface RemoteTaps {
  /** Lets all of them feed a tap of this thread, until the returned function is called. */
  start(
    base: number,
    request: ObserveRequest,
    listener: RemoteTapListener,
  ): { readonly quota: TapQuota; stop(): void };
}

/** What a tap is made of. */
interface TapSetup {
  readonly base: number;
  readonly match: CompiledMatch;
  readonly request: ObserveRequest;
  readonly sink: TapSink;
  readonly quota: TapQuota;
  readonly firstStream: bigint;
  /** Ends what other threads do for it. */
  readonly release: () => void;
}

interface Entry {
  readonly tap: Tap;
  readonly queue: EventQueue;
  readonly release: () => void;
}

/**
 * The taps of this proxy. They see requests where these are handed to an endpoint; all together they may cost
 * no more than `limits`.
 */
export class Taps {
  readonly #limits: TapLimits;
  readonly #metrics: TapMetrics;
  readonly #now: () => number;
  readonly #budget: TapBudget;
  /** null: there are no other threads. */
  readonly #remote: RemoteTaps | null;
  readonly #open = new Set<Entry>();
  /** Those that want more requests; null when there are none. */
  #wanting: readonly Tap[] | null = null;
  #nextBase = 0;

  /** `now`: monotonic milliseconds. */
  constructor(limits: TapLimits, metrics: TapMetrics, now: () => number, remote: RemoteTaps | null = null) {
    this.#limits = limits;
    this.#metrics = metrics;
    this.#now = now;
    this.#budget = new TapBudget(limits, now);
    this.#remote = remote;
  }

  /** Whether any tap wants to see requests. */
  get active(): boolean {
    return this.#wanting !== null;
  }

  /** Starts a tap. Throws a GrpcError when it makes no sense or would cost too much. */
  start(request: ObserveRequest, sink: TapSink): OpenTap {
    const match = this.#admit(request);
    const base = this.#nextBase++ % 2 ** 32;
    const remote = this.#remote?.start(base, request, {
      onEvent: (event) => void entry.tap.emit(event),
      onFinished: () => entry.tap.finished(),
    });
    const quota = remote?.quota ?? new OwnQuota(request.limit);
    const release = () => remote?.stop();
    const entry = this.#begin({ base, match, request, sink, quota, firstStream: 0n, release });
    return this.#handle(entry);
  }

  /**
   * Feeds a tap that another thread has started as `base`. The requests of this thread are numbered from
   * `firstStream` on. Throws a GrpcError for a match that makes no sense.
   */
  join(base: number, request: ObserveRequest, sink: TapSink, quota: TapQuota, firstStream: bigint): OpenTap {
    const match = this.#compile(request.match);
    const release = () => {};
    return this.#handle(this.#begin({ base, match, request, sink, quota, firstStream, release }));
  }

  #begin({ base, match, request, sink, quota, firstStream, release }: TapSetup): Entry {
    const queue = new EventQueue(sink, this.#budget, this.#limits.queuedEvents);
    const tap = new Tap(base, match, request, {
      queue,
      metrics: this.#metrics,
      quota,
      firstStream,
      now: this.#now,
      onSatisfied: () => this.#ignore(tap),
      onOver: () => this.#drop(entry),
    });
    const entry: Entry = { tap, queue, release };
    this.#open.add(entry);
    this.#metrics.open.set(this.#open.size);
    this.#wanting = [...(this.#wanting ?? []), tap];
    return entry;
  }

  #handle(entry: Entry): OpenTap {
    const { queue } = entry;
    return {
      drained: () => queue.drained(),
      close: () => {
        queue.discard();
        this.#stop(entry);
      },
    };
  }

  /** The client for a request on its way: the one it would be sent to, watched when a tap wants to see it. */
  over(subject: TapSubject, client: HttpClient): HttpClient {
    let tapped: TappedRequest[] | null = null;
    for (const tap of this.#wanting ?? []) {
      if (!tap.match.matches(subject)) continue;
      if (!this.#budget.takeRequest()) {
        this.#metrics.droppedFor.rate.inc();
        break;
      }
      const request = tap.take(subject);
      if (request === null) continue;
      if (tapped === null) tapped = [request];
      else tapped.push(request);
    }
    return tapped === null ? client : new TappedClient(client, tapped);
  }

  /** Sends all clients away. */
  endAll(status: GrpcStatus): void {
    for (const entry of [...this.#open]) {
      this.#stop(entry);
      entry.queue.end(status, true);
    }
  }

  #admit({ limit, match }: ObserveRequest): CompiledMatch {
    if (limit === 0) throw this.#invalid('limit must be positive');
    const compiled = this.#compile(match);
    let conditions = compiled.conditions;
    for (const { tap } of this.#open) conditions += tap.match.conditions;
    if (this.#open.size < this.#limits.taps && conditions <= this.#limits.conditions) return compiled;
    this.#metrics.refusedFor.capacity.inc();
    throw new GrpcError({ code: StatusCode.ResourceExhausted, message: 'too many taps are open' });
  }

  #compile(match: ObserveRequest['match']): CompiledMatch {
    try {
      return compileMatch(match);
    } catch (error) {
      throw error instanceof InvalidMatch ? this.#invalid(error.message) : error;
    }
  }

  #invalid(message: string): GrpcError {
    this.#metrics.refusedFor.request.inc();
    return new GrpcError({ code: StatusCode.InvalidArgument, message });
  }

  #stop(entry: Entry): void {
    entry.tap.stop();
    this.#drop(entry);
  }

  #drop(entry: Entry): void {
    if (this.#open.delete(entry)) entry.release();
    this.#metrics.open.set(this.#open.size);
    this.#ignore(entry.tap);
  }

  #ignore(tap: Tap): void {
    const rest = this.#wanting?.filter((each) => each !== tap) ?? [];
    this.#wanting = rest.length === 0 ? null : rest;
  }
}
