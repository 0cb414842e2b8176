import type { Candidate } from '../balance/balancer.ts';
import type { Breaker } from '../balance/breaker/breaker.ts';
import type { PeakEwma } from '../balance/peak-ewma.ts';
import type { HttpClient } from '../http/stream.ts';

/** One endpoint spoken to in HTTP, with its load. `E` is what the direction knows about it. */
export class HttpEndpoint<E> implements Candidate {
  readonly key: string;
  readonly info: E;
  readonly client: HttpClient;
  /** null: the endpoint is used however it fares. */
  readonly breaker: Breaker | null;
  readonly #load: PeakEwma;
  readonly #onClose: () => void;

  /** `onChange` is called when `ready` changes, `onClose` once when the endpoint is given up. */
  constructor(
    key: string,
    info: E,
    client: HttpClient,
    load: PeakEwma,
    onChange: () => void,
    onClose: () => void,
    breaker: Breaker | null = null,
  ) {
    this.key = key;
    this.info = info;
    this.client = client;
    this.breaker = breaker;
    this.#load = load;
    this.#onClose = onClose;
    client.onReadyChange = onChange;
  }

  get ready(): boolean {
    return this.client.ready && (this.breaker === null || this.breaker.admits);
  }

  get pending(): number {
    return this.#load.pending;
  }

  load(now: number): number {
    return this.#load.load(now);
  }

  begin(): void {
    this.#load.pending++;
  }

  /** `rttMs` is null when the request ended without an answer. */
  finish(rttMs: number | null, now: number): void {
    this.#load.pending--;
    if (rttMs !== null) this.#load.record(rttMs, now);
  }

  /** It could not be reached. */
  unreachable(now: number): void {
    this.#load.recordUnreachable(now);
  }

  warm(): void {
    this.client.warm();
  }

  close(): void {
    this.breaker?.close();
    this.client.onReadyChange = null;
    this.client.close();
    this.#onClose();
  }
}
