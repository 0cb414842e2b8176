import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { Gcra } from '@weft/policy';
import fc from 'fast-check';
import { SharedBuckets, sharedBucketsMemory } from './shared-buckets.ts';

const threads = () => {
  const memory = sharedBucketsMemory();
  return [new SharedBuckets(memory), new SharedBuckets(memory)] as const;
};

/** One bucket, kept in the plainest way. */
function plainBucket(rate: number) {
  const gcra = new Gcra(rate);
  let fullAt = Number.NEGATIVE_INFINITY;
  return (now: number): boolean => {
    const next = gcra.take(fullAt, now);
    if (next !== null) fullAt = next;
    return next !== null;
  };
}

describe('a bucket that threads share', () => {
  it('is one bucket, whoever takes from it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.tuple(fc.boolean(), fc.double({ min: 0, max: 300, noNaN: true })), { maxLength: 200 }),
        (rate, steps) => {
          const buckets = threads().map((each) => each.bucket('web total', rate));
          const plain = plainBucket(rate);
          let now = 1000;
          for (const [other, pause] of steps) {
            now += pause;
            expect(buckets[other ? 1 : 0].take(now)).toBe(plain(now));
          }
        },
      ),
    );
  });

  it('is another for every name and every rate', () => {
    const [a, b] = threads();
    expect(a.bucket('x', 1).take(0)).toBe(true);
    expect(b.bucket('x', 1).take(0)).toBe(false);
    expect(b.bucket('y', 1).take(0)).toBe(true);
    expect(b.bucket('x', 2).take(0)).toBe(true);
  });

  it('says when it is full', () => {
    const [a, b] = threads();
    const bucket = a.bucket('x', 1);
    expect(bucket.isFull(0)).toBe(true);
    b.bucket('x', 1).take(0);
    expect([bucket.isFull(999), bucket.isFull(1000)]).toEqual([false, true]);
  });

  it('is kept among very many others, as long as it is not full', () => {
    const [a, b] = threads();
    const kept = Array.from({ length: 500 }, (_, i) => `kept ${i}`);
    for (const name of kept) a.bucket(name, 1).take(5000);
    // These are full again when the next comes.
    for (let i = 0; i < 40_000; i++) b.bucket(`passing ${i}`, 1000).take(5001 + i / 100);
    expect(kept.filter((name) => a.bucket(name, 1).take(5500))).toEqual([]);
  });

  it('gives out no token twice when threads take at the same moment', async () => {
    const memory = sharedBucketsMemory();
    const tries = 3000;
    const names = 40;
    const rate = 60;
    // The program of the workers is source text, whose import needs the types to be taken off.
    const source = `
      import { parentPort, workerData } from 'node:worker_threads';
      const { SharedBuckets } = await import(workerData.module);
      const { memory, names, rate, start, tries } = workerData;
      const shared = new SharedBuckets(memory);
      const gate = new Int32Array(start);
      Atomics.wait(gate, 0, 0);
      let taken = 0;
      for (let i = 0; i < tries; i++) if (shared.bucket('b' + (i % names), rate).take(7)) taken++;
      parentPort.postMessage(taken);`;
    const start = new SharedArrayBuffer(4);
    const workerData = {
      memory,
      names,
      rate,
      start,
      tries,
      module: new URL('./shared-buckets.ts', import.meta.url).href,
    };
    const program = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
    const workers = Array.from({ length: 3 }, () => new Worker(program, { workerData, execArgv: [] }));
    const answers = workers.map(
      (worker) => new Promise<number>((resolve) => worker.once('message', resolve)),
    );
    await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('online', resolve))));
    await new Promise((resolve) => setTimeout(resolve, 200));
    Atomics.store(new Int32Array(start), 0, 1);
    Atomics.notify(new Int32Array(start), 0);
    const taken = (await Promise.all(answers)).reduce((sum, count) => sum + count, 0);
    expect(taken).toBe(names * rate);
  });
});
