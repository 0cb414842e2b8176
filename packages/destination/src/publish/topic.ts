import type { ClusterReader } from '../cluster/cluster.ts';

/** What a computation yields: the state readers should have, or that there will be none any more. */
export type Outcome<S> = { readonly type: 'state'; readonly state: S } | { readonly type: 'ended' };

/** What kind of answer it is, for metrics. */
export type Api = 'get' | 'profile' | 'inbound' | 'outbound';

/** How one shared answer is computed and told. */
export interface Answer<S> {
  readonly api: Api;
  /** Readers of equal keys get equal bytes. */
  readonly key: string;
  /** Facts about the answer for metrics, such as namespace and service. */
  readonly labels: Readonly<Record<string, string>>;
  /** Pure. Given the last state it returns that very object when nothing changed for readers. */
  compute(cluster: ClusterReader, last: S | undefined): Outcome<S>;
  /** The messages that bring a reader from a state (none: it knows nothing yet) to another. */
  transition(from: S | undefined, to: S): readonly Uint8Array[];
}

export interface TopicObserver {
  computed(api: Api): void;
  encoded(api: Api, messages: number): void;
  /** A reader was more than one state behind. */
  skipped(api: Api): void;
}

/**
 * How many transitions to the latest state are kept for other readers: the first message, the step from the
 * state before, and a few for readers further behind. One that needs yet another is computed for it alone.
 */
const MAX_SHARED_TRANSITIONS = 8;

/** One answer that changes. Its states are immutable, and the bytes of a transition are made once for all readers. */
export class Topic<S = unknown> {
  readonly answer: Answer<S>;
  readonly #observer: TopicObserver;
  #state: S | undefined;
  #previous: S | undefined;
  #ended = false;
  #version = 0;
  readonly #shared = new Map<S | undefined, readonly Uint8Array[]>();

  constructor(answer: Answer<S>, observer: TopicObserver) {
    this.answer = answer;
    this.#observer = observer;
  }

  get state(): S | undefined {
    return this.#state;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** How many states there have been. */
  get version(): number {
    return this.#version;
  }

  /** Computes anew; true when readers should look. When the computation throws, the last state stays. */
  refresh(cluster: ClusterReader): boolean {
    if (this.#ended) return false;
    const outcome = this.answer.compute(cluster, this.#state);
    this.#observer.computed(this.answer.api);
    if (outcome.type === 'ended') {
      this.#ended = true;
      return true;
    }
    if (outcome.state === this.#state) return false;
    this.#previous = this.#state;
    this.#state = outcome.state;
    this.#version += 1;
    this.#shared.clear();
    return true;
  }

  /** The messages that bring a reader at `from` to the latest state. */
  messagesFrom(from: S | undefined): readonly Uint8Array[] {
    const to = this.#state;
    if (to === undefined || from === to) return [];
    if (from !== undefined && from !== this.#previous) this.#observer.skipped(this.answer.api);
    const shared = this.#shared.get(from);
    if (shared !== undefined) return shared;
    const messages = this.answer.transition(from, to);
    this.#observer.encoded(this.answer.api, messages.length);
    if (this.#shared.size < MAX_SHARED_TRANSITIONS) this.#shared.set(from, messages);
    return messages;
  }
}
