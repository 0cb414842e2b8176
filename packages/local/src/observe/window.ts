import { type EdgeCounts, noCounts } from './edge.ts';
import { bucketsSince } from './histogram.ts';
import type { LedgerEntry } from './traffic-ledger.ts';

interface Reading {
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number;
  readonly counts: ReadonlyMap<string, EdgeCounts>;
}

const keyText = (entry: LedgerEntry) => JSON.stringify(entry.key);

/** The latest seconds of the ledger, for rates and latencies of now rather than of always. */
export class Window {
  readonly #lengthMs: number;
  readonly #readings: Reading[] = [];

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** Takes a reading and answers with what was counted within the window, and its length in seconds. */
  advance(entries: readonly LedgerEntry[], at: number): { entries: readonly LedgerEntry[]; seconds: number } {
    const oldest = this.#readings[0] ?? { at, counts: new Map() };
    this.#readings.push({ at, counts: new Map(entries.map((entry) => [keyText(entry), entry.counts])) });
    while (this.#readings.length > 1 && at - this.#readings[0]!.at > this.#lengthMs) this.#readings.shift();
    return {
      seconds: Math.max(0.001, (at - oldest.at) / 1000),
      entries: entries.map((entry) => ({
        ...entry,
        counts: difference(entry.counts, oldest.counts.get(keyText(entry)) ?? noCounts),
      })),
    };
  }
}

function difference(now: EdgeCounts, before: EdgeCounts): EdgeCounts {
  return {
    requests: now.requests - before.requests,
    successes: now.successes - before.successes,
    failures: now.failures - before.failures,
    connections: now.connections - before.connections,
    latency: bucketsSince(now.latency, before.latency),
  };
}
