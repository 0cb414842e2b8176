import type { Clock } from '../balance/balancer.ts';
import { type Destination, formatDestination } from '../discovery/destination.ts';
import { LogicalTarget, type LogicalTargetDeps } from './logical-target.ts';
import type { Discover } from './ports.ts';

interface Entry {
  readonly target: Promise<LogicalTarget>;
  known: LogicalTarget | null;
  readonly abort: AbortController;
  users: number;
  idle: unknown;
}

/** A held destination. */
export interface Lease {
  readonly target: Promise<LogicalTarget>;
  /** The target, when it has been found before. */
  readonly known: LogicalTarget | null;
  release(): void;
}

/**
 * The destinations the application talks to, by original address or by name. Each is discovered when first
 * needed and forgotten some time after the last of its connections or requests has let go of it.
 */
export class LogicalTargets {
  readonly #entries = new Map<string, Entry>();
  readonly #discover: Discover;
  readonly #deps: LogicalTargetDeps;
  readonly #idleMs: number;
  readonly #clock: Clock;

  constructor(discover: Discover, deps: LogicalTargetDeps, idleMs: number, clock: Clock) {
    this.#discover = discover;
    this.#deps = deps;
    this.#idleMs = idleMs;
    this.#clock = clock;
  }

  acquire(destination: Destination): Lease {
    const name = formatDestination(destination);
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = this.#open(name, destination);
      this.#entries.set(name, entry);
    }
    this.#clock.clearTimeout(entry.idle);
    entry.users++;
    const held = entry;
    return { target: held.target, known: held.known, release: () => this.#release(name, held) };
  }

  /** The destinations in use, and those that were a moment ago. */
  *inUse(): IterableIterator<{ name: string; users: number; target: LogicalTarget | null }> {
    for (const [name, { users, known }] of this.#entries) yield { name, users, target: known };
  }

  close(): void {
    for (const [name, entry] of this.#entries) this.#forget(name, entry);
  }

  #open(name: string, destination: Destination): Entry {
    const abort = new AbortController();
    const target = this.#discover(destination, abort.signal).then(
      (discovered) => new LogicalTarget(destination, discovered, this.#deps),
    );
    const entry: Entry = { target, known: null, abort, users: 0, idle: null };
    target.then(
      (known) => {
        entry.known = known;
      },
      () => {
        // A failed lookup is not remembered: the next connection asks again.
        if (this.#entries.get(name) === entry) this.#entries.delete(name);
      },
    );
    return entry;
  }

  #release(name: string, entry: Entry): void {
    if (--entry.users > 0) return;
    entry.idle = this.#clock.setTimeout(() => this.#forget(name, entry), this.#idleMs);
  }

  #forget(name: string, entry: Entry): void {
    this.#clock.clearTimeout(entry.idle);
    if (this.#entries.get(name) === entry) this.#entries.delete(name);
    entry.abort.abort(new Error(`${name} is no longer used`));
    entry.target.then(
      (target) => target.close(),
      () => {},
    );
  }
}
