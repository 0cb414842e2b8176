/** What happened in a mesh, in the words of the people who watch it. */
export type MeshEventType =
  | 'started'
  | 'stopped'
  | 'ready'
  | 'completed'
  | 'failed'
  | 'restarted'
  | 'issued'
  | 'renewed'
  | 'denied'
  | 'endpoint gone'
  | 'manifest'
  | 'not injected';

export interface MeshEvent {
  /** RFC 3339. */
  readonly time: string;
  readonly type: MeshEventType;
  /** What it happened to: `namespace/name` or an identity. */
  readonly subject: string;
  readonly message: string;
}

const KEPT = 1000;

/** The latest thousand events; who wants all of them listens. */
export class EventLog {
  readonly #events: MeshEvent[] = [];
  readonly #listeners = new Set<(event: MeshEvent) => void>();

  get events(): readonly MeshEvent[] {
    return this.#events;
  }

  add(type: MeshEventType, subject: string, message: string): void {
    const event = { time: new Date().toISOString(), type, subject, message };
    this.#events.push(event);
    if (this.#events.length > KEPT) this.#events.shift();
    for (const listener of this.#listeners) listener(event);
  }

  listen(listener: (event: MeshEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
