import { describe, expect, it } from '@jest/globals';
import { Turnstile } from './turnstile.ts';

const never = new AbortController().signal;

describe('a turnstile', () => {
  it('lets those who wait in by their turn', async () => {
    const turnstile = new Turnstile({ inside: 1, waiting: 2 });
    const order: string[] = [];
    const leaveFirst = await turnstile.enter(never);
    const [second, third] = ['second', 'third'].map(async (name) => {
      const leave = await turnstile.enter(never);
      order.push(name);
      leave?.();
    });
    expect([turnstile.inside, turnstile.waiting]).toEqual([1, 2]);
    expect(await turnstile.enter(never)).toBeUndefined();
    leaveFirst?.();
    await Promise.all([second, third]);
    expect(order).toEqual(['second', 'third']);
    expect([turnstile.inside, turnstile.waiting]).toEqual([0, 0]);
  });

  it('forgets those who give up', async () => {
    const turnstile = new Turnstile({ inside: 1, waiting: 1 });
    const leave = await turnstile.enter(never);
    const abort = new AbortController();
    const waiting = turnstile.enter(abort.signal);
    abort.abort(new Error('gave up'));
    await expect(waiting).rejects.toThrow('gave up');
    expect(turnstile.waiting).toBe(0);
    leave?.();
    expect(turnstile.inside).toBe(0);
    await expect(turnstile.enter(abort.signal)).rejects.toThrow('gave up');
  });
});
