import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../balance/balancer.builder.ts';
import { Registry } from '../metrics/registry.ts';
import { TraceMetrics } from './metrics.ts';
import { spanOf } from './span.builder.ts';
import type { Span } from './span.ts';
import { SpanQueue } from './span-queue.ts';

const CAPACITY = 25;
const BATCH = 10;
const FLUSH = 10_000;

class Bench {
  readonly clock = new FakeClock();
  readonly metrics = new TraceMetrics(new Registry(0));
  readonly batches: (readonly Span[])[] = [];
  /** Ends the batch under way; batches end by themselves unless `slow`. */
  answer: () => void = () => {};
  slow = false;
  readonly queue = new SpanQueue({
    ...{ capacity: CAPACITY, batch: BATCH, flushMs: FLUSH, clock: this.clock, metrics: this.metrics },
    send: (batch) => {
      this.batches.push(batch);
      return this.slow ? new Promise((resolve) => (this.answer = resolve)) : Promise.resolve();
    },
  });

  push(count: number): void {
    for (let i = 0; i < count; i++) this.queue.push(spanOf());
  }

  get sizes(): number[] {
    return this.batches.map((batch) => batch.length);
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue of spans', () => {
  it('sends what there is after ten seconds', async () => {
    const bench = new Bench();
    bench.push(1);
    bench.clock.advance(FLUSH / 2);
    bench.push(1);
    bench.clock.advance(FLUSH / 2 - 1);
    expect(bench.sizes).toEqual([]);
    bench.clock.advance(1);
    await settled();
    expect(bench.sizes).toEqual([2]);
    bench.clock.advance(FLUSH);
    expect(bench.sizes).toEqual([2]);
  });

  it('sends a full batch at once, but not within the request that fills it', async () => {
    const bench = new Bench();
    bench.push(BATCH + 3);
    expect(bench.sizes).toEqual([]);
    bench.clock.advance(0);
    await settled();
    expect(bench.sizes).toEqual([BATCH]);
    bench.clock.advance(FLUSH);
    await settled();
    expect(bench.sizes).toEqual([BATCH, 3]);
  });

  it('sends one batch at a time, and drops what does not fit meanwhile', async () => {
    const bench = new Bench();
    bench.slow = true;
    bench.push(BATCH);
    bench.clock.advance(0);
    bench.push(CAPACITY + 5);
    bench.clock.advance(FLUSH);
    expect(bench.sizes).toEqual([BATCH]);
    expect(bench.metrics.droppedFor.full.value).toBe(5);
    bench.answer();
    await settled();
    expect(bench.sizes).toEqual([BATCH, BATCH]);
    bench.answer();
    await settled();
    bench.answer();
    await settled();
    bench.clock.advance(FLUSH);
    expect(bench.sizes).toEqual([BATCH, BATCH, BATCH, 5]);
  });

  it('sends everything at the end, after what is under way', async () => {
    const bench = new Bench();
    await bench.queue.flush();
    bench.slow = true;
    bench.push(BATCH);
    bench.clock.advance(0);
    bench.push(2);
    const flushed = bench.queue.flush();
    bench.slow = false;
    bench.answer();
    await flushed;
    expect(bench.sizes).toEqual([BATCH, 2]);
  });
});
