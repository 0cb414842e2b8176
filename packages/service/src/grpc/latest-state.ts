import type { Cursor } from './cursor.ts';

type Phase =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * A state whose every message is complete in itself (a profile, a policy): encoded once by its owner and read
 * by any number of cursors, each of which sees the latest message and skips those it was too slow for.
 */
export class LatestState {
  #message: Uint8Array | undefined;
  #version = 0;
  #phase: Phase = { kind: 'open' };
  readonly #listeners = new Set<() => void>();

  constructor(message?: Uint8Array) {
    if (message !== undefined) this.set(message);
  }

  /** How many readers follow this state. */
  get readers(): number {
    return this.#listeners.size;
  }

  /** Makes `message` the latest state; equal bytes are not sent again. */
  set(message: Uint8Array): void {
    if (this.#phase.kind !== 'open') return;
    if (this.#message !== undefined && Buffer.compare(this.#message, message) === 0) return;
    this.#message = message;
    this.#version += 1;
    this.#notify();
  }

  /** Ends the streams of all readers once they have the latest state: with OK, or with `error`. */
  close(error?: unknown): void {
    if (this.#phase.kind !== 'open') return;
    this.#phase = error === undefined ? { kind: 'closed' } : { kind: 'failed', error };
    this.#notify();
  }

  cursor(): Cursor {
    const state = this;
    let seen = 0;
    return {
      next: () => {
        if (seen === state.#version) return undefined;
        seen = state.#version;
        return state.#message;
      },
      onChange: (callback) => {
        const listener = () => callback();
        state.#listeners.add(listener);
        return () => state.#listeners.delete(listener);
      },
      get closed() {
        return state.#phase.kind !== 'open' && seen === state.#version;
      },
      get error() {
        return state.#phase.kind === 'failed' ? state.#phase.error : undefined;
      },
    };
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
