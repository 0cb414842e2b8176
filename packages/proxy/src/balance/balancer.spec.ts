import { describe, expect, it } from '@jest/globals';
import { balancerOf, FakeClock, FakeEndpoint, RecordingWaiter } from './balancer.builder.ts';
import { pickTwo } from './p2c.ts';
import { PeakEwma } from './peak-ewma.ts';
import { PenalizedEwma } from './penalized-ewma.ts';

describe('power of two choices', () => {
  const ends = (...weights: number[]) => weights.map((w, i) => new FakeEndpoint(`e${i}`, true, w));
  const rolls =
    (...values: number[]) =>
    () =>
      values.shift() ?? 0;

  it('takes the less loaded of two different candidates', () => {
    expect(pickTwo(ends(5, 1, 3), 0, rolls(0, 0))?.key).toBe('e1');
    expect(pickTwo(ends(5, 1, 3), 0, rolls(0, 0.99))?.key).toBe('e2');
  });

  it('keeps the first drawn at a tie', () => {
    expect(pickTwo(ends(1, 1), 0, rolls(0.6, 0))?.key).toBe('e1');
  });

  it('takes the only one, and none of none', () => {
    expect(pickTwo(ends(9), 0, rolls())?.key).toBe('e0');
    expect(pickTwo([], 0, rolls())).toBeNull();
  });
});

describe('peak EWMA', () => {
  it('jumps to a slower sample and only decays to a faster one', () => {
    const load = new PeakEwma(30, 10_000, 0);
    load.record(100, 0);
    expect(load.load(0)).toBeCloseTo(100);
    load.record(10, 10_000);
    expect(load.load(10_000)).toBeCloseTo(100 * Math.exp(-1) + 10 * (1 - Math.exp(-1)));
  });

  it('takes an endpoint that could not be reached for a slow one, not for a fast one', () => {
    const load = new PeakEwma(30, 10_000, 0);
    load.recordUnreachable(0);
    expect(load.load(0)).toBe(1000);
    load.record(5000, 0);
    load.recordUnreachable(0);
    expect(load.load(0)).toBe(5000);
  });

  it('multiplies by the requests under way', () => {
    const load = new PeakEwma(30, 10_000, 0);
    load.pending = 2;
    expect(load.load(0)).toBe(90);
  });
});

describe('peak EWMA with penalties', () => {
  const options = {
    defaultRttMs: 30,
    decayMs: 10_000,
    penaltyMs: 5000,
    penaltyDecayMs: 20_000,
    maxRetryAfterMs: 60_000,
  };

  it('weighs a failure as a slow answer, however fast it was', () => {
    const load = new PenalizedEwma(options, 0);
    load.record(1, 0);
    load.penalize(0, 0);
    expect(load.load(0)).toBe(5000);
    load.record(1, 100);
    expect(load.load(20_000)).toBeCloseTo(5000 * Math.exp(-1));
  });

  it('weighs it by how long the endpoint asked to be left alone, up to a bound', () => {
    const load = new PenalizedEwma(options, 0);
    load.penalize(30_000, 0);
    expect(load.load(0)).toBe(30_000);
    load.penalize(10_000, 0);
    expect(load.load(0)).toBe(30_000);
    load.penalize(3_600_000, 0);
    expect(load.load(0)).toBe(60_000);
  });

  it('is an ordinary load without failures', () => {
    const load = new PenalizedEwma(options, 0);
    load.pending = 2;
    expect(load.load(0)).toBe(90);
  });
});

describe('a balancer', () => {
  it('gives an endpoint at once while one is ready', () => {
    const balancer = balancerOf([new FakeEndpoint('a')], new FakeClock());
    expect(balancer.acquire(new RecordingWaiter())).toMatchObject({
      kind: 'endpoint',
      endpoint: { key: 'a' },
    });
  });

  it('queues while none is ready and serves the queue when one becomes ready', () => {
    const a = new FakeEndpoint('a', false);
    const balancer = balancerOf([a], new FakeClock());
    const waiter = new RecordingWaiter();
    expect(balancer.acquire(waiter).kind).toBe('queued');
    a.ready = true;
    balancer.changed();
    expect(waiter.got).toEqual(['a']);
  });

  it('fails everything queued after the fail-fast timeout, then refuses until one is ready', () => {
    const clock = new FakeClock();
    const a = new FakeEndpoint('a', false);
    const balancer = balancerOf([a], clock);
    const waiters = [new RecordingWaiter(), new RecordingWaiter()];
    for (const waiter of waiters) balancer.acquire(waiter);
    clock.advance(3000);
    expect(waiters.map((w) => w.failed)).toEqual([1, 1]);
    expect(balancer.acquire(new RecordingWaiter()).kind).toBe('shut');
    a.ready = true;
    balancer.changed();
    expect(balancer.acquire(new RecordingWaiter()).kind).toBe('endpoint');
  });

  it('does not fail those who were served before the timeout', () => {
    const clock = new FakeClock();
    const a = new FakeEndpoint('a', false);
    const balancer = balancerOf([a], clock);
    const waiter = new RecordingWaiter();
    balancer.acquire(waiter);
    a.ready = true;
    balancer.changed();
    clock.advance(10_000);
    expect(waiter).toMatchObject({ got: ['a'], failed: 0 });
    expect(balancer.gate).toBe('open');
  });

  it('sheds what exceeds the queue', () => {
    const balancer = balancerOf([], new FakeClock(), { queueCapacity: 1 });
    balancer.acquire(new RecordingWaiter());
    expect(balancer.acquire(new RecordingWaiter()).kind).toBe('full');
  });

  it('tells who waits and who comes when there will never be an endpoint', () => {
    const clock = new FakeClock();
    const balancer = balancerOf([], clock);
    const waiter = new RecordingWaiter();
    balancer.acquire(waiter);
    balancer.fail('no such service');
    expect(waiter).toMatchObject({ got: ['no such service'], failed: 0 });
    clock.advance(3000);
    expect(balancer.acquire(new RecordingWaiter())).toEqual({ kind: 'failed', reason: 'no such service' });
  });

  it('uses the endpoints it has when there will never be others', () => {
    const balancer = balancerOf([new FakeEndpoint('a')], new FakeClock());
    balancer.fail('no such service');
    expect(balancer.acquire(new RecordingWaiter()).kind).toBe('endpoint');
  });

  it('forgets who cancelled', () => {
    const clock = new FakeClock();
    const balancer = balancerOf([], clock);
    const waiter = new RecordingWaiter();
    balancer.acquire(waiter);
    balancer.cancel(waiter);
    clock.advance(3000);
    expect(waiter.failed).toBe(0);
  });

  it('closes an endpoint that is removed or replaced, and no other', () => {
    const [a, b, again] = [new FakeEndpoint('a'), new FakeEndpoint('b'), new FakeEndpoint('a')];
    const balancer = balancerOf([a, b], new FakeClock());
    balancer.add(again);
    balancer.remove('b');
    expect([a.closed, b.closed, again.closed]).toEqual([true, true, false]);
    expect(balancer.readyCount).toBe(1);
  });

  it('passes over an endpoint that lost readiness without saying so', () => {
    const [a, b] = [new FakeEndpoint('a'), new FakeEndpoint('b', true, 5)];
    const balancer = balancerOf([a, b], new FakeClock());
    a.ready = false;
    expect(balancer.acquire(new RecordingWaiter())).toMatchObject({ endpoint: { key: 'b' } });
  });
});
