import type { GrpcStatus } from '../grpc/status.ts';
import type { TapBudget } from './budget.ts';

/** Where the events of one tap go. */
export interface TapSink {
  /** False asks to wait for `drained` of the queue; the event leaves all the same. */
  send(event: Uint8Array): boolean;
  end(status: GrpcStatus): void;
}

type State =
  | { readonly kind: 'flowing' }
  /** The reader is behind. */
  | { readonly kind: 'waiting' }
  /** No more events come; the status follows what waits. */
  | { readonly kind: 'ending'; readonly status: GrpcStatus }
  | { readonly kind: 'over' };

/** Events on their way to a reader. What a slow one has no room for is refused. */
export class EventQueue {
  readonly #sink: TapSink;
  readonly #budget: TapBudget;
  readonly #capacity: number;
  #events: Uint8Array[] = [];
  #state: State = { kind: 'flowing' };

  /** `capacity`: events that may wait. */
  constructor(sink: TapSink, budget: TapBudget, capacity: number) {
    this.#sink = sink;
    this.#budget = budget;
    this.#capacity = capacity;
  }

  /** False when there is no room for it. */
  push(event: Uint8Array): boolean {
    switch (this.#state.kind) {
      case 'flowing':
        if (!this.#sink.send(event)) this.#state = { kind: 'waiting' };
        return true;
      case 'waiting':
        if (this.#events.length >= this.#capacity || !this.#budget.reserve(event.length)) return false;
        this.#events.push(event);
        return true;
      default:
        return false;
    }
  }

  /** The reader has room again. */
  drained(): void {
    let sent = 0;
    let open = true;
    while (open && sent < this.#events.length) {
      const event = this.#events[sent++];
      this.#budget.release(event.length);
      open = this.#sink.send(event);
    }
    this.#events = this.#events.slice(sent);
    if (!open) return;
    if (this.#state.kind === 'waiting') this.#state = { kind: 'flowing' };
    else if (this.#state.kind === 'ending') this.#finish(this.#state.status);
  }

  /** Ends the stream behind what waits; `abrupt` leaves out what waits. */
  end(status: GrpcStatus, abrupt = false): void {
    if (this.#state.kind === 'over') return;
    if (this.#events.length > 0 && !abrupt) this.#state = { kind: 'ending', status };
    else this.#finish(status);
  }

  /** The reader has gone. */
  discard(): void {
    this.#state = { kind: 'over' };
    this.#forget();
  }

  #finish(status: GrpcStatus): void {
    this.#state = { kind: 'over' };
    this.#forget();
    this.#sink.end(status);
  }

  #forget(): void {
    for (const event of this.#events) this.#budget.release(event.length);
    this.#events = [];
  }
}
