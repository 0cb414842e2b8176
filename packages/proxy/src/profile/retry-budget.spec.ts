import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../balance/balancer.builder.ts';
import { RetryBudget } from './retry-budget.ts';

function budget(ratio: number, minRetriesPerSecond: number, ttlMs = 10_000) {
  const clock = new FakeClock();
  const bucket = new RetryBudget({ ratio, minRetriesPerSecond, ttlMs }, () => clock.now());
  const withdrawals = (): number => {
    let count = 0;
    while (count < 1000 && bucket.withdraw()) count++;
    return count;
  };
  return { clock, bucket, withdrawals };
}

describe('a retry budget', () => {
  it('has a reserve for every second of its time', () => {
    const { withdrawals } = budget(0, 2);
    expect(withdrawals()).toBe(20);
    expect(withdrawals()).toBe(0);
  });

  it('earns a share of a retry with every request', () => {
    const { bucket, withdrawals } = budget(0.2, 0);
    for (let i = 0; i < 9; i++) bucket.deposit();
    expect(withdrawals()).toBe(1);
    bucket.deposit();
    expect(withdrawals()).toBe(1);
  });

  it('may earn several', () => {
    const { bucket, withdrawals } = budget(3, 0);
    bucket.deposit();
    expect(withdrawals()).toBe(3);
  });

  it('forgets what it earned and what it spent after its time', () => {
    const { clock, bucket, withdrawals } = budget(1, 1);
    bucket.deposit();
    clock.advance(9999);
    expect(withdrawals()).toBe(11);
    clock.advance(9000);
    expect(withdrawals()).toBe(0);
    clock.advance(2000);
    expect(withdrawals()).toBe(10);
  });

  it('forgets by tenths', () => {
    const { clock, bucket, withdrawals } = budget(1, 0);
    bucket.deposit();
    clock.advance(5000);
    bucket.deposit();
    clock.advance(6500);
    expect(withdrawals()).toBe(1);
  });
});
