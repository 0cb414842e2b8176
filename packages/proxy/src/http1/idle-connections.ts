import type { Http1ClientConnection } from './client-connection.ts';

/**
 * Connections that wait for their next request, by key; the one used last comes out first. Those idle too
 * long are closed by one timer for all.
 */
export class IdleConnections {
  readonly #timeoutMs: number;
  readonly #max: number;
  readonly #stacks = new Map<string, Http1ClientConnection[]>();
  #timer: NodeJS.Timeout | null = null;
  #count = 0;

  constructor(timeoutMs: number, max: number) {
    this.#timeoutMs = timeoutMs;
    this.#max = max;
  }

  get count(): number {
    return this.#count;
  }

  take(key: string): Http1ClientConnection | null {
    const stack = this.#stacks.get(key);
    while (stack !== undefined && stack.length > 0) {
      const connection = stack.pop();
      this.#count--;
      if (connection?.usable) return connection;
    }
    return null;
  }

  /** False when there are too many already. */
  add(connection: Http1ClientConnection): boolean {
    if (this.#count >= this.#max) return false;
    connection.idleSince = performance.now();
    const stack = this.#stacks.get(connection.key);
    if (stack === undefined) this.#stacks.set(connection.key, [connection]);
    else stack.push(connection);
    this.#count++;
    if (this.#timer === null) this.#schedule(this.#timeoutMs);
    return true;
  }

  remove(connection: Http1ClientConnection): void {
    const stack = this.#stacks.get(connection.key);
    const at = stack === undefined ? -1 : stack.lastIndexOf(connection);
    if (at === -1) return;
    stack?.splice(at, 1);
    this.#count--;
  }

  /** Closes them all. */
  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const stacks = [...this.#stacks.values()];
    this.#stacks.clear();
    this.#count = 0;
    for (const stack of stacks) for (const connection of stack) connection.destroy();
  }

  /** A stack is ordered by age, the oldest first. Empty ones go, so that keys do not pile up. */
  #sweep(): void {
    this.#timer = null;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    const expired: Http1ClientConnection[] = [];
    for (const [key, stack] of this.#stacks) {
      let old = 0;
      while (old < stack.length && stack[old].idleSince + this.#timeoutMs <= now) old++;
      expired.push(...stack.splice(0, old));
      if (stack.length === 0) this.#stacks.delete(key);
      else next = Math.min(next, stack[0].idleSince + this.#timeoutMs - now);
    }
    this.#count -= expired.length;
    if (this.#stacks.size > 0) this.#schedule(next);
    for (const connection of expired) connection.destroy();
  }

  #schedule(delay: number): void {
    this.#timer = setTimeout(() => this.#sweep(), Math.ceil(delay));
    this.#timer.unref();
  }
}
