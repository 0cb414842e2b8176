import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { balancedBackend, httpPolicy, profileOf } from '../outbound.builder.ts';
import { ReplayBench } from './replay.builder.ts';

/** More of them take minutes. */
const numRuns = Number(process.env.WEFT_PROPERTY_RUNS ?? 300);
jest.setTimeout(5000 + 20 * numRuns);

/** Bytes of body that the policy keeps. */
const kept = 64;
const maxRetries = 3;

const policy = httpPolicy(balancedBackend('orders.shop.svc.cluster.local:80'), {
  retry: {
    maxRetries,
    maxRequestBytes: kept,
    statuses: [{ start: 500, end: 599 }],
    grpcCodes: new Set(),
    timeoutMs: 400,
    backoff: { minMs: 25, maxMs: 100, jitter: 0, respectRetryAfter: false },
  },
});

const profile = profileOf({
  routes: [
    {
      condition: { kind: 'all', of: [] },
      responseClasses: [],
      labels: new Map(),
      retryable: true,
      timeoutMs: null,
    },
  ],
  retryBudget: { ratio: 0, minRetriesPerSecond: maxRetries, ttlMs: 1000 },
});

type Step = (bench: ReplayBench) => void | Promise<void>;

/** Something that happens, and what it is called in a counterexample. */
function named(name: string, step: Step): Step {
  return Object.assign(step, { [fc.toStringMethod]: () => name });
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 30 }).map((n) => named(`chunk ${n}`, (b) => b.chunk(n))),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<string[] | null>(null, ['x-sum', '1'])
      .map((trailers) => named(`end ${trailers}`, (b) => b.end(trailers))),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(200, 503, 503), fc.boolean())
      .map(([status, complete]) => named(`answer ${status} ${complete}`, (b) => b.answer(status, complete))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(3), fc.boolean())
      .map(([which, ends]) => named(`go on ${which} ${ends}`, (b) => b.goOn(which, ends))),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(7, 8, 11)
      .map((code) => named(`reset ${code}`, (b) => b.breakOff({ kind: 'reset', code }))),
  },
  {
    weight: 1,
    arbitrary: fc.constant(named('break', (b) => b.breakOff({ kind: 'io', error: new Error('ECONNRESET') }))),
  },
  { weight: 3, arbitrary: fc.boolean().map((yes) => named(`stall ${yes}`, (b) => b.stall(yes))) },
  { weight: 2, arbitrary: fc.boolean().map((yes) => named(`ready ${yes}`, (b) => b.ready(yes))) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(0, 25, 50, 400, 3000)
      .map((ms) => named(`wait ${ms}`, (b) => b.world.clock.advance(ms))),
  },
  { weight: 4, arbitrary: fc.constant(named('turn', (b) => b.turn())) },
  { weight: 1, arbitrary: fc.constant(named('cancel', (b) => b.cancel())) },
);

/** What holds at any time. */
function check(bench: ReplayBench): void {
  const { attempts } = bench.endpoint;
  expect(attempts.length).toBeLessThanOrEqual(1 + maxRetries);
  for (const attempt of attempts) {
    expect(attempt.offence).toBeNull();
    // Nothing is lost, doubled or out of order; an attempt that was completed had all of it.
    expect(bench.sent.startsWith(attempt.body)).toBe(true);
    if (attempt.ended) {
      expect(bench.ended).toBe(true);
      expect(attempt.body).toBe(bench.sent);
      expect(attempt.trailers).toEqual(bench.trailers);
    }
  }
  // Who is sent again does not wait for the answer of before.
  expect(attempts.filter(({ answered, over }) => !answered && !over).length).toBeLessThanOrEqual(1);
  expect(bench.downstream.answers).toBeLessThanOrEqual(1);
}

/** Nothing hinders any more: the request comes to its end, and the application hears how. */
async function finish(bench: ReplayBench): Promise<void> {
  bench.stall(false);
  bench.ready(true);
  await bench.turn();
  // Who has more to send is not held back for ever.
  if (!bench.downstream.over && !bench.cancelled && !bench.ended) expect(bench.downstream.paused).toBe(false);
  bench.end(null);
  for (let i = 0; i < 10; i++) {
    await bench.turn();
    bench.world.clock.advance(100);
    bench.answer(200, true);
    bench.goOn(bench.endpoint.attempts.filter(({ answered, over }) => answered && !over).length - 1, true);
    check(bench);
  }
}

describe('a request that may be sent again', () => {
  it.each([
    ['a policy', { policy }],
    ['a profile', { profile }],
  ])('by %s reaches each endpoint as it was sent, whatever happens in which order', async (_by, options) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const bench = new ReplayBench(options);
        for (const each of steps) {
          await each(bench);
          check(bench);
        }
        await finish(bench);
        if (!bench.cancelled) expect([bench.downstream.answers, bench.downstream.over]).toEqual([1, true]);
        const answered = bench.endpoint.last;
        if (!bench.cancelled && bench.downstream.head?.status === 200 && answered?.ended)
          expect(answered.body).toBe(bench.sent);
      }),
      { numRuns },
    );
  });

  it('keeps no more of its body than it may', async () => {
    const bench = new ReplayBench({ policy });
    await bench.turn();
    bench.chunk(kept);
    bench.chunk(1);
    bench.end(null);
    bench.answer(503, true);
    bench.world.clock.advance(1000);
    expect([bench.endpoint.attempts.length, bench.downstream.head?.status]).toEqual([1, 503]);
  });
});
