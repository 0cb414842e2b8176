import { type Denial, denialKey } from './denials.ts';

/** Somebody who is refused again and again is one line in this time, with how often it happened. */
const QUIET_MS = 10_000;
/** More kinds of denials than this are told anew rather than remembered. */
const MAX_KINDS = 1000;

interface Told {
  readonly at: number;
  readonly since: number;
}

/** Turns denials into lines for people, without one for every request. */
export class Refusals {
  readonly #told = new Map<string, Told>();

  /** The line to say at `now` (milliseconds), or undefined while the last one about the same is fresh. */
  tell(denial: Denial, now: number): string | undefined {
    const key = denialKey(denial);
    const last = this.#told.get(key);
    if (last === undefined && this.#told.size >= MAX_KINDS) this.#told.clear();
    const count = (last?.since ?? 0) + denial.count;
    if (last !== undefined && now - last.at < QUIET_MS) {
      this.#told.set(key, { at: last.at, since: count });
      return undefined;
    }
    this.#told.set(key, { at: now, since: 0 });
    const { clientIdentity, port, server, protocol } = denial;
    const times = count === 1 ? '' : ` ${count} times`;
    return `${clientIdentity || 'a client without identity'} refused on port ${port}${times} by ${server} (${protocol})`;
  }
}
