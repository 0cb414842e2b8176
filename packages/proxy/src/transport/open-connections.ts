import type { ObservedConnection, TransportObserver } from './transport-observer.ts';

export interface OpenConnection {
  readonly connection: ObservedConnection;
  /** Rendered labels: which side it belongs to, where it leads and how it is secured. */
  readonly labels: string;
  /** Monotonic milliseconds. */
  readonly since: number;
}

/** The connections that are open, for whoever wants to look at them. */
export class OpenConnections {
  readonly #open = new Set<OpenConnection>();
  readonly #now: () => number;

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  [Symbol.iterator](): Iterator<OpenConnection> {
    return this.#open.values();
  }

  /** The returned function says that it is closed. */
  add(connection: ObservedConnection, labels: string): () => void {
    const open = { connection, labels, since: this.#now() };
    this.#open.add(open);
    return () => void this.#open.delete(open);
  }

  /** Keeps a connection in the list that no metric counts. */
  observer(labels: string): TransportObserver {
    let closed = (): void => {};
    return {
      onOpen: (connection) => {
        closed = this.add(connection, labels);
      },
      onRead() {},
      onWrite() {},
      onClose: () => closed(),
    };
  }
}
