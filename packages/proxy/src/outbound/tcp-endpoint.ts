import type { Endpoint } from '@weft/policy';
import type { Candidate } from '../balance/balancer.ts';
import type { PeakEwma } from '../balance/peak-ewma.ts';
import type { Connect, Connection } from '../transport/connection.ts';
import { keyOf } from './endpoint-key.ts';

/** One endpoint of opaque connections. Always ready: whether it answers shows when it is dialled. */
export class TcpEndpoint implements Candidate {
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly ready = true;
  readonly #connect: Connect;
  readonly #load: PeakEwma;
  readonly #now: () => number;

  constructor(endpoint: Endpoint, connect: Connect, load: PeakEwma, now: () => number) {
    this.key = keyOf(endpoint);
    this.endpoint = endpoint;
    this.#connect = connect;
    this.#load = load;
    this.#now = now;
  }

  /** Connections that are being made or open. */
  get pending(): number {
    return this.#load.pending;
  }

  load(now: number): number {
    return this.#load.load(now);
  }

  /** Dials; `finish` is called when the connection is over. */
  async connect(signal: AbortSignal): Promise<{ connection: Connection; finish: () => void }> {
    const startedAt = this.#now();
    this.#load.pending++;
    try {
      const connection = await this.#connect(signal);
      const now = this.#now();
      this.#load.record(now - startedAt, now);
      return { connection, finish: () => this.#load.pending-- };
    } catch (error) {
      this.#load.pending--;
      if (!signal.aborted) this.#load.recordUnreachable(this.#now());
      throw error;
    }
  }

  warm(): void {}
  close(): void {}
}
