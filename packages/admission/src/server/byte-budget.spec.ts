import { describe, expect, it } from '@jest/globals';
import { ByteBudget } from './byte-budget.ts';

const never = new AbortController().signal;

describe('a byte budget', () => {
  it('grants at once while there is room, and later in order', async () => {
    const budget = new ByteBudget(100, 10);
    const first = await budget.take(60, never);
    const order: string[] = [];
    const named = async (name: string, bytes: number) => {
      const release = await budget.take(bytes, never);
      order.push(name);
      return release;
    };
    const second = named('second', 60);
    const third = named('third', 10);
    expect(budget.waiting).toBe(2);
    first!();
    (await second)!();
    (await third)!();
    expect(order).toEqual(['second', 'third']);
    expect(budget.taken).toBe(0);
  });

  it('refuses at once when too many wait', async () => {
    const budget = new ByteBudget(1, 1);
    await budget.take(1, never);
    void budget.take(1, never);
    expect(await budget.take(1, never)).toBeUndefined();
  });

  it('lets go of a waiter that gave up, and of nothing twice', async () => {
    const budget = new ByteBudget(10, 10);
    const release = await budget.take(10, never);
    const impatient = new AbortController();
    const waiting = budget.take(10, impatient.signal);
    impatient.abort();
    expect(await waiting).toBeUndefined();
    expect(budget.waiting).toBe(0);
    release!();
    release!();
    expect(budget.taken).toBe(0);
  });

  it('lets those pass who stood behind one that gave up', async () => {
    const budget = new ByteBudget(10, 10);
    await budget.take(5, never);
    const impatient = new AbortController();
    void budget.take(10, impatient.signal);
    const small = budget.take(5, never);
    impatient.abort();
    expect(await small).toBeDefined();
  });

  it('counts more than all there is as all there is', async () => {
    const budget = new ByteBudget(10, 10);
    await budget.take(1000, never);
    expect(budget.taken).toBe(10);
  });
});
