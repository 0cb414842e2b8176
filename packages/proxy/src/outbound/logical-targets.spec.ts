import { describe, expect, it } from '@jest/globals';
import { ProfileRouteMetrics } from '../profile/metrics.ts';
import { BackendsBench } from './backends.builder.ts';
import { LogicalTargets } from './logical-targets.ts';
import { OutboundMetrics } from './metrics.ts';
import { backendAt, FakeDiscovered, httpPolicy } from './outbound.builder.ts';
import type { HeldDiscovered } from './ports.ts';

const orders = { kind: 'address', ip: '10.0.0.1', port: 80 } as const;
const mail = { kind: 'address', ip: '10.0.0.2', port: 25 } as const;

interface Asked {
  readonly destination: unknown;
  readonly signal: AbortSignal;
  answer(discovered: HeldDiscovered): void;
  refuse(error: Error): void;
}

class Fixture {
  readonly asked: Asked[] = [];
  readonly bench = new BackendsBench();
  readonly targets: LogicalTargets;

  constructor() {
    const { backends, clock, registry } = this.bench;
    const deps = {
      backends,
      metrics: new OutboundMetrics(registry),
      profileRoutes: new ProfileRouteMetrics(registry),
      now: () => clock.now(),
    };
    this.targets = new LogicalTargets(
      (destination, signal) =>
        new Promise((resolve, reject) => {
          this.asked.push({ destination, signal, answer: resolve, refuse: reject });
        }),
      deps,
      5000,
      clock,
    );
  }
}

const discovered = () => new FakeDiscovered(httpPolicy(backendAt({ ip: '10.1.0.1', port: 80 })));

describe('a destination', () => {
  it('is asked about once, for all connections to it, also those that come before the answer', async () => {
    const { asked, targets } = new Fixture();
    const leases = [targets.acquire(orders), targets.acquire(orders)];
    expect(leases[0].known).toBeNull();
    expect(asked).toHaveLength(1);
    expect(asked[0].destination).toEqual(orders);
    asked[0].answer(discovered());
    const found = await Promise.all(leases.map(({ target }) => target));
    expect(found[0]).toBe(found[1]);
    expect(found[0]).toMatchObject({ name: '10.0.0.1:80' });
    const later = targets.acquire(orders);
    expect(later.known).toBe(found[0]);
    expect(asked).toHaveLength(1);
    targets.acquire(mail);
    expect(asked).toHaveLength(2);
  });

  it('is in use, known or not', async () => {
    const { asked, targets } = new Fixture();
    const lease = targets.acquire(orders);
    expect([...targets.inUse()]).toEqual([{ name: '10.0.0.1:80', users: 1, target: null }]);
    asked[0].answer(discovered());
    const target = await lease.target;
    lease.release();
    expect([...targets.inUse()]).toEqual([{ name: '10.0.0.1:80', users: 0, target }]);
  });

  it('is forgotten some time after its last connection, and not before', async () => {
    const { asked, bench, targets } = new Fixture();
    const answer = discovered();
    const [first, second] = [targets.acquire(orders), targets.acquire(orders)];
    asked[0].answer(answer);
    await first.target;
    first.release();
    bench.clock.advance(60_000);
    expect(asked[0].signal.aborted).toBe(false);
    second.release();
    bench.clock.advance(4999);
    expect(asked[0].signal.aborted).toBe(false);
    bench.clock.advance(1);
    expect(asked[0].signal.aborted).toBe(true);
    await Promise.resolve();
    expect(answer.released).toBe(true);
    targets.acquire(orders);
    expect(asked).toHaveLength(2);
  });

  it('that is used again in time stays', async () => {
    const { asked, bench, targets } = new Fixture();
    const first = targets.acquire(orders);
    asked[0].answer(discovered());
    const found = await first.target;
    first.release();
    bench.clock.advance(4000);
    expect(targets.acquire(orders).known).toBe(found);
    bench.clock.advance(60_000);
    expect(asked[0].signal.aborted).toBe(false);
  });

  it('that cannot be served is told to all who wait, and asked about again by the next', async () => {
    const { asked, bench, targets } = new Fixture();
    const waiting = [targets.acquire(orders), targets.acquire(orders)];
    asked[0].refuse(new Error('the policy service refused: no such address'));
    for (const { target } of waiting) await expect(target).rejects.toThrow('no such address');
    const next = targets.acquire(orders);
    expect(asked).toHaveLength(2);
    // The end of the first attempt must not take the second one with it.
    for (const lease of waiting) lease.release();
    bench.clock.advance(60_000);
    expect(asked[1].signal.aborted).toBe(false);
    asked[1].answer(discovered());
    await expect(next.target).resolves.toMatchObject({ name: '10.0.0.1:80' });
  });

  it('that nobody waits for any more is not asked about for ever', () => {
    const { asked, bench, targets } = new Fixture();
    targets.acquire(orders).release();
    bench.clock.advance(5000);
    expect(asked[0].signal.aborted).toBe(true);
  });

  it('is let go of with all others at the end', async () => {
    const { asked, targets } = new Fixture();
    const answer = discovered();
    const lease = targets.acquire(orders);
    targets.acquire(mail);
    asked[0].answer(answer);
    await lease.target;
    targets.close();
    await Promise.resolve();
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(answer.released).toBe(true);
  });
});
