import type { ConnectionHandler } from './connection.ts';

/** An owner that keeps what it hears, and lets a test wait for it. */
export class RecordingHandler implements ConnectionHandler {
  readonly chunks: Buffer[] = [];
  readonly events: string[] = [];
  error: Error | null = null;
  ended = false;
  drains = 0;
  closes = 0;
  #waiters: { until: () => boolean; resolve: () => void }[] = [];

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Resolves once `until` holds, which is looked at after every event. */
  when(until: (heard: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ until: () => until(this), resolve });
      this.#look();
    });
  }

  onData(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.#heard('data');
  }

  onEnd(): void {
    this.ended = true;
    this.#heard('end');
  }

  onDrain(): void {
    this.drains++;
    this.#heard('drain');
  }

  onClose(error: Error | null): void {
    this.error = error;
    this.closes++;
    this.#heard('close');
  }

  #heard(event: string): void {
    this.events.push(event);
    this.#look();
  }

  #look(): void {
    const ready = this.#waiters.filter(({ until }) => until());
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
  }
}
