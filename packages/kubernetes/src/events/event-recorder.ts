import { Counter, type Registry } from 'prom-client';
import type { ApiClient } from '../api/api-client.ts';
import { ApiError, isApiError } from '../api/api-error.ts';
import { backoffMs } from '../api/backoff.ts';
import type { Log } from '../api/log.ts';
import { pause } from '../api/pause.ts';
import type { ClusterEvent, EventSink } from './cluster-event.ts';
import { EventApi, type EventSource } from './event-api.ts';
import { type Correlation, EventCorrelator, type EventEntry } from './event-correlator.ts';

export interface EventRecorderOptions {
  readonly api: ApiClient;
  readonly source: EventSource;
  readonly log: Log;
  readonly registry: Registry;
}

/** Events that wait to be written; more are dropped and counted. */
const MAX_QUEUED = 500;
const MAX_ATTEMPTS = 4;
const BACKOFF = { minMs: 500, maxMs: 5_000 };

type Result = 'written' | 'suppressed' | 'dropped' | 'failed';

/** Writes events one after the other, beside the work they tell about: recording never waits or fails. */
export class EventRecorder implements EventSink {
  readonly #events: EventApi;
  readonly #log: Log;
  readonly #counter: Counter<'result'>;
  readonly #correlator = new EventCorrelator();
  readonly #queue: ClusterEvent[] = [];
  #wake = () => {};

  constructor({ api, source, log, registry }: EventRecorderOptions) {
    this.#events = new EventApi(api, source);
    this.#log = log;
    this.#counter = new Counter({
      name: 'kubernetes_events_total',
      help: 'Events by what became of them: written, suppressed (too many about one object), dropped (queue full), failed',
      labelNames: ['result'],
      registers: [registry],
    });
  }

  record(event: ClusterEvent): void {
    if (this.#queue.length >= MAX_QUEUED) this.#count('dropped');
    else this.#queue.push(event);
    this.#wake();
  }

  /** Writes what is recorded until the signal is aborted; what waits then is dropped. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const event = this.#queue.shift();
      if (event === undefined) await this.#nextEvent(signal);
      else await this.#write(this.#correlator.correlate(event, Date.now()), signal);
    }
  }

  async #nextEvent(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = () => resolve();
    this.#wake = resolve;
    signal.addEventListener('abort', stop, { once: true });
    await promise;
    signal.removeEventListener('abort', stop);
    this.#wake = () => {};
  }

  async #write(correlation: Correlation, signal: AbortSignal): Promise<void> {
    if (correlation.type === 'suppressed') {
      this.#count('suppressed');
      return;
    }
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await this.#send(correlation, signal);
        this.#count('written');
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (isRefusal(error) || attempt === MAX_ATTEMPTS) {
          this.#correlator.forget(correlation.entry);
          this.#count('failed');
          this.#log.warn('an event could not be written', { reason: correlation.entry.event.reason, error });
          return;
        }
        await pause(backoffMs(attempt, BACKOFF, Math.random()), signal);
      }
    }
  }

  async #send({ type, entry }: Exclude<Correlation, { type: 'suppressed' }>, signal: AbortSignal) {
    if (type === 'first') return this.#create(entry, signal);
    try {
      await this.#events.repeat(entry, signal);
    } catch (error) {
      if (!isApiError(error, 'not_found')) throw error;
      await this.#create(entry, signal);
    }
  }

  async #create(entry: EventEntry, signal: AbortSignal): Promise<void> {
    try {
      await this.#events.create(entry, signal);
    } catch (error) {
      // An earlier attempt got through, only its answer did not.
      if (!isApiError(error, 'conflict')) throw error;
    }
  }

  #count(result: Result): void {
    this.#counter.inc({ result });
  }
}

/** Whether asking again would get the same answer. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  return ['rejected', 'forbidden', 'not_found', 'unauthorized'].includes(error.code);
}
